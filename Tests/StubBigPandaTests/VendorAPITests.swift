import JSON
import Testing

@Suite struct VendorAPITests {
    @Test func `environments are a bare array`() async throws {
        try await StubFixture.run { stub in
            let reply = try await stub.vendor("GET", "environments")
            #expect(reply.statusCode == 200)
            #expect(reply.field("content-type") == "application/json")
            let json = try reply.json
            #expect(json.array?.count == 2)
            #expect(json[0]?["id"]?.string == StubFixture.production)
            #expect(json[0]?["name"]?.string == "Production")
            let one = try await stub.vendor("GET", "environments/\(StubFixture.staging)")
            #expect(try one.json["name"]?.string == "Staging")
        }
    }

    @Test func `a key decides who may`() async throws {
        try await StubFixture.run { stub in
            let cases: [(String?, Int)] = [
                (StubFixture.key, 200), ("BPU-forbidden-key", 403), ("BPU-other", 401), (nil, 401),
                ("", 401),
            ]
            for (key, statusCode) in cases {
                for path in ["environments", stub.path("x"), "incidents/x/activities", "nowhere"] {
                    let reply = try await stub.vendor("GET", path, key: key)
                    let expected =
                        statusCode == 200 && path != "environments" ? 404 : statusCode
                    #expect(reply.statusCode == expected, "\(key ?? "none") \(path)")
                    if expected != 200 {
                        let json = try reply.json
                        #expect(json["status"]?.int64 == Int64(expected))
                        #expect(json["errors"]?[0]?.string != nil)
                    }
                }
            }
            _ = try await stub.control("PUT", "keys", "{\"good\":[\"new\"],\"forbidden\":[]}")
            #expect(try await stub.vendor("GET", "environments", key: "new").statusCode == 200)
            #expect(try await stub.vendor("GET", "environments").statusCode == 401)
            let keys = try await stub.control("GET", "keys")
            #expect(keys == ["good": ["new"], "forbidden": []])
        }
    }

    @Test func `an incident has the members of the v2 API`() async throws {
        try await StubFixture.run { stub in
            let id = try await stub.create("{\"status\":\"warning\",\"title\":\"Disk full\"}")
            let json = try await stub.vendor("GET", stub.path(id)).json
            #expect(json["id"]?.string == id)
            #expect(json["status"]?.string == "Warning")
            #expect(json["active"]?.bool == true)
            #expect(json["start"]?.int64 == json["changed_at"]?.int64)
            #expect(json["end"]?.isNull == true)
            #expect(json["environments"] == [.string(StubFixture.production)])
            #expect(json["snooze"]?["snoozed"]?.bool == false)
            #expect(json["alerts"]?[0]?["alert_id"]?.string != nil)
            let expanded = try await stub.vendor("GET", "\(stub.path(id))?expand=alerts").json
            #expect(expanded["alerts"]?[0]?["description"]?.string == "Disk full")
        }
    }

    @Test func `an incident is found in its own environment only`() async throws {
        try await StubFixture.run { stub in
            let id = try await stub.create("{\"environment_id\":\"\(StubFixture.staging)\"}")
            let elsewhere = stub.path(id, environment: StubFixture.production)
            let here = stub.path(id, environment: StubFixture.staging)
            #expect(try await stub.vendor("GET", elsewhere).statusCode == 404)
            #expect(try await stub.vendor("GET", here).statusCode == 200)
            let body = "{\"comments\":\"x\"}"
            #expect(try await stub.vendor("POST", "\(elsewhere)/resolve", body).statusCode == 404)
            #expect(try await stub.vendor("POST", "\(here)/resolve", body).statusCode == 202)
        }
    }

    @Test func `a resolve is accepted first and carried out later`() async throws {
        let slow = "{\"apply_delay_ms\":80,\"rate_per_second\":0}"
        try await StubFixture.run(settings: slow) { stub in
            let id = try await stub.create()
            let reply = try await stub.resolve(id)
            #expect(reply.statusCode == 202)
            #expect(try reply.json == ["status": 202, "data": [:]])
            #expect(try await stub.isActive(id) == true)
            try await stub.waitForWebhooks(2)
            #expect(stub.receiver.events == ["incident#new", "incident#closed"])
            #expect(try await stub.isActive(id) == false)
            let incident = try await stub.vendor("GET", stub.path(id)).json
            #expect(incident["status"]?.string == "Ok")
            #expect(incident["severity"]?.string == "Critical")
            #expect(incident["end"]?.int64 != nil)
            #expect(try await stub.resolve(id).statusCode == 409)
        }
    }

    @Test func `a resolve needs comments, an incident and a body that is JSON`() async throws {
        try await StubFixture.run { stub in
            let id = try await stub.create()
            for body in ["", "{}", "{\"comment\":\"x\"}", "{\"comments\":7}", "{", "[]"] {
                let reply = try await stub.vendor("POST", "\(stub.path(id))/resolve", body)
                #expect(reply.statusCode == 400, "\(body)")
            }
            #expect(try await stub.resolve("000000000000000000000000").statusCode == 404)
            #expect(try await stub.isActive(id) == true)
        }
    }

