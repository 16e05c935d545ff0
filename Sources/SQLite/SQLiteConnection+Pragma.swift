import CSQLite

extension SQLiteConnection {
    /// Reads a pragma whose value is a number, such as `user_version`.
    package func pragma(_ name: StaticString) throws(SQLiteError) -> Int64 {
        var statement = try prepare("PRAGMA \(name)")
        guard try statement.step() == .row else { return 0 }
        return statement.int64(at: 0)
    }

    /// Reads a pragma whose value is a word, such as `journal_mode`.
    package func pragmaText(_ name: StaticString) throws(SQLiteError) -> String {
        var statement = try prepare("PRAGMA \(name)")
        guard try statement.step() == .row else { return "" }
        return statement.text(at: 0)
    }

    /// Sets a pragma to a number.
    package func setPragma(_ name: StaticString, _ value: Int64) throws(SQLiteError) {
        try execute("PRAGMA \(name) = \(value)")
    }

    /// Sets a pragma to a word, and returns what SQLite made of it; empty if it doesn't say.
    package func setPragma(
        _ name: StaticString, _ word: StaticString
    ) throws(SQLiteError) -> String {
        var statement = try prepare("PRAGMA \(name) = \(word)")
        guard try statement.step() == .row else { return "" }
        return statement.text(at: 0)
    }

    /// Gives back page cache that isn't in use.
    package func releaseMemory() {
        _ = unsafe sqlite3_db_release_memory(raw)  // Always SQLITE_OK (sqlite src/main.c).
    }
}
