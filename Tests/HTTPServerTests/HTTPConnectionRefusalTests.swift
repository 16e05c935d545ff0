import GatewayTesting
import Testing

@testable import EventLoop
@testable import HTTPServer

@Suite struct HTTPConnectionRefusalTests {
    private func post(_ path: String, _ fields: String, _ body: String = "") -> String {
        "POST \(path) HTTP/1.1\r\nHost: a\r\n\(fields)\r\n\(body)"
    }

    @Test(arguments: [
        ("OPTIONS * HTTP/1.1", 204, false), ("OPTIONS / HTTP/1.1", 204, false),
        ("CONNECT a:1 HTTP/1.1", 405, true), ("TRACE / HTTP/1.1", 405, false),
        ("DELETE / HTTP/1.1", 405, false), ("FOO / HTTP/1.1", 405, false),
        ("get / HTTP/1.1", 405, false), ("GET /nowhere HTTP/1.1", 404, false),
        ("FOO /nowhere HTTP/1.1", 404, false), ("GET / HTTP/1.9", 200, false),
        ("GET http://b/ HTTP/1.1", 200, false), ("GET / HTTP/1.0", 200, true),
    ])
    func `an unusual request line has its answer`(
        line: String, status: Int, closes: Bool
    ) async throws {
        try await LoopFixture.run {
            let bench = ServerBench()
            bench.transport.receive("\(line)\r\nHost: a\r\n\r\n")
            let answer = try #require(bench.transport.answers.first)
            #expect(answer.status == status)
            #expect(bench.transport.isShut == closes)
            let hasAllow = answer.fields.contains { $0.hasPrefix("Allow: ") }
            #expect(hasAllow == (status == 204 || status == 405))
            bench.server.stop()
        }
    }

    @Test func `a hook refuses before the body is sent`() async throws {
        try await LoopFixture.run {
            let bench = ServerBench()
            bench.transport.receive(
                post("/guarded", "Content-Length: 5\r\nExpect: 100-continue\r\n"))
            #expect(bench.transport.answers.map(\.status) == [401])
            #expect(bench.transport.answers.first?.has("Connection: close") == true)
            #expect(bench.transport.isShut && !bench.transport.isClosing)
            bench.transport.receive("hello")
            bench.transport.receiveEnd()
            #expect(bench.transport.isClosing)
            bench.server.stop()
        }
    }

    @Test func `a hook lets pass and sets the limit of the body`() async throws {
        try await LoopFixture.run {
            let bench = ServerBench()
            let fields = "Authorization: Bearer good\r\n"
            let fifteen = String(repeating: "x", count: 15)
            bench.transport.receive(post("/guarded", fields + "Content-Length: 15\r\n", fifteen))
            bench.transport.receive(post("/guarded", fields + "Content-Length: 21\r\n"))
            #expect(bench.transport.answers.map(\.status) == [200, 413])
            bench.server.stop()
        }
    }

    @Test func `content that is here already doesn't cost the connection`() async throws {
        try await LoopFixture.run {
            let bench = ServerBench()
            let refused = post("/guarded", "Content-Length: 5\r\n", "hello")
            bench.transport.receive(refused + post("/echo", "Content-Length: 2\r\n", "hi"))
            #expect(bench.transport.answers.map(\.status) == [401, 200])
            #expect(!bench.transport.isShut)
            bench.server.stop()
        }
    }