    @Test func `a comment is taken under its own name`() async throws {
        try await StubFixture.run { stub in
            let path = "\(stub.path(try await stub.create()))/comments"
            let good = try await stub.vendor("POST", path, "{\"comment\":\"hello\"}")
            #expect(good.statusCode == 204)
            let bad = try await stub.vendor("POST", path, "{\"comments\":\"hello\"}")
            #expect(bad.statusCode == 400)
            #expect(try await stub.calls().first?["comments"]?.string == "hello")
        }
    }

    @Test func `a list has pages, folders and a total`() async throws {
        try await StubFixture.run { stub in
            for number in 0..<12 { _ = try await stub.create("{\"id\":\"i\(number)\"}") }
            _ = try await stub.control("POST", "incidents/i3/close", "{\"share\":false}")
            func list(_ query: String) async throws -> (Int, Int64?, Int?) {
                let path = "environments/\(StubFixture.production)/incidents\(query)"
                let reply = try await stub.vendor("GET", path)
                guard reply.statusCode == 200 else { return (reply.statusCode, nil, nil) }
                let json = try reply.json
                return (200, json["total"]?.int64, json["items"]?.array?.count)
            }
            #expect(try await list("") == (200, 12, 10))
            #expect(try await list("?page=2") == (200, 12, 2))
            #expect(try await list("?page=3") == (200, 12, 0))
            #expect(try await list("?page_size=100") == (200, 12, 12))
            #expect(try await list("?folder=resolved") == (200, 1, 1))
            #expect(try await list("?folder=active&page_size=5") == (200, 11, 5))
            #expect(try await list("?expand=alerts&page_size=10") == (200, 12, 10))
            #expect(try await list("?expand=alerts&page_size=11").0 == 400)
            #expect(try await list("?page=0").0 == 400)
            #expect(try await list("?page_size=x").0 == 400)
            #expect(try await list("?folder=none").0 == 400)
            #expect(try await list("?from=x").0 == 400)
            #expect(try await list("?to=1000") == (200, 0, 0))
            #expect(try await list("?from=99999999999") == (200, 11, 10))
        }
    }

    @Test func `activities are listed newest first, without an environment`() async throws {
        try await StubFixture.run { stub in
            let id = try await stub.create("{\"share\":false}")
            _ = try await stub.resolve(id)
            let all = try await stub.vendor("GET", "incidents/\(id)/activities").json
            #expect(
                all["items"]?.array?.map { $0["type"]?.string } == [
                    "incident_resolved_api", "incident_created",
                ])
            let path = "incidents/\(id)/activities?types=incident_created,incident_reopen"
            #expect(try await stub.vendor("GET", path).json["items"]?.array?.count == 1)
        }
    }

    @Test func `more calls than allowed in a second are answered 429`() async throws {
        let limited = "{\"apply_delay_ms\":0,\"rate_per_second\":3}"
        try await StubFixture.run(settings: limited) { stub in
            var statusCodes: [Int] = []
            for _ in 0..<5 {
                statusCodes.append(try await stub.vendor("GET", "environments").statusCode)
            }
            #expect(statusCodes == [200, 200, 200, 429, 429])
            // Another route and another token have budgets of their own.
            #expect(try await stub.vendor("GET", stub.path("x")).statusCode == 404)
            #expect(try await stub.vendor("GET", "environments", key: "x").statusCode == 401)
        }
    }

    @Test func `calls are logged with who made them and how they ended`() async throws {
        try await StubFixture.run { stub in
            let id = try await stub.create()
            _ = try await stub.vendor("GET", "environments?a=b", key: "BPU-1234567")
            _ = try await stub.resolve(id)
            let calls = try await stub.calls()
            #expect(calls.count == 2)
            #expect(calls[0]["method"]?.string == "GET")
            #expect(calls[0]["path"]?.string == "/resources/v2.0/environments")
            #expect(calls[0]["query"]?.string == "a=b")
            #expect(calls[0]["status"]?.int64 == 401)
            #expect(calls[0]["key_suffix"]?.string == "4567")
            #expect(calls[0]["in_flight"]?.int64 == 1)
            #expect(calls[0]["comments"] == nil)
            #expect(calls[1]["path"]?.string == "/resources/v2.0/\(stub.path(id))/resolve")
            #expect(calls[1]["comments"]?.string == "done")
            #expect((calls[1]["at_ms"]?.int64 ?? 0) >= (calls[0]["at_ms"]?.int64 ?? .max))
            _ = try await stub.control("DELETE", "calls", expecting: 204)
            #expect(try await stub.calls().isEmpty)
        }
    }
}
