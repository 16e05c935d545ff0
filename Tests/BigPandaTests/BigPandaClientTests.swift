import Alerts
import EventLoop
import GatewayTesting
import JSON
import Testing

@testable import BigPanda

private let incident = Known.incident
private let environment = Known.environment

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
