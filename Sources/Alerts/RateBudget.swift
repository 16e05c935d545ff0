/// How many calls one integration may make: at most 5 in any second, and 4 at once.
///
/// A place in the window is given back one second after its call *ended*. BigPanda saw the call
/// before that, so no second at BigPanda's end can hold more than the budget, however long each
/// call was on its way.
/// Source: BigPanda, API reference "Rate limits": 5 requests a second for a route and token.
package struct RateBudget: Sendable, Equatable {
    /// Calls in any one window.
    package static let callsMax = 5
    /// The window that BigPanda counts in.
    package static let window = Duration.seconds(1)
    /// Calls under way at once.
    package static let concurrentMax = 4

    private var runningCount = 0
    /// When each ended call leaves the window, soonest first; at most `callsMax` of them.
    private var releases: [ContinuousClock.Instant] = []

    /// Makes a budget that nothing was taken from.
    package init() {}

    /// Makes the budget of an integration that an earlier process may have used until `start`.
    package init(resumedAt start: ContinuousClock.Instant) {
        releases = Array(repeating: start + Self.window, count: Self.callsMax)
    }

    /// Whether a call may start.
    package enum Decision: Sendable, Equatable {
        /// It may, and is counted.
        case start
        /// Not before this moment.
        case wait(until: ContinuousClock.Instant)
        /// Not before a call under way has ended.
        case waitForCompletion
    }

    /// Takes a place for a call that starts at `now`, if there is one.
    package mutating func take(at now: ContinuousClock.Instant) -> Decision {
        releases.removeAll { $0 <= now }
        guard runningCount < Self.concurrentMax else { return .waitForCompletion }
        guard runningCount + releases.count >= Self.callsMax else {
            runningCount += 1
            return .start
        }
        guard let next = releases.first else { return .waitForCompletion }
        return .wait(until: next)
    }

    /// A call that had been taken was not made after all.
    package mutating func giveBack() {
        precondition(runningCount > 0, "a call was given back that never started")
        runningCount -= 1
    }

    /// A call that had been taken ended at `now`.
    package mutating func ended(at now: ContinuousClock.Instant) {
        precondition(runningCount > 0, "a call ended that never started")
        runningCount -= 1
        releases.append(now + Self.window)
    }
}
