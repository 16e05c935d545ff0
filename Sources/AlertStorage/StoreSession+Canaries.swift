import Alerts
import SQLite

extension StoreSession {
    private static let allCanaries = SQLText("SELECT \(CanaryRow.columns) FROM canaries")

    /// The canaries of all integrations that have some.
    func canaries() throws(SQLiteError) -> [IntegrationID: Canary] {
        try connection.withStatement(Self.allCanaries) { (select) throws(SQLiteError) in
            var found: [IntegrationID: Canary] = [:]
            while try select.step() == .row {
                var row = CanaryRow(
                    id: select.readText(), intervalSeconds: select.readInt64(),
                    enabledAt: select.readTime())
                row.take(
                    startedAt: select.readTimeIfAny(), endedAt: select.readTimeIfAny(),
                    alertID: select.readTextIfAny(), failedHop: select.readTextIfAny(),
                    reason: select.readTextIfAny(), hops: select.readTextIfAny())
                row.canary.succeededAt = select.readTimeIfAny()
                found[row.integrationID] = row.canary
            }
            return found
        }
    }

    /// Switches an integration's canary on, or sets its interval.
    func setCanary(
        _ interval: Duration, of id: IntegrationID, at now: Timestamp
    ) throws(SQLiteError) {
        try connection.withStatement(
            """
            INSERT INTO canaries(integration_id, interval_seconds, enabled_at)
            SELECT id, ?, ? FROM integrations WHERE id = ?
            ON CONFLICT(integration_id) DO UPDATE SET interval_seconds = excluded.interval_seconds
            """
        ) { (insert) throws(SQLiteError) in
            try insert.bind(Int(interval.components.seconds))
            try insert.bind(now)
            try insert.bind(id.text)
            try insert.run()
        }
    }

    /// Switches an integration's canary off.
    func removeCanary(of id: IntegrationID) throws(SQLiteError) {
        try connection.withStatement("DELETE FROM canaries WHERE integration_id = ?") {
            (delete) throws(SQLiteError) in
            try delete.bind(id.text)
            try delete.run()
        }
    }

    /// Writes what came of a canary.
    func record(_ run: CanaryRun, of id: IntegrationID) throws(SQLiteError) {
        try connection.withStatement(
            """
            UPDATE canaries SET started_at = ?, ended_at = ?, alert_id = ?, failed_hop = ?,
                reason = ?, hops = ?, succeeded_at = coalesce(?, succeeded_at)
            WHERE integration_id = ?
            """
        ) { (update) throws(SQLiteError) in
            try update.bind(run.startedAt)
            try update.bind(run.endedAt)
            try update.bind(run.alertID?.text)
            try update.bind(run.failure?.hop.rawValue)
            try update.bind(run.failure?.reason)
            try update.bind(run.hopsText)
            try update.bind(run.failure == nil ? run.endedAt : nil)
            try update.bind(id.text)
            try update.run()
        }
    }
}
