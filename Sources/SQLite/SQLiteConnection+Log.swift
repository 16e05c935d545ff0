import CSQLite

extension SQLiteConnection {
    /// Counts the log's pages after each commit, in `logPagesCount`.
    ///
    /// SQLite then moves the log behind no commit any more, as it does without telling whether that
    /// failed: the owner calls `checkpoint`.
    /// Source: <https://www.sqlite.org/c3ref/wal_hook.html>
    package func watchLog() {
        let context = unsafe Unmanaged.passUnretained(self).toOpaque()
        _ = unsafe sqlite3_wal_hook(raw, pagesCounted, context)
    }

    /// Moves the write-ahead log into the database file as far as readers allow.
    ///
    /// - Parameter isTruncating: Also waits for readers, and cuts the log to nothing.
    /// - Throws: An error that `isBusy` when readers or writers were in the way for too long.
    ///
    /// Source: <https://www.sqlite.org/c3ref/wal_checkpoint_v2.html>
    package func checkpoint(isTruncating: Bool) throws(SQLiteError) {
        let mode = isTruncating ? SQLITE_CHECKPOINT_TRUNCATE : SQLITE_CHECKPOINT_PASSIVE
        try check(
            unsafe sqlite3_wal_checkpoint_v2(raw, nil, mode, nil, nil), "sqlite3_wal_checkpoint_v2")
    }
}

private func pagesCounted(
    _ context: UnsafeMutableRawPointer?, _ database: OpaquePointer?,
    _ name: UnsafePointer<CChar>?, _ pagesCount: CInt
) -> CInt {
    guard let context = unsafe context else { return SQLITE_OK }
    let connection = unsafe Unmanaged<SQLiteConnection>.fromOpaque(context).takeUnretainedValue()
    connection.logPagesCount = Int(pagesCount)
    return SQLITE_OK
}
