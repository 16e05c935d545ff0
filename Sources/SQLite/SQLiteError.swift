import CSQLite

/// A failed SQLite call.
///
/// Never holds a bound value: `message` is SQLite's fixed text for the code, save for errors in SQL
/// text and for violated constraints, where SQLite names tables and columns.
/// Source: <https://www.sqlite.org/rescode.html>
package struct SQLiteError: Error, Equatable, Sendable, CustomStringConvertible {
    /// The extended result code, such as `SQLITE_IOERR_FSYNC` (1034).
    package let code: Int32
    /// The C function or the step of ours that failed, for logs.
    package let operation: String
    /// What SQLite says about it.
    package let message: String

    init(code: CInt, operation: String, message: String) {
        self.code = code
        self.operation = operation
        self.message = message
    }

    /// An error found in what a row holds: a value that this program never writes.
    package init(corrupt what: String) {
        self.init(code: SQLITE_CORRUPT, operation: "read a row", message: what)
    }

    /// An error for a row that something refers to and that isn't there.
    package init(missing what: String) {
        self.init(code: SQLITE_CONSTRAINT, operation: "look up a row", message: what)
    }

    /// A failure of the operating system that is only made up: for tests.
    package init(inputOutput operation: String) {
        self.init(code: SQLITE_IOERR, operation: operation, message: "made up")
    }

    /// A failed sync that is only made up: for tests.
    package init(failedSync operation: String) {
        self.init(code: Self.failedSync, operation: operation, message: "made up")
    }

    /// An error for what this SQLite, or the file system under it, can't do.
    package init(unsupported what: String) {
        self.init(code: SQLITE_ERROR, operation: "configure", message: what)
    }

    init(code: CInt, operation: String, database: OpaquePointer?) {
        let primary = code & 0xff
        let isAboutSQL = primary == SQLITE_ERROR || primary == SQLITE_CONSTRAINT
        let text =
            if let database = unsafe database, isAboutSQL {
                unsafe sqlite3_errmsg(database)
            } else {
                unsafe sqlite3_errstr(code)
            }
        let message = if let text = unsafe text { unsafe String(cString: text) } else { "" }
        self.init(code: code, operation: operation, message: message)
    }

    /// The low eight bits of `code`: its class, such as `SQLITE_IOERR` (10).
    package var primaryCode: Int32 { code & 0xff }

    /// Whether the same work can succeed later without anybody changing the database file.
    package var isRetryable: Bool {
        isBusy || isDiskFull || isReadOnly || isIO || isInterrupted
            || [SQLITE_NOMEM, SQLITE_CANTOPEN, SQLITE_PROTOCOL].contains(primaryCode)
    }

    /// Whether another connection holds a lock (`SQLITE_BUSY`, `SQLITE_LOCKED`).
    package var isBusy: Bool { [SQLITE_BUSY, SQLITE_LOCKED].contains(primaryCode) }

    /// Whether there is no room for the file to grow (`SQLITE_FULL`).
    package var isDiskFull: Bool { primaryCode == SQLITE_FULL }

    /// Whether the file is damaged or no database (`SQLITE_CORRUPT`, `SQLITE_NOTADB`).
    package var isCorrupt: Bool { [SQLITE_CORRUPT, SQLITE_NOTADB].contains(primaryCode) }

    /// Whether the file or its directory can't be written (`SQLITE_READONLY`).
    package var isReadOnly: Bool { primaryCode == SQLITE_READONLY }

    /// Whether the operating system failed to read, write or sync (`SQLITE_IOERR`).
    ///
    /// What the page cache holds is then in doubt: close and open again before the next commit.
    package var isIO: Bool { primaryCode == SQLITE_IOERR }

    /// Whether a sync failed (`SQLITE_IOERR_FSYNC`): no later one brings to the disk what this one
    /// should have.
    package var isFailedSync: Bool { code == Self.failedSync }

    /// Whether the work was stopped on request (`SQLITE_INTERRUPT`).
    package var isInterrupted: Bool { primaryCode == SQLITE_INTERRUPT }

    /// Whether a uniqueness, foreign key or other constraint was violated (`SQLITE_CONSTRAINT`).
    package var isConstraint: Bool { primaryCode == SQLITE_CONSTRAINT }

    /// Operation, message and code in one line.
    package var description: String { "\(operation): \(message) (SQLite code \(code))" }

    static func check(
        _ code: CInt, _ operation: String, _ database: OpaquePointer?
    ) throws(SQLiteError) {
        guard code != SQLITE_OK else { return }
        throw unsafe SQLiteError(code: code, operation: operation, database: database)
    }
}

extension SQLiteError {
    /// `SQLITE_CANTOPEN`, for failures around a file before SQLite sees it.
    static let cantOpen = SQLITE_CANTOPEN

    /// `SQLITE_IOERR_FSYNC`, which Swift doesn't import, being made from others.
    private static let failedSync = SQLITE_IOERR | 4 << 8
}
