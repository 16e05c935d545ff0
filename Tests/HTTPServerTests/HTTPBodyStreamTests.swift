import EventLoop
import GatewayTesting
import Testing

@testable import HTTPServer

@Suite struct HTTPBodyStreamTests {
    private static let get = "GET /stream HTTP/1.1\r\nHost: a\r\n\r\n"
    private static let getOld = "GET /stream HTTP/1.0\r\nConnection: keep-alive\r\n\r\n"

    /// What a transport was given behind the head.
    @LoopActor
    private static func content(_ bench: ServerBench) -> String {
        let text = String(decoding: bench.transport.written, as: UTF8.self)
        return text.split(separator: "\r\n\r\n", maxSplits: 1).dropFirst().joined()
    }

    @LoopActor
    private static func write(_ text: String, to stream: HTTPBodyStream) {
        stream.write(Array(text.utf8).span)
    }

    @Test func `a streamed answer has its request's id`() async throws {
        try await LoopFixture.run {
            let bench = ServerBench(namesRequests: true)
            bench.transport.receive(Self.get)
            let head = try #require(bench.transport.answers.first)
            let ids = head.fields.filter { $0.hasPrefix("X-Request-Id: ") }
            #expect(ids.count == 1 && ids[0].utf8.count > 20, "\(head.fields)")
            bench.streams.first?.end()
            bench.server.stop()
        }
    }

    @Test func `pieces go out as chunks, and the connection goes on after the last`() async throws {
        try await LoopFixture.run {
            let bench = ServerBench()
            bench.transport.receive(Self.get)
            let stream = try #require(bench.streams.first)
            let head = try #require(bench.transport.answers.first)
            #expect(head.has("Transfer-Encoding: chunked"))
            #expect(head.has("Content-Type: text/plain"))
            #expect(!head.fields.contains { $0.hasPrefix("Content-Length") })
            Self.write("hello", to: stream)
            Self.write("", to: stream)
            Self.write(String(repeating: "x", count: 17), to: stream)
            let chunks = "5\r\nhello\r\n11\r\n" + String(repeating: "x", count: 17) + "\r\n"
            #expect(Self.content(bench) == chunks)
            #expect(stream.isOpen)
            stream.end()
            #expect(Self.content(bench) == chunks + "0\r\n\r\n")
            #expect(!stream.isOpen)
            Self.write("late", to: stream)
            stream.end()
            bench.transport.receive("GET / HTTP/1.1\r\nHost: a\r\n\r\n")
            #expect(Self.content(bench).hasPrefix(chunks + "0\r\n\r\nHTTP/1.1 200"))
            #expect(bench.reported.map(\.responseBytes) == [22, 4])
            #expect(bench.reported.map(\.route) == ["/stream", "/"])
            bench.server.stop()
        }
    }

    @Test func `a request behind it waits for its end`() async throws {
        try await LoopFixture.run {
            let bench = ServerBench()
            bench.transport.receive(Self.get + "GET / HTTP/1.1\r\nHost: a\r\n\r\n")
            let stream = try #require(bench.streams.first)
            Self.write("x", to: stream)
            #expect(Self.content(bench) == "1\r\nx\r\n")
            stream.end()
            #expect(Self.content(bench).hasSuffix("\r\n\r\nroot"))
            bench.server.stop()
        }
    }

    @Test func `HTTP 1_0 gets it without chunks, ended by the connection`() async throws {
        try await LoopFixture.run {
            let bench = ServerBench()
            bench.transport.receive(Self.getOld)
            let stream = try #require(bench.streams.first)
            let head = try #require(bench.transport.answers.first)
            #expect(head.has("Connection: close"))
            #expect(!head.fields.contains { $0.hasPrefix("Transfer-Encoding") })
            Self.write("hello", to: stream)
            #expect(Self.content(bench) == "hello")
            #expect(!bench.transport.isShut)
            stream.end()
            #expect(Self.content(bench) == "hello")
            #expect(bench.transport.isShut)
            bench.server.stop()
        }
    }

    @Test func `HEAD gets the head alone, and the connection goes on`() async throws {
        try await LoopFixture.run {
            let bench = ServerBench()
            bench.transport.receive("HEAD /stream HTTP/1.1\r\nHost: a\r\n\r\n")
            #expect(bench.streams.isEmpty)
            #expect(bench.transport.answers.first?.has("Transfer-Encoding: chunked") == true)
            #expect(Self.content(bench).isEmpty)
            bench.transport.receive("GET / HTTP/1.1\r\nHost: a\r\n\r\n")
            #expect(Self.content(bench).hasSuffix("root"))
            bench.server.stop()
        }
    }

    @Test func `who does not read is waited for, and told of again once all is gone`() async throws
    {
        try await LoopFixture.run {
            let bench = ServerBench()
            bench.transport.receive(Self.get)
            let stream = try #require(bench.streams.first)
            var calls = 0
            stream.onWritable = { calls += 1 }
            #expect(stream.isWritable)
            bench.transport.isStuck = true
            Self.write("hello", to: stream)
            #expect(!stream.isWritable)
            #expect(calls == 0)
            bench.transport.drain()
            #expect(stream.isWritable)
            #expect(calls == 1)
            bench.server.stop()
        }
    }

