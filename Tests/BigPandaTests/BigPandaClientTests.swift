import Alerts
import EventLoop
import GatewayTesting
import JSON
import Testing

@testable import BigPanda

/// A client whose calls are answered from a script.
@LoopActor
private final class Script {
    private(set) var requests: [CallRequest] = []
    private let answer: Result<CallReply, CallBreak>
    let baseURL: String
    let key: String

    init(
        _ answer: Result<CallReply, CallBreak>, baseURL: String = "https://api.example",
        key: String = "BPU-key"
    ) {
        self.answer = answer
        self.baseURL = baseURL
        self.key = key
    }

    convenience init(_ statusCode: Int, _ body: String = "", retryAfter: String? = nil) {
        self.init(
            .success(
                CallReply(statusCode: statusCode, retryAfter: retryAfter, body: Array(body.utf8))))
    }

    var client: BigPandaClient {
        BigPandaClient(
            endpoint: Integration.Endpoint(region: nil, baseURL: baseURL), key: APIKey(key),
            now: { Timestamp(milliseconds: 784_111_740_000) }
        ) { [self] request in
            requests.append(request)
            return answer
        }
    }
}

private let incident = "681102f731824249f48df555"
private let environment = "63bd568809cb331300ffa555"

@Suite struct BigPandaClientTests {
    /// What each of the three calls of the port comes to.
    private func outcomes(
        _ make: sending @escaping @LoopActor () -> Script
    ) async throws -> (list: CallFailure?, read: CallFailure?, close: CallFailure?) {
        try await LoopFixture.run {
            let client = make().client
            let list = await client.environments()
            let read = await client.read(incidentID: incident, environmentID: environment)
            let close = await client.close(
                incidentID: incident, environmentID: environment, message: "m")
            return (list.failure, read.failure, close.failure)
        }
    }

    @Test(
        arguments: [
            (401, .keyRejected), (403, .keyForbidden), (404, .notFound), (410, .notFound),
            (429, .rateLimited(retryAfter: .seconds(7))),
            (408, .delayed(reason: "BigPanda answered 408", retryAfter: .seconds(7))),
            (500, .delayed(reason: "BigPanda answered 500", retryAfter: .seconds(7))),
            (503, .delayed(reason: "BigPanda answered 503", retryAfter: .seconds(7))),
            (400, .refused(reason: "BigPanda answered 400")),
            (422, .refused(reason: "BigPanda answered 422")),
            (302, .notBigPanda(reason: "it answered 302, a redirect")),
        ] as [(Int, CallFailure)])
    func `a status says what came of a call`(statusCode: Int, expected: CallFailure) async throws {
        let found = try await outcomes { Script(statusCode, "{}", retryAfter: "7") }
        #expect(found == (expected, expected, expected))
    }

    @Test(arguments: [502, 504])
    func `a gateway's failure leaves open whether a close arrived`(statusCode: Int) async throws {
        let found = try await outcomes { Script(statusCode) }
        let reason = "BigPanda answered \(statusCode)"
        #expect(found.read == .delayed(reason: reason, retryAfter: nil))
        #expect(found.close == .unknown(reason: reason))
    }

    @Test func `what breaks off leaves open whether a close arrived, if it was sent`() async throws
    {
        for mayHaveArrived in [true, false] {
            let failure = CallBreak(
                kind: .passing, message: "Reset.", mayHaveArrived: mayHaveArrived)
            let found = try await outcomes { Script(.failure(failure)) }
            let reason = "No answer from BigPanda: Reset"
            let delayed = CallFailure.delayed(reason: reason, retryAfter: nil)
            #expect(found.list == delayed)
            #expect(found.read == delayed)
            #expect(found.close == (mayHaveArrived ? .unknown(reason: reason) : delayed))
        }
    }

    @Test func `an endless answer is not BigPanda's`() async throws {
        let failure = CallBreak(kind: .tooLarge, message: "too long", mayHaveArrived: true)
        let found = try await outcomes { Script(.failure(failure)) }
        #expect(found.list == .notBigPanda(reason: "too long"))
        #expect(found.close == .unknown(reason: "No answer from BigPanda: too long"))
    }

