import EventLoop
import GatewayTesting
import Testing

@Suite struct TimerTests {
    @LoopActor private final class Log { var entries: [String] = [] }

    @Test func `a timer calls once, and not before its time`() async throws {
        try await LoopFixture.run {
            let (timer, log) = (Timer(), Log())
            let start = SystemClock.monotonic()
            timer.start(after: .milliseconds(20)) { log.entries.append("fired") }
            #expect(timer.isRunning)
            try await LoopTurn.until { !log.entries.isEmpty }
            #expect(SystemClock.monotonic() - start >= .milliseconds(19))
            #expect(!timer.isRunning)
            for _ in 0..<5 { await LoopTurn.next() }
            #expect(log.entries == ["fired"])
        }
    }

    @Test func `no delay at all still waits for the next turn`() async throws {
        try await LoopFixture.run {
            let (timer, log) = (Timer(), Log())
            timer.start(after: .zero) { log.entries.append("fired") }
            #expect(log.entries.isEmpty)
            try await LoopTurn.until { log.entries == ["fired"] }
        }
    }

    @Test func `a second start replaces the first`() async throws {
        try await LoopFixture.run {
            let (timer, log) = (Timer(), Log())
            timer.start(after: .zero) { log.entries.append("first") }
            timer.start(after: .milliseconds(1)) { log.entries.append("second") }
            try await LoopTurn.until { !log.entries.isEmpty }
            #expect(log.entries == ["second"])
        }
    }

    @Test func `a stopped timer and a dropped one stay silent`() async throws {
        try await LoopFixture.run {
            let (stopped, log) = (Timer(), Log())
            var dropped: Timer? = Timer()
            stopped.start(after: .zero) { log.entries.append("stopped") }
            dropped?.start(after: .zero) { log.entries.append("dropped") }
            stopped.stop()
            dropped = nil
            for _ in 0..<5 { await LoopTurn.next() }
            #expect(log.entries.isEmpty)
        }
    }

    @Test func `a callback may start its timer again`() async throws {
        try await LoopFixture.run {
            let (timer, log) = (Timer(), Log())
            timer.start(after: .zero) {
                log.entries.append("first")
                timer.start(after: .zero) { log.entries.append("second") }
            }
            try await LoopTurn.until { log.entries.count == 2 }
            #expect(log.entries == ["first", "second"])
        }
    }

    @Test(arguments: [
        (Duration.zero, UInt64(0)), (.nanoseconds(1), 1), (.milliseconds(1), 1),
        (.microseconds(1001), 2), (.seconds(3), 3000), (.seconds(-3), 0), (.nanoseconds(-1), 0),
        (.seconds(Int64.max), .max),
    ])
    func `milliseconds are rounded up, and never negative`(
        duration: Duration, milliseconds: UInt64
    ) {
        #expect(duration.milliseconds == milliseconds)
    }
}
