import AlertStorage
import Alerts
import EventLoop

/// Moves the configured SQLite store to PostgreSQL.
package enum StoreMove {
    /// A table, and how far it is.
    package struct Table: Sendable {
        /// Its name.
        package let name: String
        /// Rows of it that are through.
        package let rowsDone: Int
        /// Rows that it has.
        package let rowsCount: Int
    }

    /// Moves it; no gateway may use it.
    ///
    /// - Parameters:
    ///   - configuration: Names the store and its master key.
    ///   - address: The empty database.
    ///   - onProgress: Is told after each step.
    /// - Returns: What was moved, and where the store lies that was left as it is.
    /// - Throws: A `ConfigurationError` when a gateway uses the store, the key is missing, or the
    ///   address can't be one; a `StoreError` when one of both stores can't be used.
    @LoopActor
    package static func run(
        _ configuration: Configuration, to address: String,
        onProgress: @LoopActor (Table) -> Void
    ) async throws -> (tables: [Table], path: String) {
        let location = try configuration.sqliteLocation("pg_dump and pg_restore move it")
        let files = StateFiles(configuration, beside: location)
        guard FileIO.exists(location.path) else {
            throw ConfigurationError(
                Setting.store.variable, "there is no store \(location.path)")
        }
        let lock = try files.lock()
        defer { withExtendedLifetime(lock) {} }
        let target = try PostgresLocation(address)
        let (key, previousKey) = (try files.masterKeyToRead(), try files.previousMasterKey())
        let moved = try await AuditTrail.$entry.withValue(.ofOperator(.storeMigrate)) {
            try await StoreTransfer.run(
                from: location.path, to: target, masterKey: key, previousKey: previousKey
            ) { progress in
                onProgress(
                    Table(
                        name: progress.table, rowsDone: progress.rowsDone,
                        rowsCount: progress.rowsCount))
            }
        }
        let tables = moved.map {
            Table(name: $0.table, rowsDone: $0.rowsCount, rowsCount: $0.rowsCount)
        }
        return (tables, location.path)
    }
}
