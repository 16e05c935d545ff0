import EventLoop
import GatewayTesting
import Testing

@testable import HTTPServer

@Suite struct HTTPConnectionTests {
    private let get = "GET / HTTP/1.1\r\nHost: a\r\n\r\n"

    private func post(_ path: String, _ fields: String, _ body: String = "") -> String {
        "POST \(path) HTTP/1.1\r\nHost: a\r\n\(fields)\r\n\(body)"
    }

    @Test(arguments: OddRequest.refused)
    func `a malformed head is answered at once and closes`(request: OddRequest) async throws {
        try await LoopFixture.run {
            let bench = ServerBench()
            bench.transport.receive(request.bytes)
            let answers = bench.transport.answers
            #expect(answers.count == 1)
            #expect(request.statuses.contains(answers.first?.status ?? 0))
            #expect(answers.first?.has("Connection: close") == true)
            #expect(bench.transport.isShut)
            bench.transport.receiveEnd()
            #expect(bench.transport.isClosing)
            bench.server.stop()
        }
    }

    @Test(arguments: OddRequest.refused)
    func `a malformed request after a good one leaves the first its answer`(
        request: OddRequest
    ) async throws {
        try await LoopFixture.run {
            let bench = ServerBench()
            bench.transport.receive(Array(get.utf8) + request.bytes)
            let answers = bench.transport.answers
            #expect(answers.map(\.status).first == 200)
            // An empty line, or none of its bytes, may follow a request.
            #expect(answers.count == 2 && request.statuses.contains(answers[1].status))
            #expect(bench.transport.isShut)
            bench.server.stop()
        }
    }

