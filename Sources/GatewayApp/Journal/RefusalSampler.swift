/// Decides which refused strangers are worth a line in the journal.
///
/// All are counted; kept is at most one a second and peer, and so many a minute in all, so that
/// nobody without a secret can fill the disk or push others' deliveries out of the journal.
package struct RefusalSampler {
    private var admitted: [(at: ContinuousClock.Instant, peer: String)] = []

    /// Has admitted nobody yet.
    package init() {}

    /// Whether the request of `peer` is kept; `now` never goes back.
    package mutating func admits(_ peer: String, at now: ContinuousClock.Instant) -> Bool {
        admitted.removeAll { now - $0.at >= .seconds(60) }
        guard admitted.count < Limits.strangersKeptPerMinuteMax else { return false }
        let isRecent = admitted.contains { $0.peer == peer && now - $0.at < .seconds(1) }
        guard !isRecent else { return false }
        admitted.append((now, peer))
        return true
    }
}
