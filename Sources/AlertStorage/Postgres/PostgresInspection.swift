package import Alerts
import EventLoop
import Postgres
package import TLS

/// What there is to know about the server of a store before anything is kept on it.
package struct PostgresInspection: Sendable {
    /// What the database holds.
    package enum Schema: Sendable, Equatable {
        /// Nothing yet; a start makes the tables.
        case missing
        /// A store in this version, and whether the master key is its own.
        case there(version: Int64, isSealedWithKey: Bool)
    }

    /// The server's version, as it writes it.
    package let serverVersion: String
    /// Whether what is sent is encrypted.
    package let isEncrypted: Bool
    /// Whether it is a standby, which takes no writes.
    package let isStandby: Bool
    /// Its `synchronous_commit`.
    package let synchronousCommit: String
    /// Whether it waits for its disk at all (`fsync`).
    package let isSynced: Bool
    /// Its clock.
    package let clock: Timestamp
    /// What the database holds.
    package let schema: Schema
    /// The schema version that this program writes.
    package static let schemaVersion = PostgresSchema.version

    private static let question = """
        SELECT current_setting('server_version'),
            coalesce((SELECT ssl FROM pg_stat_ssl WHERE pid = pg_backend_pid()), false),
            pg_is_in_recovery(), current_setting('synchronous_commit'),
            current_setting('fsync') = 'on', \(PostgresTables.clock),
            to_regclass('gateway_schema') IS NOT NULL
        """

    /// Asks the server; nothing is written.
    ///
    /// - Throws: Why it can't be asked.
    @LoopActor
    package static func inspect(
        _ location: PostgresLocation, masterKey: Secret, previousKey: Secret? = nil
    ) async throws(StoreError) -> PostgresInspection {
        let sealer = try KeySealer(masterKey: masterKey, previous: previousKey)
        let connector: PostgresConnector
        do throws(UVError) {
            connector = try PostgresConnector()
        } catch {
            throw StoreError(.other, "Starting a thread failed: \(error)")
        }
        let found: Result<PostgresInspection, PostgresError>
        do throws(PostgresError) {
            found = .success(try await inspect(location, sealer, connector))
        } catch {
            found = .failure(error)
        }
        await connector.settle()
        connector.thread.stop()
        return try found.mapError { StoreError($0, while: "Asking the server") }.get()
    }

    @LoopActor
    private static func inspect(
        _ location: PostgresLocation, _ sealer: KeySealer, _ connector: PostgresConnector
    ) async throws(PostgresError) -> PostgresInspection {
        let connection = try await PostgresConnection.open(
            location.address, by: connector, within: PostgresStoreLimits.openingDuration)
        defer { connection.close() }
        let limit = PostgresStoreLimits.answerDuration
        let answer = try await connection.run([PostgresQuery(once: question)], within: limit)
        guard var row = answer[0].first else { throw PostgresError(corrupt: "no row") }
        let (version, isEncrypted, isStandby) = (row.readText(), row.readBool(), row.readBool())
        let (synchronousCommit, isSynced) = (row.readText(), row.readBool())
        let clock = row.readTime()
        var schema = Schema.missing
        if row.readBool() {
            let stored = try await connection.run(
                [PostgresQuery(once: "SELECT version, canary FROM gateway_schema")], within: limit)
            guard var row = stored[0].first else { throw PostgresError(corrupt: "no version") }
            let version = row.readInt64()
            schema = .there(version: version, isSealedWithKey: sealer.opens(row.readBlob()))
        }
        return PostgresInspection(
            serverVersion: version, isEncrypted: isEncrypted, isStandby: isStandby,
            synchronousCommit: synchronousCommit, isSynced: isSynced, clock: clock, schema: schema)
    }
}

extension KeySealer {
    /// Whether a store with this canary is sealed with this key.
    fileprivate func opens(_ canary: [UInt8]) -> Bool {
        do throws(StoreError) {
            try check(canary: canary)
            return true
        } catch {
            return false
        }
    }
}
