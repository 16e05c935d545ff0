package import Alerts
package import EventLoop

/// Lets calls to one integration's BigPanda through, as fast as its budget allows.
///
/// Who is more urgent goes first: a person who waits for a key check, then closes, then readings.
@LoopActor
package final class CallGate {
    /// How urgent a call is; the most urgent first.
    package enum Urgency: Int, Sendable, CaseIterable {
        /// A person waits for the answer.
        case person
        /// A close, or what a close needs.
        case close
        /// Everything that can wait.
        case reading
    }

    private var budget: RateBudget
    private let timer = Timer()
    private var queues: [Urgency: [CheckedContinuation<Bool, Never>]] = [:]
    private var isClosed = false

    /// Makes a gate with `budget`.
    package init(budget: RateBudget) {
        self.budget = budget
    }

    /// How many callers wait.
    package var waitingCount: Int { queues.values.reduce(0) { $0 + $1.count } }

    /// Makes a call when its turn has come.
    ///
    /// - Returns: What the call returned, or `nil` when the gate is closed or too many wait.
    package func run<Success: Sendable>(
        _ urgency: Urgency, _ call: @LoopActor () async -> Success
    ) async -> Success? {
        guard await enter(urgency) else { return nil }
        defer { leave() }
        return await call()
    }

    /// Lets nobody in any more; those who wait get `nil`.
    package func close() {
        isClosed = true
        timer.stop()
        for urgency in Urgency.allCases {
            for waiter in queues.removeValue(forKey: urgency) ?? [] {
                waiter.resume(returning: false)
            }
        }
    }

    private func enter(_ urgency: Urgency) async -> Bool {
        guard !isClosed, waitingCount < Limits.waitingCallsMax else { return false }
        return await withCheckedContinuation { waiter in
            queues[urgency, default: []].append(waiter)
            admit()
        }
    }

    private func leave() {
        budget.ended(at: .now)
        admit()
    }

    private func admit() {
        while let urgency = Urgency.allCases.first(where: { queues[$0]?.isEmpty == false }) {
            switch budget.take(at: .now) {
            case .start:
                queues[urgency]?.removeFirst().resume(returning: true)
            case .wait(let until):
                // A millisecond more, since timers are cut to whole ones.
                let wait = ContinuousClock.now.duration(to: until) + .milliseconds(1)
                timer.start(after: wait) { [weak self] in
                    self?.admit()
                }
                return
            case .waitForCompletion:
                return
            }
        }
    }
}
