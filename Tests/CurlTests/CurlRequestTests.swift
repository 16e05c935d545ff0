import Curl
import EventLoop
import GatewayTesting
import Testing

@Suite struct CurlRequestTests {
    @Test(
        arguments: [
            ("GET", nil, nil), ("HEAD", nil, nil), ("DELETE", nil, nil), ("OPTIONS", nil, nil),
            ("POST", nil, 0), ("PUT", nil, 0), ("PATCH", nil, 0),
            ("POST", "", 0), ("POST", "body", 4), ("PUT", "body", 4), ("PATCH", "body", 4),
            ("DELETE", "body", 4), ("GET", "body", 4),
            ("POST", String(repeating: "x", count: 2_000_000), 2_000_000),
        ] as [(String, String?, Int?)])
    func `method and body arrive as they were given, with nothing added`(
        method: String, body: String?, length: Int?
    ) async throws {
        try await LoopFixture.run {
            let server = try ScriptedServer { request in
                request.line.hasPrefix("HEAD") ? .answer("HTTP/1.1 200 OK\r\n\r\n") : .ok()
            }
            let driver = try CurlDriver(userAgent: "tester/1")
            var request = CurlRequest.plain(method, server.url + "/path")
            request.body = body.map { Array($0.utf8) }
            #expect(try await driver.perform(request).statusCode == 200)
            let seen = try #require(server.requests.first)
            #expect(seen.line == "\(method) /path HTTP/1.1")
            #expect(seen.body == Array((body ?? "").utf8))
            #expect(seen.fields("content-length") == length.map { ["Content-Length: \($0)"] } ?? [])
            #expect(seen.fields("user-agent") == ["User-Agent: tester/1"])
            for name in ["expect", "content-type", "accept-encoding"] {
                #expect(seen.fields(name) == [])
            }
            driver.close()
            server.close()
        }
    }

    @Test func `header fields arrive as they were given, empty ones too`() async throws {
        try await LoopFixture.run {
            let server = try ScriptedServer(.ok())
            let driver = try CurlDriver()
            var request = CurlRequest.plain("POST", server.url)
            request.headers = [
                ("Content-Type", "application/json"), ("X-Empty", ""), ("X-Text", "grün\tx"),
                ("User-Agent", "given"), ("Accept", "text/html"),
            ]
            _ = try await driver.perform(request)
            let seen = try #require(server.requests.first)
            #expect(seen.fields("content-type") == ["Content-Type: application/json"])
            #expect(seen.fields("x-empty") == ["X-Empty:"])
            #expect(seen.fields("x-text") == ["X-Text: grün\tx"])
            #expect(seen.fields("user-agent") == ["User-Agent: given"])
            #expect(seen.fields("accept") == ["Accept: text/html"])
            driver.close()
            server.close()
        }
    }

    @Test(arguments: [
        ("X-A\r\nX-B", "1"), ("X-A", "1\r\nX-B: 2"), ("X-A", "1\nX-B: 2"), ("X A", "1"),
        ("X-A:", "1"), ("", "1"), ("X-A", "\u{0}"), ("X-A;", ""), ("X-Ü", "1"),
    ])
    func `a header field that would break the head is refused`(
        name: String, value: String
    ) async throws {
        try await LoopFixture.run {
            let server = try ScriptedServer(.ok())
            let driver = try CurlDriver()
            var request = CurlRequest.plain("GET", server.url)
            request.headers = [(name, value)]
            let error = await #expect(throws: CurlError.self) { try await driver.perform(request) }
            #expect(error?.wasRequestSent == false)
            #expect(server.requests.isEmpty)
            driver.close()
            server.close()
        }
    }

    @Test(arguments: ["", "get", "GET /x HTTP/1.1\r\nX: y\r\n\r\nGET", "G T"])
    func `a method that is none is refused`(method: String) async throws {
        try await LoopFixture.run {
            let driver = try CurlDriver()
            let error = await #expect(throws: CurlError.self) {
                try await driver.perform(.plain(method, "http://127.0.0.1:1/"))
            }
            #expect(error?.wasRequestSent == false)
            driver.close()
        }
    }
}
