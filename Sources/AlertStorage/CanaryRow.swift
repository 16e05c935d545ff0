import Alerts

/// A canary as both databases keep it.
struct CanaryRow {
    static let columns = """
        integration_id, interval_seconds, enabled_at, started_at, ended_at, alert_id, failed_hop, \
        reason, hops, succeeded_at
        """

    let integrationID: IntegrationID
    var canary: Canary

    /// Takes over the columns that are always there.
    init(id: String, intervalSeconds: Int64, enabledAt: Timestamp) {
        integrationID = IntegrationID(id)
        canary = Canary(interval: .seconds(intervalSeconds), enabledAt: enabledAt)
    }

    /// Takes over the columns of the last one, if there was one.
    mutating func take(
        startedAt: Timestamp?, endedAt: Timestamp?, alertID: String?, failedHop: String?,
        reason: String?, hops: String?
    ) {
        guard let startedAt, let endedAt else { return }
        var run = CanaryRun(startedAt: startedAt)
        run.endedAt = endedAt
        run.alertID = alertID.map { AlertID($0) }
        // A hop that only a later version knows is told as the last one.
        run.failure = failedHop.map {
            CanaryRun.Failure(CanaryRun.Hop(rawValue: $0) ?? .confirm, reason ?? "")
        }
        run.durations = (hops ?? "").split(separator: ",").compactMap { text in
            Int64(text).map { .microseconds($0) }
        }
        canary.lastRun = run
    }
}

extension CanaryRun {
    /// The durations of the hops in microseconds, with commas in between.
    var hopsText: String {
        durations.map { duration in
            let (seconds, attoseconds) = duration.components
            return "\(seconds * 1_000_000 + attoseconds / 1_000_000_000_000)"
        }.joined(separator: ",")
    }
}
