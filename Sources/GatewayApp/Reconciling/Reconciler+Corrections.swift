import Alerts
import EventLoop
import Logging

// What readings come to.
extension Reconciler {
    /// Brings alerts in line with readings of their incidents.
    func keep(
        _ items: [DueReading], as readings: [IncidentReading], readAt: Timestamp
    ) async throws(StoreError) {
        let changes = try await store.apply(
            zip(items, readings).map { item, reading in
                AlertReading(alertID: item.alertID, reading: reading, readAt: readAt)
            }, at: clock.now)
        for (item, change) in zip(items, changes) { note(change, of: item) }
    }

    private func note(_ change: AlertMachine.Change?, of item: DueReading) {
        if let change, change.outcome == .resolved || change.outcome == .refired {
            metrics.count(.corrected)
            noteCorrection(change, of: item)
        } else {
            metrics.count(change?.outcome == .ignoredStale ? .outdated : .unchanged)
        }
    }

    func noteCorrection(_ change: AlertMachine.Change, of item: DueReading) {
        let status = change.subject.alert.status
        metrics.countCorrection(to: status)
        log.info(
            "Reading an incident back brought its alert in line.",
            metadata: Self.marks(of: item, "status", status.rawValue))
    }

    /// What a line of the log says of an alert that is read back.
    static func marks(
        of item: DueReading, _ name: String, _ value: String
    ) -> Logger.Metadata {
        [
            "source": "\(item.sourceID)", "alert": "\(item.alertID)",
            "incident": "\(item.incidentID)", name: "\(value)",
        ]
    }
}
