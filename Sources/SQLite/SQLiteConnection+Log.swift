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

    /// Moves the write-ahead log as `checkpoint` does, and has the file synced behind each slice,
    /// so that no sync of another connection waits for all of it.
    ///
    /// - Parameters:
    ///   - pagesMax: How many pages make a slice, at least one.
    ///   - waitForGap: Called behind each slice; may wait, and says whether the slice is to be
    ///     synced, or left to the sync behind all of them.
    /// - Returns: How many of the log's pages are in the file by now.
    /// - Throws: As `checkpoint`; a sync that fails is told as one behind all of the log is.
    package func checkpoint(
        inSlicesOf pagesMax: Int, _ waitForGap: @escaping () -> Bool
    ) throws(SQLiteError) -> Int {
        let sliced = unsafe SlicedWrites(raw, pagesMax: pagesMax, waitForGap: waitForGap)
        var movedCount: CInt = 0
        let code = withExtendedLifetime(sliced) {
            unsafe sqlite3_wal_checkpoint_v2(
                raw, nil, SQLITE_CHECKPOINT_PASSIVE, nil, &movedCount)
        }
        try check(code, "sqlite3_wal_checkpoint_v2")
        return Int(movedCount)
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
