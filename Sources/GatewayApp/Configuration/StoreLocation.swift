package import AlertStorage

/// Where alerts are kept.
package enum StoreLocation: Sendable, Equatable {
    /// In a file of one gateway's own.
    case sqlite(SQLiteLocation)
    /// In a database that any number of gateways share.
    case postgres(PostgresLocation)
}

/// An SQLite file, and what lies beside it.
package struct SQLiteLocation: Sendable, Equatable {
    /// The file.
    package let path: String

    /// Takes the path of the file, which may be missing.
    package init(path: String) {
        self.path = path
    }

    /// The directory that holds the store and the files made beside it.
    package var directory: String {
        guard let slash = path.lastIndex(of: "/") else { return "." }
        return slash == path.startIndex ? "/" : String(path[..<slash])
    }

    /// Where a generated admin token is written.
    package var adminTokenPath: String { directory + "/admin-token" }

    /// Where a generated master key is written.
    package var masterKeyPath: String { directory + "/master.key" }
}

extension Configuration {
    /// The SQLite store.
    ///
    /// - Throws: An error that says what to do where it is another.
    func sqliteLocation(_ remedy: String) throws(ConfigurationError) -> SQLiteLocation {
        switch store {
        case .sqlite(let location): return location
        case .postgres:
            throw ConfigurationError(
                Setting.store.variable, "this store is in PostgreSQL; \(remedy)")
        }
    }
}
