import Alerts
import Postgres

extension PostgresTransaction {
    private static let owesNothing = """
        a.resolved_at < $1::bigint AND NOT EXISTS (
            SELECT 1 FROM closes c
            WHERE c.alert_key = a.key AND c.state IN ('pending', 'sending', 'sent'))
        """
    private static let lockOld = PostgresText(
        """
        SELECT a.key FROM alerts a WHERE \(owesNothing)
        ORDER BY a.resolved_at LIMIT $2::bigint FOR UPDATE SKIP LOCKED
        """)
    private static let lockOldCanaries = PostgresText(
        """
        SELECT a.key FROM alerts a
        WHERE \(owesNothing) AND a.source_key IN (\(PostgresTables.canarySources))
        ORDER BY a.resolved_at LIMIT $2::bigint FOR UPDATE SKIP LOCKED
        """)
    /// A close may have become owed between finding an alert and locking it.
    private static let old = PostgresText(
        "SELECT a.key FROM alerts a WHERE a.key = ANY($2::bigint[]) AND \(owesNothing)")
    private static let states = PostgresText(
        "SELECT state FROM closes WHERE alert_key = ANY($1::bigint[])")
    private static let removals = ["transitions", "closes"].map { table in
        PostgresText("DELETE FROM \(table) WHERE alert_key = ANY($1::bigint[])")
    }
    private static let removeAlerts = PostgresText(
        "DELETE FROM alerts WHERE key = ANY($1::bigint[])")

    /// Removes at most `limit` alerts resolved before `moment` that owe no close, oldest first.
    func prune(resolvedBefore moment: Timestamp, limit: Int) async throws(PostgresError) -> Int {
        forgetPlaces()
        return try await removeOld(Self.lockOld, resolvedBefore: moment, limit: limit)
    }

    /// The same of canaries' alerts alone.
    func pruneCanaries(
        resolvedBefore moment: Timestamp, limit: Int
    ) async throws(PostgresError) -> Int {
        try await removeOld(Self.lockOldCanaries, resolvedBefore: moment, limit: limit)
    }

    private func removeOld(
        _ lock: PostgresText, resolvedBefore moment: Timestamp, limit: Int
    ) async throws(PostgresError) -> Int {
        let before = PostgresValue.int(moment.milliseconds)
        let locked = try await run([PostgresQuery(lock, [before, .int(Int64(limit))])])
        let found = locked[0].numbers
        guard !found.isEmpty else { return 0 }
        return try await remove(found, resolvedBefore: moment)
    }

    /// Removes those of the locked alerts `found` that still owe nothing; returns how many.
    func remove(
        _ found: [Int64], resolvedBefore moment: Timestamp
    ) async throws(PostgresError) -> Int {
        let before = PostgresValue.int(moment.milliseconds)
        let keys = try await run([PostgresQuery(Self.old, [before, .ints(found)])])[0].numbers
        let states = try await run([PostgresQuery(Self.states, [.ints(keys)])])[0]
        for var row in states.rows { add(-1, toCount: "closes.\(row.readText())") }
        for text in Self.removals + [Self.removeAlerts] {
            add(PostgresQuery(text, [.ints(keys)]))
        }
        add(-Int64(keys.count), toCount: "alerts.resolved")
        return keys.count
    }
}

extension PostgresTransaction {
    private static let makeDue = PostgresText(
        """
        UPDATE alerts SET reading_due_at = $1::bigint WHERE key IN (
            SELECT key FROM alerts WHERE reading_due_at > $1::bigint
            ORDER BY key LIMIT $2::bigint FOR UPDATE SKIP LOCKED)
        """)

    /// Makes at most `limit` of the readings that are planned for later due at `now`.
    func makeReadingsDue(at now: Timestamp, limit: Int) async throws(PostgresError) -> Int {
        let values: [PostgresValue] = [.int(now.milliseconds), .int(Int64(limit))]
        return try await run([PostgresQuery(Self.makeDue, values)])[0].changesCount
    }
}
