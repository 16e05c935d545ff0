package import Alerts
import EventLoop
import Postgres

extension PostgresStore: CanaryStore {
    private static let all = PostgresText("SELECT \(CanaryRow.columns) FROM canaries")
    private static let set = PostgresText(
        """
        INSERT INTO canaries(integration_id, interval_seconds, enabled_at)
        SELECT id, $2::bigint, $3::bigint FROM integrations WHERE id = $1
        ON CONFLICT (integration_id) DO UPDATE SET interval_seconds = excluded.interval_seconds
        """)
    static let removeCanary = PostgresText("DELETE FROM canaries WHERE integration_id = $1")
    private static let record = PostgresText(
        """
        UPDATE canaries SET started_at = $2, ended_at = $3, alert_id = $4, failed_hop = $5,
            reason = $6, hops = $7, succeeded_at = coalesce($8::bigint, succeeded_at)
        WHERE integration_id = $1
        """)

    /// The canaries of all integrations that have some.
    package func canaries() async throws(StoreError) -> [IntegrationID: Canary] {
        try await core.canaries(PostgresQuery(Self.all))
    }

    /// Switches an integration's canary on, at another interval, or off.
    package func setCanary(
        _ interval: Duration?, of id: IntegrationID, at now: Timestamp
    ) async throws(StoreError) {
        let query =
            interval.map {
                PostgresQuery(
                    Self.set,
                    [.text(id.text), .int($0.components.seconds), .int(now.milliseconds)])
            } ?? PostgresQuery(Self.removeCanary, [.text(id.text)])
        try await core.write("Switching a canary") { (transaction) async throws(PostgresError) in
            transaction.add(query)
            // The replica that sends canaries may be another one.
            transaction.changeDirectory()
            transaction.audit(.done)
        }
    }

    /// Writes what came of a canary.
    package func record(_ run: CanaryRun, of id: IntegrationID) async throws(StoreError) {
        let values: [PostgresValue] = [
            .text(id.text), .int(run.startedAt.milliseconds), .int(run.endedAt.milliseconds),
            .text(ifAny: run.alertID?.text), .text(ifAny: run.failure?.hop.rawValue),
            .text(ifAny: run.failure?.reason), .text(run.hopsText),
            .int(ifAny: run.failure == nil ? run.endedAt.milliseconds : nil),
        ]
        try await core.write("Storing a canary") { (transaction) async throws(PostgresError) in
            transaction.add(PostgresQuery(Self.record, values))
        }
    }

    /// Removes old alerts of canaries.
    package func pruneCanaries(
        resolvedBefore moment: Timestamp, limit: Int
    ) async throws(StoreError) -> Int {
        try await core.write("Removing old canaries") {
            (transaction) async throws(PostgresError) in
            try await transaction.pruneCanaries(resolvedBefore: moment, limit: limit)
        }
    }
}

extension PostgresCore {
    fileprivate func canaries(
        _ query: PostgresQuery
    ) async throws(StoreError) -> [IntegrationID: Canary] {
        let results = try await read("Reading canaries", [query])
        var found: [IntegrationID: Canary] = [:]
        for var row in results[0].rows {
            var canary = CanaryRow(
                id: row.readText(), intervalSeconds: row.readInt64(), enabledAt: row.readTime())
            canary.take(
                startedAt: row.readTimeIfAny(), endedAt: row.readTimeIfAny(),
                alertID: row.readTextIfAny(), failedHop: row.readTextIfAny(),
                reason: row.readTextIfAny(), hops: row.readTextIfAny())
            canary.canary.succeededAt = row.readTimeIfAny()
            found[canary.integrationID] = canary.canary
        }
        return found
    }
}
