package import Alerts
import SQLite

/// Entries of the audit log for what is done beside a store rather than in it.
package enum StoreAudit {
    /// Adds an entry to the SQLite store at `path`, whether or not a gateway uses it.
    ///
    /// - Throws: `conflict` when the store has another schema version; what is wrong with the file
    ///   otherwise.
    package static func append(_ entry: AuditEntry, to path: String) throws(StoreError) {
        try Schema.checkHeader(of: path)
        let what = "Writing to the audit log of \(path)"
        let connection = try mappingErrors(while: what) { () throws(SQLiteError) in
            let connection = try SQLiteConnection(path, options: .init(access: .readWrite))
            // The log is the gateway's to move.
            try connection.setLeavesLogOnClose(true)
            _ = try connection.setPragma("synchronous", "FULL")
            return connection
        }
        let version = try mappingErrors(while: what) { () throws(SQLiteError) in
            try connection.pragma("user_version")
        }
        guard version == Schema.version else {
            throw StoreError(
                .conflict,
                "The store \(path) has schema version \(version), not \(Schema.version): start "
                    + "this version's gateway on it once.")
        }
        let session = StoreSession(connection, schedule: ReconcileSchedule())
        try mappingErrors(while: what) { () throws(SQLiteError) in
            try connection.withTransaction(.immediate) { () throws(SQLiteError) in
                try session.append(entry)
            }
        }
    }
}
