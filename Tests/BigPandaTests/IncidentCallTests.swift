import Alerts
import EventLoop
import GatewayTesting
import JSON
import Testing

@testable import BigPanda

private let incident = Known.incident
private let environment = Known.environment

@Suite struct IncidentCallTests {
    @Test func `an incident is read with the names of either version`() async throws {
        try await LoopFixture.run {
            let shapes = [
                Payloads.v2, "{\"incident\":\(Payloads.v2)}", "[\(Payloads.v2)]",
                "{\"total\":1,\"items\":[{\"id\":\"other\",\"active\":false},\(Payloads.v2)]}",
                """
                {"id":"\(incident)","status":"critical","severity":"CRITICAL","active":true,
                 "flapping":false,"snooze":{"snoozed":false},"changedOn":"1746000030",
                 "updatedOn":"1746000031"}
                """,
            ]
            for shape in shapes {
                let script = Script(200, shape)
                let answer = await script.client.read(
                    incidentID: incident, environmentID: environment)
                var expected = IncidentReading(
                    isActive: true,
                    times: EventTimes(
                        changedOn: Timestamp(seconds: 1_746_000_030),
                        updatedOn: Timestamp(seconds: 1_746_000_031)))
                expected.bigPandaStatus = "critical"
                expected.severity = "critical"
                expected.flapping = false
                expected.snoozed = false
                expected.environmentID = environment
                #expect(answer == .success(expected), "\(shape)")
                let path = "/resources/v2.0/environments/\(environment)/incidents/\(incident)"
                #expect(script.requests.first?.path == path)
            }
        }
    }

    @Test(
        arguments: [
            ("\"active\":true", true), ("\"active\":false", false), ("\"active\":\"false\"", false),
            ("\"active\":true,\"resolved\":true", false), ("\"resolved\":false", true),
            ("\"status\":\"Ok\"", false), ("\"status\":\"Critical\"", true),
            ("\"active\":false,\"status\":\"Critical\"", false), ("\"end\":1", nil),
            ("\"a\":1", nil),
        ] as [(String, Bool?)])
    func `an incident is open or closed by what it says of itself`(
        fields: String, isActive: Bool?
    ) async throws {
        try await LoopFixture.run {
            let script = Script(200, "{\"id\":\"\(incident)\",\(fields)}")
            let answer = await script.client.read(incidentID: incident, environmentID: environment)
            if let isActive {
                let reading = try answer.get()
                #expect(reading.isActive == isActive)
            } else {
                let reason = "it answered 200 with something other than this incident"
                #expect(answer.failure == .notBigPanda(reason: reason))
            }
        }
    }

    @Test(arguments: [
        "{\"id\":\"other\",\"active\":false}", "{\"active\":false}", "{}", "[]", "{\"items\":[]}",
        "<html>", "", "{\"id\":\"681102f731824249f48df555\",\"active\":fal",
    ])
    func `another incident or none is no answer`(_ body: String) async throws {
        try await LoopFixture.run {
            let answer = await Script(200, body).client.read(
                incidentID: incident, environmentID: environment)
            let reason = "it answered 200 with something other than this incident"
            #expect(answer.failure == .notBigPanda(reason: reason))
        }
    }

    @Test(arguments: [
        ("a/b?c#d", "a%2Fb%3Fc%23d"), ("a b", "a%20b"), ("é", "%C3%A9"), ("%2e", "%252e"),
        ("...", "..."), ("a~b_c-d.e", "a~b_c-d.e"), ("\u{0}", "%00"),
    ])
    func `an incident's id can't leave its place in the path`(
        id: String, encoded: String
    ) async throws {
        try await LoopFixture.run {
            let script = Script(404)
            _ = await script.client.read(incidentID: id, environmentID: environment)
            let path = "/resources/v2.0/environments/\(environment)/incidents/\(encoded)"
            #expect(script.requests.first?.path == path)
        }
    }

    @Test func `ids that nothing can have are not found without a call`() async throws {
        try await LoopFixture.run {
            let long = String(repeating: "e", count: 65)
            for (id, environmentID) in [
                (".", environment), ("..", environment), ("", environment), (incident, ""),
                (incident, "a/b"), (incident, "a b"), (incident, ".."), (incident, "é"),
                (incident, long),
            ] {
                let script = Script(200, Payloads.v2)
                let read = await script.client.read(incidentID: id, environmentID: environmentID)
                let close = await script.client.close(
                    incidentID: id, environmentID: environmentID, message: "m")
                #expect(read.failure == .notFound)
                #expect(close.failure == .notFound)
                #expect(script.requests.isEmpty)
            }
        }
    }

    @Test func `a list has many shapes`() async throws {
        try await LoopFixture.run {
            let cases: [(String, [String]?, Int?)] = [
                (
                    "{\"total\":2,\"items\":[\(Payloads.v2),{\"id\":\"b\",\"active\":false}]}",
                    [incident, "b"], 2
                ),
                ("[\(Payloads.v2)]", [incident], nil), (Payloads.v2, [incident], nil),
                ("{\"total\":0,\"items\":[]}", [], 0), ("[]", [], nil),
                ("{\"items\":[{\"id\":\"b\"},7]}", [], nil), ("{}", nil, nil), ("7", nil, nil),
                ("<html>", nil, nil),
            ]
            for (body, ids, total) in cases {
                let answer = await Script(200, body).client.incidents(
                    environmentID: environment, IncidentSearch())
                switch answer {
                case .success(let page):
                    #expect(page.incidents.map(\.id) == ids)
                    #expect(page.total == total)
                case .failure(let failure):
                    #expect(ids == nil, "\(failure)")
                }
            }
        }
    }

    @Test func `a search goes into the query`() async throws {
        try await LoopFixture.run {
            let script = Script(200, "[]")
            var search = IncidentSearch(
                folder: .resolved, activeSince: Timestamp(milliseconds: 1_746_000_000_999))
            search.query = "status != \"ok\""
            search.page = 3
            search.pageSize = 1_000
            _ = await script.client.incidents(environmentID: environment, search)
            let request = try #require(script.requests.first)
            #expect(
                request.path.hasSuffix(
                    "/incidents?page=3&page_size=100&sort_by=last_change&folder=resolved"
                        + "&from=1746000000&query=status%20%21%3D%20%22ok%22"))
        }
    }
}
