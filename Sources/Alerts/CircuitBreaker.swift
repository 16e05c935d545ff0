/// Holds the closes of one integration back while its BigPanda does not work, so that an outage
/// costs one call now and then rather than one for each close that is owed.
///
/// It opens after a few failures in a row, lets one close through as a probe after a wait that
/// grows with every probe that failed, and is shut again by the first call that BigPanda answered.
/// It lives in memory: a process that starts finds out by itself.
package struct CircuitBreaker: Sendable, Equatable {
    /// Failures in a row after which closes are held back: one may be chance, three are not.
    package static let failuresMax = 3
    /// The waits before each probe; BigPanda's return is noticed within the longest.
    package static let waits = RetrySchedule(base: .seconds(2), cap: .seconds(60))

    private var state = State.shut(failures: 0)

    private enum State: Sendable, Equatable {
        case shut(failures: Int)
        case open(until: ContinuousClock.Instant, probes: Int)
        case probing(probes: Int)
    }

    /// Makes one that lets everything through.
    package init() {}

    /// Which closes may be taken up.
    package enum Passage: Sendable, Equatable {
        /// All that are due.
        case free
        /// One, whose call shows whether BigPanda works again.
        case probe
        /// None before this moment.
        case held(until: ContinuousClock.Instant)
        /// None before the probe under way has ended.
        case heldByProbe
    }

    /// Which closes may be taken up at `now`.
    package func passage(at now: ContinuousClock.Instant) -> Passage {
        switch state {
        case .shut: .free
        case .open(let until, _): until <= now ? .probe : .held(until: until)
        case .probing: .heldByProbe
        }
    }

    /// Whether closes are held back.
    package var isOpen: Bool {
        switch state {
        case .shut: false
        case .open, .probing: true
        }
    }

    /// A close was taken up as the probe that `passage(at:)` allowed.
    package mutating func probeBegan() {
        guard case .open(_, let probes) = state else { return }
        state = .probing(probes: probes)
    }

    /// BigPanda answered a call, be it with a refusal.
    package mutating func answered() {
        state = .shut(failures: 0)
    }

    /// A call came to nothing: no answer, or one that says that BigPanda does not work.
    ///
    /// - Parameters:
    ///   - isProbe: Whether the call was the probe; others were under way before it opened.
    ///   - now: When the call ended.
    ///   - fraction: A draw from 0..<1, passed in so that a test can fix it. The wait is between
    ///     half of the schedule's ceiling and all of it, so that probes of several gateways spread
    ///     and none comes too soon.
    package mutating func failed(
        isProbe: Bool, at now: ContinuousClock.Instant, fraction: Double
    ) {
        switch state {
        case .shut(let failures):
            guard failures + 1 >= Self.failuresMax else {
                state = .shut(failures: failures + 1)
                return
            }
            open(afterProbes: 0, at: now, fraction)
        case .probing(let probes):
            if isProbe { open(afterProbes: probes + 1, at: now, fraction) }
        case .open:
            break
        }
    }

    private mutating func open(
        afterProbes probes: Int, at now: ContinuousClock.Instant, _ fraction: Double
    ) {
        let drawn = min((1 + fraction) / 2, 1.0.nextDown)
        let wait = Self.waits.wait(afterAttempt: probes + 1, fraction: drawn)
        state = .open(until: now + wait, probes: probes)
    }
}

extension CloseMachine.Result {
    /// Whether BigPanda answered, be it with a refusal, as one that works does.
    package var showsBigPandaWorks: Bool {
        switch self {
        case .accepted, .keyRejected, .keyForbidden, .notFound, .rateLimited, .refused,
            .canary:
            true
        case .delayed, .unknown: false
        }
    }
}
