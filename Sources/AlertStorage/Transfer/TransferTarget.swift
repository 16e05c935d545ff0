import Alerts
import EventLoop
import Postgres

/// An empty database on PostgreSQL that a store moves into, in one transaction.
@LoopActor
struct TransferTarget {
    private let transaction: PostgresTransaction
    static let what = "Moving the store"

    init(_ transaction: PostgresTransaction) { self.transaction = transaction }

    /// Makes the tables, or finds them empty; nobody else writes to them until the end.
    ///
    /// - Parameters:
    ///   - sealer: Must open what a schema that is there was made with.
    ///   - expected: The rows that are to come, table by table. Who finds just as many there is
    ///     told that they may have come already.
    /// - Throws: `conflict` when the tables hold anything; what is wrong with the schema or the
    ///   server.
    func prepare(_ sealer: KeySealer, for expected: [Int]) async throws(StoreError) {
        let canary = try sealer.canary()
        let found = try await mappingErrors(while: Self.what) { () async throws(PostgresError) in
            try await transaction.migrate(canary: canary, mayUpgrade: true)
        }
        try found.check(sealer)
        let names = TransferTable.all.map(\.name)
        let counts = names.map { "(SELECT count(*) FROM \($0))" }
        let results = try await run([
            PostgresQuery(
                once: """
                    SET LOCAL statement_timeout = \(TransferLimits.statementDuration.milliseconds)
                    """),
            PostgresQuery(
                once: """
                    LOCK TABLE \(names.joined(separator: ", ")) IN SHARE ROW EXCLUSIVE MODE
                    """),
            PostgresQuery(once: "SELECT \(counts.joined(separator: ", "))"),
        ])
        guard var row = results[2].first else { return }
        let held = names.map { _ in Int(row.readInt64()) }
        guard held.contains(where: { $0 > 0 }) else { return }
        var moved = expected
        // The move's own entry in the audit log.
        if AuditTrail.entry != nil, let audit = names.firstIndex(of: "audit") { moved[audit] += 1 }
        let list = zip(names, held).filter { $0.1 > 0 }.map { "\($0.1) \($0.0)" }
        throw StoreError(
            .conflict,
            "The database is not empty; it holds \(list.joined(separator: ", ")). Nothing was "
                + "changed. "
                + (held == moved ? Self.isThere : Self.isInTheWay))
    }

    /// A move that was killed after the server had committed it could not say so.
    private static let isThere =
        "The store has as many of each: if a move of it was broken off at its very end, all of it "
        + "is there, and gateways may be started on the database."
    private static let isInTheWay = "Move into an empty database, or drop these tables first."

    /// Writes rows, in one round trip.
    func write(_ chunk: TransferChunk, to table: TransferTable) async throws(StoreError) {
        _ = try await run(table.inserts(chunk))
    }

    /// Sets the counters, and counts again what came.
    func finish(
        _ counts: [String: Int64], _ moved: [StoreTransfer.Moved]
    ) async throws(StoreError) {
        var counts = counts
        let last = counts.removeValue(forKey: "sequence") ?? 0
        var queries = [
            PostgresQuery(once: "SELECT \(Self.set("changes", to: "\(last)"))"),
            PostgresQuery(
                once: """
                    SELECT \(Self.set("alert_keys", to: "coalesce(max(key), 0)")) FROM alerts
                    """),
        ]
        for table in [
            "integrations", "sources", "transitions", "closes", "audit", "webhook_endpoints",
            "webhook_messages",
        ] {
            let name = "pg_get_serial_sequence('\(table)', 'key')"
            queries.append(
                PostgresQuery(
                    once: """
                        SELECT setval(\(name), greatest(coalesce(max(key), 0), 1), max(key) IS \
                        NOT NULL)::text FROM \(table)
                        """))
        }
        let sorted = counts.sorted { $0.key < $1.key }
        queries += [
            PostgresQuery(once: "DELETE FROM counts"),
            PostgresQuery(
                once: """
                    INSERT INTO counts(name, slot, value)
                    SELECT u.name, 0, u.value FROM unnest($1::text[], $2::bigint[]) \
                    AS u(name, value)
                    """, [.texts(sorted.map(\.key)), .ints(sorted.map(\.value))]),
            // The first queries are not to be planned as for empty tables.
            PostgresQuery(once: "ANALYZE"),
        ]
        _ = try await run(queries)
        try await verify(moved)
        transaction.audit(.done)
    }

    private func verify(_ moved: [StoreTransfer.Moved]) async throws(StoreError) {
        let results = try await run(TransferTable.all.map { PostgresQuery(once: $0.count) })
        for (table, result) in zip(moved, results) {
            let count = result.numbers.first ?? 0
            guard count != table.rowsCount else { continue }
            throw StoreError(
                .other,
                "Of \(table.rowsCount) \(table.table) only \(count) came. Nothing was changed.")
        }
    }

    /// A sequence's next number is the one after `value`.
    private static func set(_ sequence: String, to value: String) -> String {
        "setval('\(sequence)', greatest(\(value), 1), \(value) > 0)::text"
    }

    private func run(
        _ queries: [PostgresQuery]
    ) async throws(StoreError) -> [PostgresResult] {
        try await mappingErrors(while: Self.what) { () async throws(PostgresError) in
            try await transaction.run(queries)
        }
    }
}