    @Test func `who waits for 100 gets it, once the head is accepted`() async throws {
        try await LoopFixture.run {
            let bench = ServerBench()
            bench.transport.receive(
                post("/echo", "Content-Length: 2\r\nExpect: 100-Continue\r\n"))
            #expect(
                String(decoding: bench.transport.written, as: UTF8.self)
                    == "HTTP/1.1 100 Continue\r\n\r\n")
            bench.transport.receive("hi")
            #expect(bench.transport.answers.map(\.status) == [100, 200])
            bench.server.stop()
        }
    }

    @Test(arguments: [
        ("HTTP/1.1", "100-continue", "hi", [200]), ("HTTP/1.0", "100-continue", "", []),
        ("HTTP/1.1", "200-ok", "", [417]), ("HTTP/1.0", "200-ok", "hi", [200]),
    ])
    func `other expectations have their answers`(
        version: String, expectation: String, body: String, statuses: [Int]
    ) async throws {
        try await LoopFixture.run {
            let bench = ServerBench()
            bench.transport.receive(
                "POST /echo \(version)\r\nHost: a\r\nContent-Length: 2\r\n"
                    + "Expect: \(expectation)\r\n\r\n\(body)")
            #expect(bench.transport.answers.map(\.status) == statuses)
            bench.server.stop()
        }
    }

    @Test(arguments: ["Content-Length: 1001\r\n", "Content-Length: 9223372036854775807\r\n"])
    func `a body announced too large is refused at once`(field: String) async throws {
        try await LoopFixture.run {
            let bench = ServerBench()
            bench.transport.receive(post("/echo", field + "Expect: 100-continue\r\n"))
            #expect(bench.transport.answers.map(\.status) == [413])
            #expect(bench.transport.isShut)
            bench.server.stop()
        }
    }

    @Test func `content that nobody asked for is read and ignored`() async throws {
        try await LoopFixture.run {
            let bench = ServerBench()
            let get = "GET / HTTP/1.1\r\nHost: a\r\nContent-Length: "
            bench.transport.receive(get + "5\r\n\r\nhello" + get + "5000\r\n\r\n")
            #expect(bench.transport.answers.map(\.status) == [200, 413])
            bench.server.stop()
        }
    }

    @Test func `chunks that add up to too much are refused`() async throws {
        try await LoopFixture.run {
            let bench = ServerBench()
            bench.transport.receive(post("/echo", "Transfer-Encoding: chunked\r\n"))
            let chunk = "1F4\r\n" + String(repeating: "x", count: 500) + "\r\n"
            bench.transport.receive(chunk + chunk)
            #expect(bench.transport.answers.isEmpty)
            bench.transport.receive(chunk)
            #expect(bench.transport.answers.map(\.status) == [413])
            bench.server.stop()
        }
    }

    @Test(arguments: [
        ("Content-Length: 5\r\n", "hel"), ("Transfer-Encoding: chunked\r\n", "5\r\nhello\r\n"),
        ("Transfer-Encoding: chunked\r\n", "5\r\nhello\r\n0\r\n"), ("Content-Le", ""),
    ])
    func `half a message is refused and never handled`(fields: String, body: String) async throws {
        try await LoopFixture.run {
            let bench = ServerBench()
            let text = post("/echo", fields, body)
            bench.transport.receive(
                fields.hasSuffix("\n") ? text : String(text.prefix { $0 != "-" }))
            bench.transport.receiveEnd()
            #expect(bench.transport.answers.map(\.status) == [400])
            #expect(bench.transport.isClosing)
            #expect(bench.bodiesSeen.isEmpty)
            bench.server.stop()
        }
    }

    @Test func `broken chunks are refused and never handled`() async throws {
        try await LoopFixture.run {
            let bench = ServerBench()
            bench.transport.receive(
                post("/echo", "Transfer-Encoding: chunked\r\n", "5\r\nhello\r\nX\r\n"))
            #expect(bench.transport.answers.map(\.status) == [400])
            #expect(bench.bodiesSeen.isEmpty)
            bench.server.stop()
        }
    }

    @Test func `a peer that ends after whole requests gets all answers`() async throws {
        try await LoopFixture.run {
            let bench = ServerBench()
            let later = "GET /later HTTP/1.1\r\nHost: a\r\n\r\n"
            bench.transport.receive(later + later)
            bench.transport.receiveEnd()
            #expect(!bench.transport.isClosing)
            bench.waiting[0].respond(.text(.ok, "1"))
            #expect(!bench.transport.isClosing)
            bench.waiting[1].respond(.text(.ok, "2"))
            #expect(bench.transport.answers.map(\.body) == ["1", "2"])
            #expect(bench.transport.isClosing)
            #expect(bench.server.connectionsOpen == 0)
            bench.server.stop()
        }
    }

    @Test func `a peer that ended is closed only when everything is sent`() async throws {
        try await LoopFixture.run {
            let bench = ServerBench()
            bench.transport.receive("GET /later HTTP/1.1\r\nHost: a\r\n\r\n")
            bench.transport.receiveEnd()
            bench.transport.isStuck = true
            bench.waiting[0].respond(.text(.ok, "1"))
            #expect(!bench.transport.isClosing)
            bench.transport.drain()
            #expect(bench.transport.isClosing)
            bench.server.stop()
        }
    }

    @Test func `only so much is dropped after the last answer`() async throws {
        try await LoopFixture.run {
            let bench = ServerBench { $0.lingerBytesMax = 1_000 }
            bench.transport.receive("\0")
            bench.transport.receive([UInt8](repeating: 0, count: 1_000))
            #expect(!bench.transport.isClosing)
            bench.transport.receive([0])
            #expect(bench.transport.isClosing)
            #expect(bench.transport.answers.count == 1)
            bench.server.stop()
        }
    }

    @Test func `an answer that comes too late goes nowhere`() async throws {
        try await LoopFixture.run {
            let bench = ServerBench()
            bench.transport.receive("GET /later HTTP/1.1\r\nHost: a\r\n\r\n")
            let responder = bench.waiting[0]
            #expect(!responder.isCancelled)
            bench.transport.delegate?.streamFailed(UVError(status: -104, operation: "read"))
            #expect(responder.isCancelled)
            responder.respond(.noContent)
            #expect(responder.isAnswered && bench.transport.written.isEmpty)
            bench.server.stop()
        }
    }
}
