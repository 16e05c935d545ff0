import Alerts
import SQLite

extension Schema {
    /// Lets a file pass that is a store and that this program knows to read.
    ///
    /// - Throws: `foreign` or `newerSchema`.
    static func check(
        applicationID: Int32, version: Int32, of path: String
    ) throws(StoreError) {
        guard applicationID == Self.applicationID else {
            throw StoreError(
                .foreign, "\(path) is a database of another program; it was left as it is.")
        }
        guard version <= Self.version else {
            throw StoreError(
                .newerSchema,
                """
                The store \(path) has schema version \(version), this program knows versions up \
                to \(Self.version); it was left as it is. Use the newer program.
                """)
        }
    }

    /// As `check`, by the first bytes of the file, which no connection of this process has open.
    ///
    /// - Throws: Also `inputOutput` when there is no such file.
    static func checkHeader(of path: String) throws(StoreError) {
        let header = try mappingErrors(while: "Reading \(path)") { () throws(SQLiteError) in
            try SQLiteFile.header(path)
        }
        switch header {
        case .missing: throw StoreError(.inputOutput, "There is no file \(path).")
        case .empty, .notADatabase:
            throw StoreError(.foreign, "\(path) is not a database; it was left as it is.")
        case .database(let applicationID, let version):
            try check(applicationID: applicationID, version: version, of: path)
        }
    }
}

extension SQLiteConnection {
    /// What shows which master key the store was sealed with; empty when it is missing.
    func canary() throws(SQLiteError) -> [UInt8] {
        var select = try prepare("SELECT value FROM meta WHERE name = 'canary'")
        return try select.step() == .row ? select.blob(at: 0) : []
    }
}
