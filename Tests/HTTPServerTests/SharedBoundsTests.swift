import GatewayTesting
import Testing

@testable import EventLoop
@testable import HTTPServer

/// What all connections together may make the server hold.
@Suite struct SharedBoundsTests {
    private static func large(_ count: Int, sent: Int) -> String {
        "POST /echo HTTP/1.1\r\nHost: a\r\nContent-Length: \(count)\r\n\r\n"
            + String(repeating: "x", count: sent)
    }

    private static let big = "GET /big HTTP/1.1\r\nHost: a\r\n\r\n"
    private static let small = "GET / HTTP/1.1\r\nHost: a\r\n\r\n"

    @LoopActor
    private static func bench() -> ServerBench {
        ServerBench {
            $0.largeBodyBytesMin = 100
            $0.largeBodiesBytesMax = 1_000
        }
    }

    @Test func `a large body that finds no room is refused before it is read`() async throws {
        try await LoopFixture.run {
            let bench = Self.bench()
            let first = bench.transport
            first.receive(Self.large(600, sent: 10))
            #expect(bench.server.largeBodiesBytes == 600)
            bench.connect()
            bench.transport.receive(Self.large(600, sent: 0))
            let answer = bench.transport.answers.first
            #expect(answer?.status == 503)
            #expect(answer?.has("Retry-After: 1") == true)
            // Small ones are let in, and the first large one is finished.
            bench.connect()
            bench.transport.receive(Self.large(50, sent: 50))
            #expect(bench.transport.answers.map(\.status) == [200])
            first.receive(String(repeating: "x", count: 590))
            #expect(first.answers.map(\.status) == [200])
            #expect(bench.server.largeBodiesBytes == 0)
            bench.server.stop()
        }
    }

    @Test func `one large body is always let in, and its room comes back`() async throws {
        try await LoopFixture.run {
            let bench = ServerBench {
                $0.largeBodyBytesMin = 100
                $0.largeBodiesBytesMax = 100
                $0.smallBodiesBytesMax = 100
            }
            bench.transport.receive(Self.large(900, sent: 800))
            #expect(bench.transport.answers.isEmpty)
            #expect(bench.server.smallBodiesBytes == 0)
            bench.transport.receive(String(repeating: "x", count: 100))
            #expect(bench.transport.answers.map(\.status) == [200])
            bench.transport.receive(Self.large(900, sent: 1))
            #expect(bench.server.largeBodiesBytes == 900)
            bench.server.stop()
            #expect(bench.server.largeBodiesBytes == 0)
        }
    }

    @Test func `a body without a length counts as it grows`() async throws {
        try await LoopFixture.run {
            let bench = Self.bench()
            bench.transport.receive(Self.large(900, sent: 1))
            bench.connect()
            let chunk = "32\r\n" + String(repeating: "x", count: 50) + "\r\n"
            bench.transport.receive(
                "POST /echo HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n")
            bench.transport.receive(chunk + chunk)
            #expect(bench.transport.answers.isEmpty)
            bench.transport.receive(chunk)
            #expect(bench.transport.answers.map(\.status) == [503])
            #expect(bench.server.largeBodiesBytes == 900)
            bench.server.stop()
        }
    }

    @Test func `when much is unread, each peer may leave one answer unread`() async throws {
        try await LoopFixture.run {
            let bench = ServerBench { $0.unsentBytesInAllMax = 1_000 }
            let first = bench.transport
            first.isStuck = true
            first.receive(Self.big)
            #expect(bench.server.unsentBytes > 100_000)
            bench.connect()
            bench.transport.isStuck = true
            bench.transport.receive(Self.small + Self.small + Self.small)
            #expect(bench.transport.answers.count == 1)
            #expect(!bench.transport.isReading)
            // Who reads is served.
            bench.connect()
            bench.transport.receive(Self.small + Self.small)
            #expect(bench.transport.answers.count == 2)
            first.drain()
            #expect(bench.server.unsentBytes < 1_000)
            bench.server.stop()
            #expect(bench.server.unsentBytes == 0)
        }
    }

    @Test func `beyond the bound a peer that sends and doesn't read is cut off`() async throws {
        try await LoopFixture.run {
            let bench = ServerBench { $0.pipelinedBytesInAllMax = 50 }
            bench.transport.isStuck = true
            let requests = String(repeating: Self.big, count: 5)
            bench.transport.receive(requests)
            #expect(bench.transport.isClosing)
            #expect(bench.server.pipelinedBytes == 0)
            bench.server.stop()
        }
    }

    @Test func `unfinished heads have a bound of their own`() async throws {
        try await LoopFixture.run {
            let bench = ServerBench { $0.headBytesInAllMax = 50 }
            bench.transport.receive("GET / HTTP/1.1\r\nHost: a\r\nX: ")
            #expect(bench.transport.answers.isEmpty)
            bench.connect()
            bench.transport.receive("GET / HTTP/1.1\r\nHost: a\r\nX: ")
            #expect(bench.transport.answers.map(\.status) == [503])
            bench.connect()
            bench.transport.receive(Self.small)
            bench.transport.receive(Self.large(90, sent: 10))
            bench.transport.receive(String(repeating: "x", count: 80))
            #expect(bench.transport.answers.map(\.status) == [200, 200])
            bench.server.stop()
            #expect(bench.server.headBytes == 0)
        }
    }

    @Test func `beyond the bound what is pipelined is dropped and its peer told`() async throws {
        try await LoopFixture.run {
            let bench = ServerBench { $0.pipelinedBytesInAllMax = 50 }
            let later = "GET /later HTTP/1.1\r\nHost: a\r\n\r\n"
            bench.transport.receive(later + Self.small + Self.small)
            #expect(bench.server.pipelinedBytes == 0)
            bench.waiting.first?.respond(.text(.ok, "later"))
            #expect(bench.transport.answers.map(\.body) == ["later"])
            #expect(bench.transport.answers.first?.has("Connection: close") == true)
            #expect(bench.transport.isShut)
            bench.server.stop()
        }
    }
}
