import AlertStorage
import Alerts
import EventLoop

/// Backing the configured store up, and putting a backup in its place.
package enum StoreCopies {
    /// A copy of a store.
    package struct Copy: Sendable {
        /// Where it lies.
        package let path: String
        /// Alerts in it.
        package let alerts: Int
        /// Bytes of the file.
        package let bytes: Int
        /// The new name of the store that was there before, if one was.
        package let replaced: String?
    }

    /// Copies the store to a new file, whether or not a gateway is using it.
    ///
    /// - Throws: A `ConfigurationError` when the store is no file, a `StoreError` otherwise.
    package static func backUp(
        _ configuration: Configuration, to file: String
    ) throws -> Copy {
        let path = try configuration.sqliteLocation("back it up with pg_dump").path
        let contents = try StoreBackup.make(of: path, at: file)
        return Copy(path: file, alerts: contents.alerts, bytes: contents.bytes, replaced: nil)
    }

    /// Puts a backup in the place of the store, which is kept under another name.
    ///
    /// - Throws: A `ConfigurationError` when a gateway uses the store or the master key is missing,
    ///   a `StoreError` when the file is no backup that can be used.
    package static func restore(
        _ configuration: Configuration, from file: String
    ) throws -> Copy {
        let location = try configuration.sqliteLocation("restore it with pg_restore or psql")
        let files = StateFiles(configuration, beside: location)
        try files.makeDirectory()
        let lock = try files.lock()
        let path = location.path
        let moment = WallClock.system.now.rfc3339.filter { $0.isNumber || $0 == "T" }
        let suffix = ".before-\(moment)"
        let replaced = FileIO.exists(path) ? path + suffix : nil
        let contents = try AuditTrail.$entry.withValue(.ofOperator(.storeRestore)) {
            try StoreBackup.restore(
                file, to: path, masterKey: try files.masterKeyToRead(),
                previousKey: try files.previousMasterKey(), asideSuffix: suffix)
        }
        withExtendedLifetime(lock) {}
        return Copy(
            path: path, alerts: contents.alerts, bytes: contents.bytes, replaced: replaced)
    }
}
