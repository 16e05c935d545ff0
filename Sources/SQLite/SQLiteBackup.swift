import CSQLite

/// A copy of a whole database in the making, while its connection goes on being used.
///
/// Goes step by step, so that other work fits in between; what the same connection writes meanwhile
/// is part of the copy. Given up when its owner lets go before the end.
/// Source: <https://www.sqlite.org/backup.html>
@safe
package struct SQLiteBackup: ~Copyable {
    // Both ends stay open for as long as the copy is in the making.
    private let source: SQLiteConnection
    private let target: SQLiteConnection
    private let raw: OpaquePointer

    /// Begins to copy all of `source` over all of `target`.
    package init(
        from source: SQLiteConnection, to target: SQLiteConnection
    ) throws(SQLiteError) {
        guard let raw = unsafe sqlite3_backup_init(target.raw, "main", source.raw, "main") else {
            throw unsafe SQLiteError(
                code: sqlite3_extended_errcode(target.raw), operation: "sqlite3_backup_init",
                database: target.raw)
        }
        unsafe self.raw = raw
        self.source = source
        self.target = target
    }

    /// Copies up to `pagesMax` more pages.
    ///
    /// - Returns: How many pages are left; 0 once the copy is whole and durable.
    /// - Throws: An error that `isBusy` when the source is locked; the step may be repeated then.
    package mutating func step(pagesMax: Int) throws(SQLiteError) -> Int {
        let code = unsafe sqlite3_backup_step(raw, CInt(pagesMax))
        guard code != SQLITE_DONE else { return 0 }
        try unsafe SQLiteError.check(code, "sqlite3_backup_step", target.raw)
        return max(Int(unsafe sqlite3_backup_remaining(raw)), 1)
    }

    deinit {
        // Repeats the error of the last step (sqlite.org/c3ref/backup_finish.html).
        unsafe sqlite3_backup_finish(raw)
    }
}
