import Alerts
import Testing

@Suite struct RetryScheduleTests {
    let schedule = RetrySchedule(base: .seconds(1), cap: .seconds(60))

    @Test(arguments: [(1, 1), (2, 2), (3, 4), (4, 8), (7, 60), (500, 60)])
    func `the ceiling doubles with each try, up to the cap`(attempt: Int, ceiling: Int) {
        #expect(schedule.wait(afterAttempt: attempt, fraction: 0.5) == .seconds(ceiling) / 2)
    }

    @Test(arguments: [(30, 30), (90, 60), (0, 0)])
    func `a longer Retry-After wins, up to the cap`(asked: Int, expected: Int) {
        let wait = schedule.wait(afterAttempt: 1, serverDelay: .seconds(asked), fraction: 0)
        #expect(wait == .seconds(expected))
    }

    @Test func `a draw outside 0..<1 traps`() async {
        await #expect(processExitsWith: .failure) {
            _ = RetrySchedule.closes.wait(afterAttempt: 1, fraction: 1)
        }
    }
}

@Suite struct RateBudgetTests {
    private let start = ContinuousClock.now

    @Test func `four calls at once, the fifth when one has ended`() {
        var budget = RateBudget()
        for _ in 0..<4 { #expect(budget.take(at: start) == .start) }
        #expect(budget.take(at: start) == .waitForCompletion)
        budget.ended(at: start)
        #expect(budget.take(at: start) == .start)
        budget.ended(at: start)
        #expect(budget.take(at: start) == .wait(until: start + .seconds(1)))
        #expect(budget.take(at: start + .seconds(1)) == .start)
    }

    @Test(arguments: [UInt64(1), 2, 3, 4, 5])
    func `no second ever holds more than five calls, and a backlog uses them all`(seed: UInt64) {
        var budget = RateBudget()
        var random = seed
        func draw(_ bound: UInt64) -> UInt64 {
            random = random &* 6_364_136_223_846_793_005 &+ 1_442_695_040_888_963_407
            return (random >> 33) % bound
        }
        var arrivals: [Int] = []
        var endings: [Int] = []
        for millisecond in 0..<20_000 {
            let now = start + .milliseconds(millisecond)
            for _ in endings where endings.contains(millisecond) {
                if let index = endings.firstIndex(of: millisecond) {
                    endings.remove(at: index)
                    budget.ended(at: now)
                }
            }
            while budget.take(at: now) == .start {
                let latency = Int(draw(20))
                arrivals.append(millisecond + Int(draw(UInt64(latency + 1))))
                endings.append(millisecond + latency + 1)
            }
        }
        arrivals.sort()
        for (index, arrival) in arrivals.enumerated() where index + 5 < arrivals.count {
            #expect(arrivals[index + 5] - arrival >= 1000)
        }
        #expect(arrivals.count >= 95)
    }

    @Test func `a resumed budget is silent for the second that the process before may have used`() {
        var budget = RateBudget(resumedAt: start)
        #expect(budget.take(at: start) == .wait(until: start + .seconds(1)))
        #expect(budget.take(at: start + .seconds(1)) == .start)
    }
}

@Suite struct TimestampTests {
    @Test(
        arguments: [
            (0, "1970-01-01T00:00:00.000Z"), (1_777_622_430_123, "2026-05-01T08:00:30.123Z"),
            (-1, "1969-12-31T23:59:59.999Z"), (951_782_400_000, "2000-02-29T00:00:00.000Z"),
            (253_402_300_799_999, "9999-12-31T23:59:59.999Z"),
            (-62_135_596_800_000, "0001-01-01T00:00:00.000Z"),
        ] as [(Int64, String)])
    func `moments are written and read as RFC 3339`(milliseconds: Int64, text: String) {
        #expect(Timestamp(milliseconds: milliseconds).rfc3339 == text)
        #expect(Timestamp(rfc3339: text)?.milliseconds == milliseconds)
    }

    @Test(
        arguments: [
            ("2026-05-01T10:00:30.123+02:00", 1_777_622_430_123),
            ("2026-05-01t08:00:30z", 1_777_622_430_000), ("1990-12-31T23:59:60Z", 662_687_999_000),
        ] as [(String, Int64)])
    func `offsets, lower case and leap seconds are read`(text: String, milliseconds: Int64) {
        #expect(Timestamp(rfc3339: text)?.milliseconds == milliseconds)
    }

    @Test(arguments: [
        "", "2026-05-01", "2026-04-31T00:00:00Z", "2026-02-29T00:00:00Z", "2026-13-01T00:00:00Z",
        "2026-05-01T24:00:00Z", "2026-05-01T00:00:00", "2026-05-01T00:00:00Zx",
        "2026-05-01T00:00:00.Z", "0000-01-01T00:00:00Z",
    ])
    func `what is no moment is refused`(text: String) {
        #expect(Timestamp(rfc3339: text) == nil)
    }

    @Test func `seconds that no calendar shows are refused`() {
        #expect(Timestamp(seconds: .max) == nil)
        #expect(Timestamp(seconds: 253_402_300_800) == nil)
    }

    @Test func `whole seconds are cut downwards, before 1970 too`() {
        #expect(Timestamp(milliseconds: 1999).wholeSeconds == 1)
        #expect(Timestamp(milliseconds: -1).wholeSeconds == -1)
    }
}

@Suite struct APIKeyTests {
    @Test func `a key does not print itself`() {
        let key = APIKey("BPU-very-secret")
        var dumped = ""
        dump(key, to: &dumped)
        for text in ["\(key)", String(reflecting: key), dumped, "\([key])"] {
            #expect(!text.contains("secret"))
        }
        #expect(key.suffix == "cret")
    }
}