    @Test func `requests are answered in order at every cut`() async throws {
        let text =
            get + post("/echo", "Content-Length: 3\r\n", "abc") + "GET /nowhere HTTP/1.1\r\n"
            + "Host: a\r\n\r\n"
            + post("/echo", "Transfer-Encoding: chunked\r\n", "1\r\nz\r\n0\r\n\r\n")
            + "HEAD / HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n"
        let bytes = Array(text.utf8)
        try await LoopFixture.run {
            for cut in 0...bytes.count {
                let bench = ServerBench()
                bench.transport.receive(Array(bytes[..<cut]))
                bench.transport.receive(Array(bytes[cut...]))
                let answers = bench.transport.answers
                #expect(answers.map(\.status) == [200, 200, 404, 200, 200])
                #expect(
                    answers.map(\.body).filter { !$0.hasPrefix("{") } == ["root", "abc", "z", ""])
                #expect(bench.transport.isShut)
                bench.server.stop()
            }
        }
    }

    @Test func `byte by byte is as good as all at once`() async throws {
        let text =
            get + post("/echo", "Transfer-Encoding: chunked\r\n", "2\r\nhi\r\n0\r\nX: y\r\n\r\n")
        try await LoopFixture.run {
            let bench = ServerBench()
            for byte in text.utf8 { bench.transport.receive([byte]) }
            #expect(bench.transport.answers.map(\.body) == ["root", "hi"])
            bench.server.stop()
        }
    }

    @Test(arguments: [
        "Content-Length:\t5\t", "Content-Length: \t 5 \t ", "Content-Length:5",
        "Transfer-Encoding:\tchunked\t", "transfer-encoding: CHUNKED \t",
    ])
    func `white space around a framing field is let pass`(field: String) async throws {
        try await LoopFixture.run {
            let bench = ServerBench()
            let body = field.contains("5") ? "hello" : "5\r\nhello\r\n0\r\n\r\n"
            bench.transport.receive(post("/echo", field + "\r\n", body) + get)
            #expect(bench.transport.answers.map(\.body) == ["hello", "root"])
            bench.server.stop()
        }
    }

    @Test func `pipelined answers leave in one write`() async throws {
        try await LoopFixture.run {
            let bench = ServerBench()
            bench.transport.receive(get + get + get)
            #expect(bench.transport.answers.count == 3)
            #expect(bench.transport.writeCount == 1)
            bench.server.stop()
        }
    }

    @Test func `a request waits until the one before it is answered`() async throws {
        try await LoopFixture.run {
            let bench = ServerBench()
            bench.transport.receive("GET /later HTTP/1.1\r\nHost: a\r\n\r\n" + get)
            #expect(bench.transport.answers.isEmpty)
            bench.waiting[0].respond(.text(.ok, "later"))
            #expect(bench.transport.answers.map(\.body) == ["later", "root"])
            bench.server.stop()
        }
    }

    @Test func `a handler may be a task`() async throws {
        try await LoopFixture.run {
            let bench = ServerBench()
            bench.transport.receive("GET /task HTTP/1.1\r\nHost: a\r\n\r\n")
            try await LoopTurn.until { !bench.transport.answers.isEmpty }
            #expect(bench.transport.answers.map(\.body) == ["task"])
            bench.server.stop()
        }
    }

    @Test func `a peer that pipelines too much has to wait`() async throws {
        try await LoopFixture.run {
            let bench = ServerBench { $0.pipelinedBytesMax = 1_000 }
            bench.transport.receive("GET /later HTTP/1.1\r\nHost: a\r\n\r\n")
            for _ in 0..<50 { bench.transport.receive(get) }
            #expect(!bench.transport.isReading)
            bench.waiting[0].respond(.noContent)
            #expect(bench.transport.answers.count == 51)
            #expect(bench.transport.isReading)
            bench.server.stop()
        }
    }

    @Test func `a peer that doesn't read isn't read from`() async throws {
        try await LoopFixture.run {
            let bench = ServerBench()
            bench.transport.isStuck = true
            let big = "GET /big HTTP/1.1\r\nHost: a\r\n\r\n"
            bench.transport.receive(big + big + big + big + big)
            #expect(bench.transport.answers.count == 3)
            #expect(!bench.transport.isReading)
            bench.transport.drain()
            #expect(bench.transport.answers.count == 5)
            #expect(bench.transport.isReading)
            bench.server.stop()
        }
    }

    @Test func `a peer that ends while it is made to wait gets all answers`() async throws {
        try await LoopFixture.run {
            let bench = ServerBench()
            bench.transport.isStuck = true
            let big = "GET /big HTTP/1.1\r\nHost: a\r\n\r\n"
            bench.transport.receive(big + big + big + big + big)
            bench.transport.receiveEnd()
            #expect(bench.transport.answers.count == 3 && !bench.transport.isClosing)
            bench.transport.drain()
            #expect(bench.transport.answers.count == 5)
            #expect(bench.transport.isClosing)
            bench.server.stop()
        }
    }

    @Test func `what all connections hold together is bounded`() async throws {
        try await LoopFixture.run {
            let bench = ServerBench { $0.smallBodiesBytesMax = 1_500 }
            let half = post("/echo", "Content-Length: 900\r\n", String(repeating: "x", count: 800))
            let first = bench.transport
            first.receive(half)
            bench.connect()
            bench.transport.receive(half)
            #expect(first.answers.isEmpty)
            #expect(bench.transport.answers.map(\.status) == [503])
            first.receive(String(repeating: "x", count: 100))
            #expect(first.answers.map(\.status) == [200])
            #expect(bench.server.smallBodiesBytes == 0)
            first.receive(half)
            #expect(bench.server.smallBodiesBytes == 800)
            bench.server.stop()
            #expect(bench.server.smallBodiesBytes == 0)
        }
    }

    @Test(arguments: [
        ("HTTP/1.1", "", false), ("HTTP/1.1", "Connection: close\r\n", true),
        ("HTTP/1.0", "", true), ("HTTP/1.0", "Connection: keep-alive\r\n", false),
    ])
    func `the connection stays as the peer asks`(
        version: String, fields: String, closes: Bool
    ) async throws {
        try await LoopFixture.run {
            let bench = ServerBench()
            bench.transport.receive("GET / \(version)\r\nHost: a\r\n\(fields)\r\n")
            let answer = try #require(bench.transport.answers.first)
            #expect(answer.has("Connection: close") == closes)
            #expect(answer.has("Connection: keep-alive") == (version == "HTTP/1.0" && !closes))
            #expect(bench.transport.isShut == closes)
            bench.server.stop()
        }
    }

    @Test func `a handler may end the connection`() async throws {
        try await LoopFixture.run {
            let bench = ServerBench()
            bench.transport.receive("GET /last HTTP/1.1\r\nHost: a\r\n\r\n" + get)
            #expect(bench.transport.answers.map(\.body) == ["last"])
            #expect(bench.transport.isShut)
            bench.server.stop()
        }
    }

    @Test func `a long answer arrives whole, and HEAD gets its length only`() async throws {
        try await LoopFixture.run {
            let bench = ServerBench()
            bench.transport.receive("GET /big HTTP/1.1\r\nHost: a\r\n\r\n")
            #expect(bench.transport.answers.first?.body.utf8.count == 100_000)
            bench.connect()
            bench.transport.receive("HEAD /big HTTP/1.1\r\nHost: a\r\n\r\n")
            let answers = RawAnswer.parse(bench.transport.written, toHead: true)
            #expect(answers.count == 1 && answers[0].has("Content-Length: 100000"))
            bench.server.stop()
        }
    }

    @Test func `requests are counted and reported by route`() async throws {
        try await LoopFixture.run {
            let bench = ServerBench()
            bench.transport.receive(post("/echo", "Content-Length: 3\r\n", "abc") + "\0")
            #expect(bench.server.requestsTotal == 1)
            #expect(bench.server.faults == [.method: 1])
            let reported = bench.reported
            #expect(reported.map(\.route) == ["/echo", nil])
            #expect(reported.map(\.statusCode) == [200, 400])
            #expect(reported.map(\.method) == [.post, nil])
            #expect(reported.first?.requestBytes == 3 && reported.first?.responseBytes == 3)
            #expect(reported.first?.peer == "198.51.100.7:1")
            bench.server.stop()
        }
    }
}
