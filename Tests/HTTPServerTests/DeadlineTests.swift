import EventLoop
import GatewayTesting
import Testing

@testable import HTTPServer

@Suite struct DeadlineTests {
    /// Limits of which none is reached but the one that a test makes short.
    private static let short = Duration.milliseconds(30)

    @LoopActor
    private static func make(_ change: @LoopActor (inout HTTPLimits) -> Void) -> ServerBench {
        ServerBench {
            $0.deadlineInterval = .milliseconds(5)
            change(&$0)
        }
    }

    /// Sends a byte a millisecond.
    @LoopActor
    private static func drip(
        _ bench: ServerBench, until isDone: @LoopActor () -> Bool
    ) async throws {
        var last = LoopActor.executor.now
        try await LoopTurn.until {
            if LoopActor.executor.now > last {
                last = LoopActor.executor.now
                bench.transport.receive("x")
            }
            return isDone()
        }
    }

    @Test func `a head that takes too long is answered 408`() async throws {
        try await LoopFixture.run {
            let bench = Self.make { $0.headDurationMax = Self.short }
            bench.transport.receive("GET / HTTP/1.1\r\nHost")
            try await LoopTurn.until { bench.transport.isShut }
            #expect(bench.transport.answers.map(\.status) == [408])
            bench.server.stop()
        }
    }

    @Test func `bytes that drip in don't buy a head more time`() async throws {
        try await LoopFixture.run {
            let bench = Self.make { $0.headDurationMax = Self.short }
            bench.transport.receive("GET / HTTP/1.1\r\nHost: a\r\nX: ")
            try await LoopTurn.until {
                bench.transport.receive("x")
                return bench.transport.isShut
            }
            #expect(bench.transport.answers.map(\.status) == [408])
            bench.server.stop()
        }
    }

    @Test func `an idle connection is closed without a word`() async throws {
        try await LoopFixture.run {
            let bench = Self.make { $0.idleDurationMax = Self.short }
            bench.transport.receive("GET / HTTP/1.1\r\nHost: a\r\n\r\n")
            try await LoopTurn.until { bench.transport.isClosing }
            #expect(bench.transport.answers.map(\.status) == [200])
            bench.server.stop()
        }
    }

    @Test func `a body that stops is answered 408`() async throws {
        try await LoopFixture.run {
            let bench = Self.make { $0.bodyIdleDurationMax = Self.short }
            bench.transport.receive("POST /echo HTTP/1.1\r\nHost: a\r\nContent-Length: 9\r\n\r\nx")
            try await LoopTurn.until { bench.transport.isShut }
            #expect(bench.transport.answers.map(\.status) == [408])
            #expect(bench.bodiesSeen.isEmpty)
            #expect(bench.unserved == [UnservedRequest(length: 9, reason: .tooSlow)])
            bench.server.stop()
        }
    }

    @Test func `a body that drips is answered 408`() async throws {
        try await LoopFixture.run {
            let bench = Self.make {
                $0.bodyIdleDurationMax = Self.short
                $0.bodyRateMin = 1_000_000
            }
            bench.transport.receive("POST /echo HTTP/1.1\r\nHost: a\r\nContent-Length: 999\r\n\r\n")
            try await Self.drip(bench) { bench.transport.isShut }
            #expect(bench.transport.answers.map(\.status) == [408])
            bench.server.stop()
        }
    }

    @Test func `a body that comes fast enough has all the time it needs`() async throws {
        try await LoopFixture.run {
            // Longer than a busy machine keeps this process waiting.
            let patience = Self.short * 10
            let bench = Self.make {
                $0.bodyIdleDurationMax = patience
                $0.bodyRateMin = 1
            }
            bench.transport.receive("POST /echo HTTP/1.1\r\nHost: a\r\nContent-Length: 999\r\n\r\n")
            let end = LoopActor.executor.now + patience * 3
            try await Self.drip(bench) { LoopActor.executor.now > end }
            #expect(bench.transport.answers.isEmpty)
            bench.server.stop()
        }
    }

    @Test func `a handler that takes too long is answered for`() async throws {
        try await LoopFixture.run {
            let bench = Self.make { $0.answerDurationMax = Self.short }
            bench.transport.receive("GET /later HTTP/1.1\r\nHost: a\r\n\r\n")
            try await LoopTurn.until { bench.transport.isShut }
            #expect(bench.transport.answers.map(\.status) == [503])
            #expect(bench.transport.answers.first?.has("Retry-After: 1") == true)
            #expect(bench.waiting[0].isCancelled)
            bench.waiting[0].respond(.noContent)
            #expect(bench.transport.answers.count == 1)
            bench.server.stop()
        }
    }

    @Test func `a peer that doesn't read is closed`() async throws {
        try await LoopFixture.run {
            let bench = Self.make { $0.stalledDurationMax = Self.short }
            bench.transport.isStuck = true
            bench.transport.receive("GET / HTTP/1.1\r\nHost: a\r\n\r\n")
            try await LoopTurn.until { bench.transport.isClosing }
            bench.server.stop()
        }
    }

    @Test(arguments: ["/", "/last"])
    func `a peer that reads slowly keeps its connection`(path: String) async throws {
        try await LoopFixture.run {
            let bench = Self.make {
                $0.lingerDurationMax = .zero
                $0.idleDurationMax = .zero
                $0.stalledDurationMax = .seconds(5)
            }
            bench.transport.isStuck = true
            bench.transport.receive("GET \(path) HTTP/1.1\r\nHost: a\r\n\r\n")
            let end = LoopActor.executor.now + Self.short
            try await LoopTurn.until { LoopActor.executor.now > end }
            #expect(!bench.transport.isClosing)
            bench.transport.drain()
            try await LoopTurn.until { bench.transport.isClosing }
            bench.server.stop()
        }
    }

    @Test func `a peer that doesn't close after the last answer is closed`() async throws {
        try await LoopFixture.run {
            let bench = Self.make { $0.lingerDurationMax = Self.short }
            bench.transport.receive("GET /last HTTP/1.1\r\nHost: a\r\n\r\n")
            #expect(bench.transport.isShut && !bench.transport.isClosing)
            try await LoopTurn.until { bench.transport.isClosing }
            bench.server.stop()
        }
    }

    @Test func `a peer that ended its side and does not read is cut off`() async throws {
        try await LoopFixture.run {
            let bench = Self.make { $0.stalledDurationMax = Self.short }
            bench.transport.isStuck = true
            bench.transport.receive("GET / HTTP/1.1\r\nHost: a\r\n\r\n")
            bench.transport.receiveEnd()
            #expect(!bench.transport.isClosing)
            try await LoopTurn.until { bench.transport.isClosing }
            #expect(bench.server.connectionsOpen == 0)
            bench.server.stop()
        }
    }
}
