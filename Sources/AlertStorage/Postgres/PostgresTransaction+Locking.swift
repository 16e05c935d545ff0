import Alerts
import Postgres

// Locks are taken in the order of the alerts' keys, and what is locked is read by a later
// statement: only that sees all that was committed while the lock was waited for.
extension PostgresTransaction {
    private static let lockByID = PostgresText(
        "SELECT key FROM alerts WHERE id = ANY($1::text[]) ORDER BY key FOR UPDATE")
    private static let byID = PostgresText(
        "\(PostgresTables.record) WHERE a.id = ANY($1::text[])")
    private static let lockByClose = PostgresText(
        """
        SELECT key FROM alerts WHERE key = (SELECT alert_key FROM closes WHERE id = $1) FOR UPDATE
        """)
    private static let byClose = PostgresText(
        "\(PostgresTables.record) WHERE a.key = (SELECT alert_key FROM closes WHERE id = $1)")
    private static let numbers = PostgresText(
        "SELECT nextval('changes') FROM generate_series(1, $1::bigint)")

    /// Locks and reads alerts; those that are missing are left out.
    func lock(_ ids: [AlertID]) async throws(PostgresError) -> [AlertID: AlertRecord] {
        let names = PostgresValue.texts(Set(ids).map(\.text))
        let records = try await lock(
            [PostgresQuery(Self.lockByID, [names])], then: PostgresQuery(Self.byID, [names]),
            changesMax: ids.count)
        return Dictionary(uniqueKeysWithValues: records.map { ($0.subject.alert.id, $0) })
    }

    /// Locks and reads the alert that a close is for.
    func lock(owing id: CloseID) async throws(PostgresError) -> AlertRecord? {
        let name = PostgresValue.text(id.text)
        let records = try await lock(
            [PostgresQuery(Self.lockByClose, [name])], then: PostgresQuery(Self.byClose, [name]),
            changesMax: 1)
        return records.first
    }

    /// Runs `locks`, then reads what is locked now, in one round trip.
    private func lock(
        _ locks: [PostgresQuery], then read: PostgresQuery, changesMax: Int
    ) async throws(PostgresError) -> [AlertRecord] {
        let results = try await run(
            locks + [read, PostgresQuery(Self.numbers, [.int(Int64(changesMax))])])
        alerts.sequences = results[locks.count + 1].numbers[...]
        var records: [AlertRecord] = []
        for var row in results[locks.count].rows {
            let record = try row.readRecord(core.documents)
            alerts.load(record)
            records.append(record)
        }
        return records
    }
}

extension PostgresResult {
    /// The first column, when it holds numbers.
    var numbers: [Int64] {
        rows.map { row in
            var row = row
            return row.readInt64()
        }
    }
}
