package import Alerts
package import EventLoop

/// What happened since the process started, counted on the loop.
///
/// Every counter has its place in an array that is made at the start: to count is to add one, with
/// no look-up by hash, no allocation and no lock. What has a label of its own for each source is
/// counted for those that exist only, and only on the way of refusals.
@LoopActor
package final class Metrics {
    private var outcomes = [Int](repeating: 0, count: Outcome.ofWebhooks.count)
    private var refusals = [Int](repeating: 0, count: DeliveryRefusal.allCases.count)
    private var readings = [Int](repeating: 0, count: Reading.allCases.count)
    private var corrections: [AlertStatus: Int] = [:]
    private var closeSteps = [Int](
        repeating: 0, count: CloseReason.allCases.count * CloseState.allCases.count)
    /// From a whole webhook until it was durable.
    package private(set) var committed = Histogram(.nanoseconds, bounds: Histogram.latencies)
    /// From a whole webhook until its answer was handed to the connection.
    package private(set) var answered = Histogram(.nanoseconds, bounds: Histogram.latencies)
    /// How long the store took for each batch.
    package private(set) var commits = Histogram(.nanoseconds, bounds: Histogram.latencies)
    /// Webhooks in each batch.
    package private(set) var batches = Histogram(.items, bounds: Histogram.batches)
    /// How late the loop's timer was.
    package private(set) var loopLag = Histogram(.nanoseconds, bounds: Histogram.latencies)
    /// Wrong secrets shown to each source; of those that exist.
    package private(set) var wrongSecrets: [SourceID: WrongSecrets] = [:]
    /// Wrong admin tokens.
    package private(set) var wrongTokens = 0
    /// Posts to webhook endpoints that were taken, and that were not.
    private(set) var outboundTaken = 0
    private(set) var outboundFailed = 0
    /// Requests turned away because their address had shown too many wrong tokens.
    package private(set) var limitedTokens = 0

    /// Wrong secrets that a source was shown.
    package struct WrongSecrets: Sendable, Equatable {
        /// How many, since the start.
        package var count = 0
        /// When the last one was.
        package var lastAt: Timestamp
    }

    /// What reading an incident back came to; the names are metric labels.
    package enum Reading: String, Sendable, CaseIterable {
        /// The alert was in line with it.
        case unchanged
        /// The alert's status was brought in line with it.
        case corrected
        /// BigPanda had told of something newer meanwhile.
        case outdated
        /// No environment holds the incident.
        case absent
        /// BigPanda gave no answer that tells.
        case failed
    }

    /// Starts at zero.
    package init() {}

    /// A webhook was taken in.
    package func count(_ outcome: Outcome) {
        guard let place = outcome.place else { return }
        outcomes[place] += 1
    }

    /// A webhook was refused.
    package func count(_ refusal: DeliveryRefusal) {
        refusals[refusal.place] += 1
    }

    /// A webhook to a source that exists came with a wrong secret.
    package func countWrongSecret(of source: SourceID, at now: Timestamp) {
        var known = wrongSecrets[source] ?? WrongSecrets(lastAt: now)
        known.count += 1
        known.lastAt = now
        wrongSecrets[source] = known
    }

    /// Forgets sources that are gone.
    package func forgetSources(otherThan sources: Set<SourceID>) {
        wrongSecrets = wrongSecrets.filter { sources.contains($0.key) }
    }

    /// A webhook is durable; both moments by `SystemClock.nanoseconds`.
    package func countCommitted(from start: Int, to end: Int) {
        committed.count(end - start)
    }

    /// A webhook was answered.
    package func countAnswered(from start: Int, to end: Int) {
        answered.count(end - start)
    }

    /// A batch of webhooks was committed; the duration in nanoseconds.
    package func countBatch(of arrivals: Int, taking duration: Int) {
        batches.count(arrivals)
        commits.count(duration)
    }

    /// The loop came to a timer so many nanoseconds late.
    package func countLag(_ lag: Int) {
        loopLag.count(max(0, lag))
    }

    /// An admin token was wrong.
    package func countWrongToken() { wrongTokens += 1 }

    /// Somebody was turned away for having shown too many wrong tokens.
    package func countLimitedToken() { limitedTokens += 1 }

    /// A webhook was posted to an endpoint.
    func countOutbound(isTaken: Bool) {
        if isTaken { outboundTaken += 1 } else { outboundFailed += 1 }
    }

    /// An incident was read back.
    package func count(_ reading: Reading) {
        readings[reading.place] += 1
    }

    /// An alert's status was brought in line with what was read.
    package func countCorrection(to status: AlertStatus) {
        corrections[status, default: 0] += 1
    }

    /// A step of a close came to something, and left the close in a state.
    package func count(_ reason: CloseReason, _ state: CloseState) {
        closeSteps[reason.place * CloseState.allCases.count + state.place] += 1
    }

    /// How many webhooks came to an outcome.
    func total(_ outcome: Outcome) -> Int { outcome.place.map { outcomes[$0] } ?? 0 }
    /// How many webhooks were refused for a reason.
    func total(_ refusal: DeliveryRefusal) -> Int { refusals[refusal.place] }
    /// How many readings came to something.
    func total(_ reading: Reading) -> Int { readings[reading.place] }
    /// How many alerts were brought in line to a status.
    func corrections(to status: AlertStatus) -> Int { corrections[status] ?? 0 }
    /// How many steps of closes came to something and left a state.
    func total(_ reason: CloseReason, _ state: CloseState) -> Int {
        closeSteps[reason.place * CloseState.allCases.count + state.place]
    }
}
