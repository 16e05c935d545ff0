import Curl
import EventLoop
import GatewayTesting
import Testing

@Suite struct CurlErrorTests {
    /// The error of a request that is expected to fail.
    @LoopActor
    private static func failure(of request: CurlRequest) async throws -> CurlError {
        let driver = try CurlDriver()
        defer { driver.close() }
        return try await #require(throws: CurlError.self) { try await driver.perform(request) }
    }

    @Test func `nobody listening is certain to have got nothing`() async throws {
        try await LoopFixture.run {
            let listener = try Listener.tcp(host: "127.0.0.1", port: 0, backlog: 1)
            let address = listener.boundAddress
            listener.close()
            let error = try await Self.failure(of: .plain("POST", "http://\(address)/secret?key=1"))
            #expect(error.kind == .connect)
            #expect(!error.wasRequestSent)
            #expect(error.message.hasPrefix("POST http://\(address): Failed to connect to 127.0"))
            #expect(!error.message.contains("secret") && !error.message.contains("key"))
        }
    }

    @Test func `a failed handshake is certain to have sent nothing`() async throws {
        try await LoopFixture.run {
            let server = try ScriptedServer(.answerAndClose("no TLS here"))
            let url = server.url.replacing("http:", with: "https:", maxReplacements: 1)
            var request = CurlRequest.plain("POST", url)
            request.connectDeadline = .milliseconds(200)
            request.body = [1]
            let error = try await Self.failure(of: request)
            #expect(error.kind == .timeout || error.kind == .tls)
            #expect(!error.wasRequestSent)
            #expect(server.requests.isEmpty)
            server.close()
        }
    }

    @Test func `a name without an address is certain to have got nothing`() async throws {
        try await LoopFixture.run {
            var request = CurlRequest.plain("POST", "https://gateway.invalid/")
            request.connectDeadline = .seconds(3)
            let error = try await Self.failure(of: request)
            // Without any name server at all, the deadline passes instead.
            #expect(error.kind == .resolve || error.kind == .timeout)
            #expect(!error.wasRequestSent)
            #expect(error.message.hasPrefix("POST https://gateway.invalid: "))
        }
    }

    @Test(arguments: [
        (Reaction.reset, CurlError.Kind.reset),
        (.answerAndClose(""), .reset),
        (.answerAndClose("HTTP/1.1 200 OK\r\nContent-Length: 10\r\n\r\nshort"), .reset),
        (.answerAndClose("\u{0}\u{1}\u{2} no HTTP at all\r\n\r\n"), .other),
        (.answerAndClose("HTTP/1.1 200 OK\r\nContent-Length: x\r\n\r\n"), .other),
        (.silence, .timeout),
        (.answer("HTTP/1.1 200 OK\r\nContent-Length: 10\r\n\r\nshort"), .timeout),
    ])
    func `once the request was sent, the peer may have acted on it`(
        reaction: Reaction, kind: CurlError.Kind
    ) async throws {
        try await LoopFixture.run {
            let server = try ScriptedServer(reaction)
            var request = CurlRequest.plain("POST", server.url)
            request.totalDeadline = .milliseconds(150)
            request.body = [1]
            let error = try await Self.failure(of: request)
            #expect(error.kind == kind, "\(error)")
            #expect(error.wasRequestSent)
            #expect(server.requests.count == 1)
            server.close()
        }
    }

    @Test(arguments: ["POST", "PATCH"])
    func `a lost answer on a used connection doesn't repeat what may not be`(
        method: String
    ) async throws {
        try await LoopFixture.run {
            let server = try ScriptedServer(.ok(), .reset, .ok("repeated"))
            let driver = try CurlDriver()
            _ = try await driver.perform(.plain(method, server.url))
            let error = await #expect(throws: CurlError.self) {
                try await driver.perform(.plain(method, server.url))
            }
            #expect(error?.kind == .reset)
            #expect(error?.wasRequestSent == true)
            #expect(server.requests.count == 2)
            driver.close()
            server.close()
        }
    }

    @Test func `a lost answer on a used connection repeats a GET`() async throws {
        try await LoopFixture.run {
            let server = try ScriptedServer(.ok(), .reset, .ok("repeated"))
            let driver = try CurlDriver()
            _ = try await driver.perform(.plain("GET", server.url))
            let response = try await driver.perform(.plain("GET", server.url))
            #expect(response.body == Array("repeated".utf8))
            driver.close()
            server.close()
        }
    }

    @Test func `a GET that may be sent only once is not repeated`() async throws {
        try await LoopFixture.run {
            let server = try ScriptedServer(.ok(), .reset, .ok("repeated"))
            let driver = try CurlDriver()
            var request = CurlRequest.plain("GET", server.url)
            request.allowsRepeat = false
            _ = try await driver.perform(request)
            let error = await #expect(throws: CurlError.self) {
                try await driver.perform(request)
            }
            #expect(error?.kind == .reset)
            #expect(server.requests.count == 2)
            driver.close()
            server.close()
        }
    }

    @Test func `a server that never shakes hands runs into the connect deadline`() async throws {
        try await LoopFixture.run {
            let listener = try Listener.tcp(host: "127.0.0.1", port: 0, backlog: 8)
            try listener.start { _ in }
            listener.pause()
            var request = CurlRequest.plain("POST", "https://\(listener.boundAddress)")
            request.connectDeadline = .milliseconds(100)
            let error = try await Self.failure(of: request)
            #expect(error.kind == .timeout)
            #expect(!error.wasRequestSent)
            listener.close()
        }
    }

    @Test(arguments: [
        ("http://127.0.0.1:1/", false), ("ftp://127.0.0.1:1/", true), ("file:///etc/passwd", true),
        ("", true), ("https://", true), ("http://127.0.0.1:99999/", true),
        ("http://a b/", true),
    ])
    func `a URL that is none, or not of HTTP, goes nowhere`(
        url: String, allowsPlainHTTP: Bool
    ) async throws {
        try await LoopFixture.run {
            var request = CurlRequest.plain("GET", url)
            request.allowsPlainHTTP = allowsPlainHTTP
            let error = try await Self.failure(of: request)
            #expect(error.kind == .badURL, "\(error)")
            #expect(!error.wasRequestSent)
        }
    }

    @Test func `credentials and paths stay out of the message`() async throws {
        try await LoopFixture.run {
            var request = CurlRequest.plain("GET", "http://user:pass@127.0.0.1:1/path?query#hash")
            request.headers = [("Authorization", "Bearer token")]
            let message = try await Self.failure(of: request).message
            #expect(message.hasPrefix("GET http://127.0.0.1:1: "))
            for secret in ["user", "pass", "path", "query", "hash", "Bearer", "token"] {
                #expect(!message.contains(secret))
            }
        }
    }
}
