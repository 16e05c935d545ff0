import CSQLite

/// A prepared statement; finalized when its owner lets go.
///
/// Not copyable, so no two owners can step or finalize the same `sqlite3_stmt`. Parameters count
/// from 1 and columns from 0, as in SQLite; `bind` without an index takes the next parameter and
/// `read…` the next column. Source: <https://www.sqlite.org/c3ref/stmt.html>
@safe
package struct SQLiteStatement: ~Copyable {
    let raw: OpaquePointer
    var boundCount = 0
    var readCount = 0
    /// Whether there is nothing to make ready: it was reset, and nothing was bound or run since.
    var isReady = true

    /// What a step came to.
    package enum Step: Sendable, Equatable {
        /// A row can be read until the next step.
        case row
        /// There are no more rows.
        case done
    }

    init(_ raw: OpaquePointer) { unsafe self.raw = raw }

    deinit { unsafe sqlite3_finalize(raw) }

    /// Advances to the next row.
    ///
    /// - Throws: An error that `isRetryable` when another connection holds the write lock.
    package mutating func step() throws(SQLiteError) -> Step {
        readCount = 0
        isReady = false
        let code = unsafe sqlite3_step(raw)
        switch code {
        case SQLITE_ROW: return .row
        case SQLITE_DONE: return .done
        default:
            throw unsafe SQLiteError(
                code: code, operation: "sqlite3_step", database: sqlite3_db_handle(raw))
        }
    }

    /// Runs a statement that returns no row, and makes it ready to be bound and run again.
    package mutating func run() throws(SQLiteError) {
        defer { reset() }
        let step = try step()
        precondition(step == .done, "a statement that was to return nothing returned a row")
    }

    /// Runs a statement with `bytes` at parameter `index`, which SQLite reads in place.
    ///
    /// Saves the copy that `bind` makes; for large values.
    package mutating func run(
        lending bytes: Span<UInt8>, at index: Int
    ) throws(SQLiteError) {
        defer { reset() }  // Ends the loan, whatever happens.
        isReady = false
        let code = unsafe bytes.withUnsafeBufferPointer { buffer -> CInt in
            guard let start = buffer.baseAddress, !buffer.isEmpty else {
                return unsafe sqlite3_bind_zeroblob(raw, CInt(index), 0)
            }
            let bindCode = unsafe sqlite3_bind_blob64(
                raw, CInt(index), start, UInt64(buffer.count), csqlite_static())
            guard bindCode == SQLITE_OK else { return bindCode }
            return unsafe sqlite3_step(raw)
        }
        let isWhole = bytes.count == 0 && code == SQLITE_OK
        guard !isWhole else { return try run() }
        guard code == SQLITE_DONE else {
            throw unsafe SQLiteError(
                code: code, operation: "sqlite3_step", database: sqlite3_db_handle(raw))
        }
    }

    /// Makes it ready to run again, without bindings.
    package mutating func reset() {
        boundCount = 0
        readCount = 0
        guard !isReady else { return }
        isReady = true
        // Repeats the error of the last step, thrown already (sqlite.org/c3ref/reset.html).
        _ = unsafe sqlite3_reset(raw)
        _ = unsafe sqlite3_clear_bindings(raw)  // Can't fail (sqlite src/vdbeapi.c).
    }

    func check(_ code: CInt, _ operation: String) throws(SQLiteError) {
        try unsafe SQLiteError.check(code, operation, sqlite3_db_handle(raw))
    }
}