    @Test func `who reads nothing for too long is cut off`() async throws {
        try await LoopFixture.run {
            let bench = ServerBench {
                $0.deadlineInterval = .milliseconds(5)
                $0.stalledDurationMax = .milliseconds(30)
                $0.answerDurationMax = .milliseconds(1)
            }
            bench.transport.receive(Self.get)
            let stream = try #require(bench.streams.first)
            var ends = 0
            stream.onEnd = { ends += 1 }
            // No answer is too slow once it is streamed.
            let start = LoopActor.executor.now
            try await LoopTurn.until { LoopActor.executor.now - start > .milliseconds(60) }
            #expect(stream.isOpen)
            bench.transport.isStuck = true
            Self.write("hello", to: stream)
            try await LoopTurn.until { bench.transport.isClosing }
            #expect(!stream.isOpen)
            #expect(ends == 1)
            bench.server.stop()
        }
    }

    @Test func `a peer that ends its side is gone`() async throws {
        try await LoopFixture.run {
            let bench = ServerBench()
            bench.transport.receive(Self.get)
            let stream = try #require(bench.streams.first)
            var ends = 0
            stream.onEnd = { ends += 1 }
            bench.transport.receiveEnd()
            #expect(bench.transport.isClosing)
            #expect(!stream.isOpen && !stream.isWritable)
            #expect(ends == 1)
            Self.write("late", to: stream)
            stream.end()
            #expect(ends == 1)
            #expect(bench.reported.count == 1)
        }
    }

    @Test func `a drain ends streams at once, those that nobody reads without their end`()
        async throws
    {
        try await LoopFixture.run {
            let bench = ServerBench()
            let reader = bench.transport
            reader.receive(Self.get)
            bench.connect()
            bench.transport.receive(Self.get)
            var ends = 0
            for stream in bench.streams { stream.onEnd = { ends += 1 } }
            bench.transport.isStuck = true
            Self.write("hello", to: bench.streams[1])
            let drain = LoopActor.spawn { await bench.server.drain(deadline: .seconds(5)) }
            try await LoopTurn.until { ends == 2 }
            #expect(String(decoding: reader.written, as: UTF8.self).hasSuffix("\r\n\r\n0\r\n\r\n"))
            #expect(reader.isShut && !reader.isClosing)
            #expect(bench.transport.isClosing)
            // A stream that is asked for now ends as it begins.
            reader.receiveEnd()
            await drain.value
        }
    }

    @Test func `a stream that is asked for during a drain ends as it begins`() async throws {
        try await LoopFixture.run {
            let bench = ServerBench { $0.drainIdleDuration = .seconds(2) }
            let drain = LoopActor.spawn { await bench.server.drain(deadline: .seconds(5)) }
            try await LoopTurn.until { bench.server.isDraining }
            bench.transport.receive(Self.get)
            #expect(bench.streams.isEmpty)
            #expect(bench.transport.answers.first?.has("Connection: close") == true)
            #expect(Self.content(bench) == "0\r\n\r\n")
            bench.transport.receiveEnd()
            await drain.value
        }
    }

    @Test func `on a socket, a peer that goes away is noticed and one that reads gets all`()
        async throws
    {
        try await LoopFixture.run {
            let bench = ServerBench()
            let listener = try Listener.tcp(host: "127.0.0.1", port: 0, backlog: 64)
            try bench.server.serve(listener)
            let reader = try await HTTPProbe.connect(to: listener.boundAddress)
            let leaver = try await HTTPProbe.connect(to: listener.boundAddress)
            try reader.send(Self.get)
            try await LoopTurn.until { bench.streams.count == 1 }
            try leaver.send(Self.get)
            try await LoopTurn.until { bench.streams.count == 2 }
            let (kept, left) = (bench.streams[0], bench.streams[1])
            leaver.stream.close()
            try await LoopTurn.until { !left.isOpen }

            // More than the kernel holds: it goes on as the reader takes it.
            let piece = [UInt8](repeating: 0x7a, count: 60_000)
            var rest = 200
            while rest > 0 {
                try await LoopTurn.until { kept.isWritable }
                kept.write(piece.span)
                rest -= 1
            }
            kept.end()
            let end = Array("0\r\n\r\n".utf8)
            try await LoopTurn.until { reader.received.suffix(5).elementsEqual(end) }
            #expect(reader.received.count { $0 == 0x7a } == 200 * 60_000)
            reader.stream.close()
            bench.server.stop()
        }
    }

    @Test func `a handler without a connection gives the head`() async throws {
        try await LoopFixture.run {
            var routes = HTTPRoutes()
            routes.add(.get, "/stream") { _, _, responder in
                #expect(responder.stream(HTTPResponse(.ok, contentType: "text/plain")) == nil)
            }
            let answer = await routes.answer(
                to: HTTPRequest(head: try HTTPRequestHead(.get, "/stream")))
            #expect(answer.status == .ok)
        }
    }
}