    @Test func `a base URL or key that can't be used makes no call`() async throws {
        try await LoopFixture.run {
            for (baseURL, key) in [
                ("http://api.example", "BPU-key"), ("https://api.example", "a\r\nX: y"),
                ("https://api.example", ""), ("https://api.example", "a b"),
                ("https://api.example", "schlüssel"),
            ] {
                let script = Script(
                    .success(CallReply(statusCode: 200)), baseURL: baseURL, key: key)
                let failure = await script.client.environments().failure
                switch failure {
                case .refused: #expect(baseURL.hasPrefix("http:"))
                case .keyRejected: #expect(baseURL.hasPrefix("https:"))
                case let other: Issue.record("\(String(describing: other))")
                }
                #expect(script.requests.isEmpty)
            }
        }
    }

    // MARK: Environments

    @Test(
        arguments: [
            ("[]", []),
            ("[{\"id\":\"e1\",\"name\":\"Production\",\"filter\":\"x\"}]", ["e1 Production"]),
            ("[{\"id\":\"e1\"},7,{\"id\":7},{\"id\":\"a/b\"},{\"name\":\"x\"}]", ["e1 e1"]),
            ("{}", nil), ("{\"environments\":[]}", nil), ("[1, 2", nil), ("[1,2]", nil), ("", nil),
            ("<html>", nil), ("null", nil), ("[{\"name\":\"x\"}]", nil),
        ] as [(String, [String]?)])
    func `environments are a bare array`(body: String, expected: [String]?) async throws {
        try await LoopFixture.run {
            let script = Script(200, body)
            let answer = await script.client.environments()
            if let expected {
                let found = try answer.get()
                #expect(found.map { "\($0.id) \($0.name)" } == expected)
            } else {
                let reason = "it answered 200 with something other than a list of environments"
                #expect(answer.failure == .notBigPanda(reason: reason))
            }
            let request = try #require(script.requests.first)
            #expect(request.method == "GET")
            #expect(request.path == "/resources/v2.0/environments")
            #expect(request.body == nil)
        }
    }

    // MARK: Incidents

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

    // MARK: Closes

    @Test(
        arguments: [
            (202, "{\"status\":202,\"data\":{}}", .success(.accepted)),
            (202, "", .success(.accepted)),
            (202, "<html>", .success(.accepted)), (200, "{}", .success(.accepted)),
            (204, "", .success(.accepted)), (409, "{}", .success(.alreadyClosed)),
            (409, "", .success(.alreadyClosed)),
            (
                200, "<html>",
                .failure(.unknown(reason: "BigPanda answered 200, but not as its API does"))
            ),
        ] as [(Int, String, Result<CloseAcceptance, CallFailure>)])
    func `a close is accepted, done already, or in doubt`(
        statusCode: Int, body: String, expected: Result<CloseAcceptance, CallFailure>
    ) async throws {
        try await LoopFixture.run {
            let script = Script(statusCode, body)
            let answer = await script.client.close(
                incidentID: incident, environmentID: environment, message: "By \"me\"\n")
            #expect(answer == expected)
            let request = try #require(script.requests.first)
            #expect(request.method == "POST")
            let path = "/resources/v2.0/environments/\(environment)/incidents/\(incident)/resolve"
            #expect(request.path == path)
            #expect(try JSONTree(parsing: request.body ?? []) == ["comments": "By \"me\"\n"])
        }
    }

    @Test func `a comment is cut, and never empty`() async throws {
        try await LoopFixture.run {
            let long = "a" + String(repeating: "\u{301}", count: 5_000)
            let script = Script(202)
            for message in [long, "", " \n"] {
                _ = await script.client.close(
                    incidentID: incident, environmentID: environment, message: message)
            }
            let comments = try script.requests.map { request in
                try JSONTree(parsing: request.body ?? [])["comments"]?.string
            }
            #expect(comments[0]?.unicodeScalars.count == 1_000)
            #expect(comments[1] == "Resolved in bigpanda-gateway")
            #expect(comments[2] == "Resolved in bigpanda-gateway")
        }
    }
}

extension Result {
    fileprivate var failure: Failure? {
        guard case .failure(let failure) = self else { return nil }
        return failure
    }
}
