import Alerts
import EventLoop
import Postgres

extension PostgresCore {
    /// Makes the tables or brings them up to date, in one transaction and one replica at a time.
    func migrate(_ sealer: KeySealer) async throws(StoreError) {
        let canary = try sealer.canary()
        let found = try await migrate(canary, mayUpgrade: false)
        try found.check(sealer)
        guard case .there(let version, _) = found, version < PostgresSchema.version else { return }
        _ = try await migrate(canary, mayUpgrade: true)
    }

    private func migrate(
        _ canary: [UInt8], mayUpgrade: Bool
    ) async throws(StoreError) -> PostgresFound {
        try await write("Bringing the store's tables up to date") {
            (transaction) async throws(PostgresError) in
            try await transaction.migrate(canary: canary, mayUpgrade: mayUpgrade)
        }
    }
}

/// What was there before.
enum PostgresFound: Sendable {
    /// Nothing.
    case made
    /// Tables called like ours.
    case foreign
    /// A store.
    case there(version: Int64, canary: [UInt8])

    /// - Throws: `foreign`, `newerSchema` or `wrongMasterKey` when it isn't ours to touch.
    func check(_ sealer: KeySealer) throws(StoreError) {
        switch self {
        case .made: break
        case .foreign:
            throw StoreError(
                .foreign, "The database holds tables of another program; they were left alone.")
        case .there(let version, let canary):
            guard version <= PostgresSchema.version else {
                throw StoreError(
                    .newerSchema,
                    """
                    The store has schema version \(version), this program knows versions up to \
                    \(PostgresSchema.version); it was left as it is. Use the newer program.
                    """)
            }
            try sealer.check(canary: canary)
        }
    }
}

extension PostgresTransaction {
    private static let lock =
        "SELECT pg_advisory_xact_lock(\(PostgresSchema.migrationLock))::text"
    private static let tables = """
        SELECT to_regclass('gateway_schema') IS NOT NULL, to_regclass('alerts') IS NOT NULL
        """

    func migrate(
        canary: [UInt8], mayUpgrade: Bool
    ) async throws(PostgresError) -> PostgresFound {
        let limit = PostgresStoreLimits.migrationDuration
        let results = try await run(
            [
                PostgresQuery(once: "SET LOCAL statement_timeout = \(limit.milliseconds)"),
                PostgresQuery(once: Self.lock), PostgresQuery(once: Self.tables),
            ], within: limit)
        guard var row = results[2].first else { throw PostgresError(corrupt: "no row") }
        let (isOurs, isTaken) = (row.readBool(), row.readBool())
        guard isOurs || !isTaken else { return .foreign }
        guard isOurs else {
            let head = [
                "CREATE TABLE gateway_schema(version bigint NOT NULL, canary bytea NOT NULL)"
            ]
            var queries = (head + PostgresSchema.steps.flatMap { $0 }).map {
                PostgresQuery(once: $0)
            }
            queries.append(
                PostgresQuery(
                    once: "INSERT INTO gateway_schema VALUES ($1, $2)",
                    [.int(PostgresSchema.version), .bytes(canary)]))
            _ = try await run(queries, within: limit)
            return .made
        }
        let found = try await run([
            PostgresQuery(once: "SELECT version, canary FROM gateway_schema")
        ])[0]
        guard var row = found.first else { throw PostgresError(corrupt: "no schema version") }
        let (version, stored) = (row.readInt64(), row.readBlob())
        if mayUpgrade, version < PostgresSchema.version {
            var queries = PostgresSchema.steps[Int(version)...].flatMap { $0 }.map {
                PostgresQuery(once: $0)
            }
            queries.append(
                PostgresQuery(
                    once: "UPDATE gateway_schema SET version = $1", [.int(PostgresSchema.version)]))
            _ = try await run(queries, within: limit)
        }
        return .there(version: version, canary: stored)
    }
}
