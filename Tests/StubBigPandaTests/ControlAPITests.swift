import GatewayTesting
import JSON
import Testing

@testable import StubBigPanda

@Suite struct ControlAPITests {
    @Test func `an incident is created as asked for`() async throws {
        try await StubFixture.run { stub in
            let created = try await stub.control(
                "POST", "incidents",
                """
                {"id":"i1","title":"T","status":"warning","severity":"critical","flapping":true,
                 "snoozed":true,"tags":{"a":"b","n":7},"environment_id":"\(StubFixture.staging)",
                 "share":false}
                """, expecting: 201)
            #expect(created["id"]?.string == "i1")
            #expect(created["title"]?.string == "T")
            #expect(created["status"]?.string == "warning")
            #expect(created["severity"]?.string == "critical")
            #expect(created["flapping"]?.bool == true)
            #expect(created["snoozed"]?.bool == true)
            #expect(created["tags"] == ["a": "b", "n": "7"])
            #expect(created["environment_id"]?.string == StubFixture.staging)
            #expect(created["shared"]?.bool == false)
            #expect(try await stub.control("GET", "incidents/i1") == created)
            #expect(try await stub.control("GET", "incidents")["items"] == [created])
            #expect(stub.receiver.webhooks.isEmpty)
            _ = try await stub.control("POST", "incidents", "{\"id\":\"i1\"}", expecting: 409)
        }
    }

    @Test func `an id is made up when none is given`() async throws {
        try await StubFixture.run { stub in
            let (first, second) = (try await stub.create(), try await stub.create())
            for id in [first, second] {
                #expect(id.utf8.count == 24)
                #expect(id.allSatisfy { $0.isHexDigit })
            }
            #expect(first != second)
        }
    }

    @Test func `a life is told event by event`() async throws {
        try await StubFixture.run { stub in
            let id = try await stub.create()
            _ = try await stub.control("PATCH", "incidents/\(id)", "{\"status\":\"warning\"}")
            #expect(
                try await stub.control("POST", "incidents/\(id)/close")["active"]?.bool == false)
            #expect(
                try await stub.control("POST", "incidents/\(id)/reopen")["active"]?.bool == true)
            _ = try await stub.control("PATCH", "incidents/\(id)", "{\"flapping\":true}")
            try await stub.waitForWebhooks(5)
            #expect(
                stub.receiver.events == [
                    "incident#new", "incident#updated", "incident#closed", "incident#reopen",
                    "incident#updated",
                ])
            let incidents = stub.receiver.webhooks.map { $0.json["incident"] }
            #expect(
                incidents.map { $0?["status"]?.string } == [
                    "critical", "warning", "ok", "critical", "critical",
                ])
            #expect(incidents.map { $0?["active"]?.bool } == [true, true, false, true, true])
            #expect(incidents.map { $0?["resolved"]?.bool } == [false, false, true, false, false])
            #expect(incidents[2]?["endedOn"]?.int64 != nil)
            #expect(incidents[3]?["endedOn"]?.isNull == true)
            #expect(incidents[4]?["flapping"]?.bool == true)
            let times = incidents.compactMap { $0?["changedOn"]?.int64 }
            #expect(times.count == 5 && times == times.sorted())
        }
    }

    @Test func `an update to ok closes`() async throws {
        try await StubFixture.run { stub in
            let id = try await stub.create()
            let changed = try await stub.control("PATCH", "incidents/\(id)", "{\"status\":\"ok\"}")
            #expect(changed["active"]?.bool == false)
            #expect(changed["severity"]?.string == "critical")
        }
    }

    @Test func `what is not shared is not told`() async throws {
        try await StubFixture.run { stub in
            let id = try await stub.create("{\"share\":false}")
            let quiet = "{\"share\":false}"
            _ = try await stub.control("PATCH", "incidents/\(id)", quiet)
            _ = try await stub.control("POST", "incidents/\(id)/close", quiet)
            _ = try await stub.control("POST", "incidents/\(id)/reopen", quiet)
            _ = try await stub.resolve(id)
            #expect(try await stub.isActive(id) == false)
            let other = try await stub.create()
            try await stub.waitForWebhooks(1)
            #expect(stub.receiver.webhooks.map(\.incidentID) == [other])
        }
    }

    @Test func `a deleted incident is gone`() async throws {
        try await StubFixture.run { stub in
            let id = try await stub.create()
            _ = try await stub.control("DELETE", "incidents/\(id)", expecting: 204)
            #expect(try await stub.vendor("GET", stub.path(id)).statusCode == 404)
            #expect(try await stub.resolve(id).statusCode == 404)
            for (method, path) in [
                ("GET", ""), ("PATCH", ""), ("DELETE", ""), ("POST", "/close"), ("POST", "/reopen"),
            ] {
                _ = try await stub.control(method, "incidents/\(id)\(path)", expecting: 404)
            }
        }
    }

    @Test func `environments can be replaced`() async throws {
        try await StubFixture.run { stub in
            _ = try await stub.control("PUT", "environments", "[{\"id\":\"e1\",\"name\":\"E\"}]")
            let reply = try await stub.vendor("GET", "environments")
            #expect(try reply.json == [["id": "e1", "name": "E", "filter": ""]])
            let id = try await stub.create()
            #expect(
                try await stub.vendor("GET", stub.path(id, environment: "e1")).statusCode == 200)
            for body in ["{}", "[{}]", "[7]", "[{\"id\":\"\"}]", "["] {
                _ = try await stub.control("PUT", "environments", body, expecting: 400)
            }
        }
    }

    @Test(arguments: [
        "{\"status\":\"bad\"}", "{\"title\":7}", "{\"share\":\"yes\"}", "{\"tags\":[]}",
        "{\"environment_id\":\"nowhere\"}", "{\"id\":\"\"}", "[]", "{",
    ])
    func `an incident that makes no sense is refused`(_ body: String) async throws {
        try await StubFixture.run { stub in
            let answer = try await stub.control("POST", "incidents", body, expecting: 400)
            #expect(answer["status"]?.int64 == 400)
            #expect(answer["errors"]?[0]?.string != nil)
            #expect(try await stub.control("GET", "incidents")["items"] == [])
        }
    }

    @Test func `settings are changed one by one`() async throws {
        try await StubFixture.run { stub in
            let settings = try await stub.control("PUT", "settings", "{\"echo\":false}")
            #expect(settings == ["apply_delay_ms": 0, "rate_per_second": 0, "echo": false])
            #expect(try await stub.control("GET", "settings") == settings)
            let id = try await stub.create()
            _ = try await stub.resolve(id)
            #expect(try await stub.isActive(id) == false)
            _ = try await stub.control("PUT", "settings", "{\"apply_delay_ms\":-1}", expecting: 400)
            try await stub.waitForWebhooks(1)
            #expect(stub.receiver.events == ["incident#new"])
        }
    }

    @Test func `an unknown route is 404`() async throws {
        try await StubFixture.run { stub in
            _ = try await stub.control("GET", "nothing", expecting: 404)
            _ = try await stub.control("GET", "deliveries/x/y/z", expecting: 404)
        }
    }

    @Test(arguments: ["ftp://x", "example.org", "http://a b", "https://a\r\nX: y"])
    func `a callback that is no web address is refused`(_ url: String) async throws {
        try await LoopFixture.run {
            do throws(StubServer.StartError) {
                _ = try StubServer(.init(callbackURL: url)) { _, _ in 200 }
                Issue.record("the callback was taken")
            } catch {
                #expect(error == .badCallback)
            }
        }
    }
}
