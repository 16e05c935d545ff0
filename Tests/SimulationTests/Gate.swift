import Alerts

/// What `CallGate` does, with the real budget and in virtual time.
struct Gate {
    enum Admission: Equatable {
        case start(jobID: Int)
        case wait(until: Int)
        case nobody
    }

    // Only the distance to it counts.
    private static let origin = ContinuousClock.now

    private var budget: RateBudget
    private var uncountedCalls = 0
    private var queues: [[Int]] = [[], [], []]

    init() {
        budget = RateBudget()
    }

    init(resumedAt now: Int) {
        budget = RateBudget(resumedAt: Self.instant(now))
    }

    mutating func enter(_ jobID: Int, urgency: Int) {
        queues[urgency].append(jobID)
    }

    mutating func leave(at now: Int) {
        guard uncountedCalls == 0 else {
            uncountedCalls -= 1
            return
        }
        budget.ended(at: Self.instant(now))
    }

    mutating func next(at now: Int, hasBudget: Bool) -> Admission {
        guard let urgency = queues.firstIndex(where: { !$0.isEmpty }) else { return .nobody }
        switch budget.take(at: Self.instant(now)) {
        case .start: break
        case .wait(let until) where hasBudget: return .wait(until: Self.milliseconds(until))
        case .waitForCompletion where hasBudget: return .nobody
        case .wait, .waitForCompletion:
            uncountedCalls += 1
        }
        return .start(jobID: queues[urgency].removeFirst())
    }

    private static func instant(_ milliseconds: Int) -> ContinuousClock.Instant {
        origin + .milliseconds(milliseconds)
    }

    private static func milliseconds(_ instant: ContinuousClock.Instant) -> Int {
        let (seconds, attoseconds) = origin.duration(to: instant).components
        return Int(seconds) * 1000 + Int(attoseconds / 1_000_000_000_000_000)
    }
}
