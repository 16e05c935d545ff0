import CSQLite

/// One connection to one SQLite database, for one thread at a time.
///
/// Not `Sendable`: an actor owns it, which is all the locking there is (`SQLITE_OPEN_NOMUTEX`).
/// Closes when its owner lets go. SQL that is a literal in this program is prepared once and kept
/// (`withStatement`), so the number of kept statements is bounded by the source code.
/// Source: <https://www.sqlite.org/threadsafe.html>
@safe
package final class SQLiteConnection {
    /// The file that was opened; `:memory:` for a database without one.
    package let path: String

    /// Pages in the write-ahead log after the last commit, if `watchLog` was called.
    package internal(set) var logPagesCount = 0

    let raw: OpaquePointer
    // Keyed by the address of the literal or the text object, both of which stay for good: to
    // compare an address is cheaper than to hash a page of SQL.
    private var kept: [Int: KeptStatement] = [:]
    private var deadline: ContinuousClock.Instant?
    private var instructionChecksLeft: Int?

    /// Opens `path`.
    ///
    /// Triggers, views and defaults in the file may not reach outside it (`trusted_schema` off),
    /// SQL can't damage it (`defensive`), and a quoted name is never a string.
    /// - Throws: An `SQLiteError` when the file can't be opened; its content isn't looked at yet.
    package init(_ path: String, options: SQLiteOptions = SQLiteOptions()) throws(SQLiteError) {
        Self.configureLibrary
        self.path = path
        var opened: OpaquePointer?
        let layer = options.gathersLog ? GatheredLog.layerName : nil
        let code = unsafe sqlite3_open_v2(path, &opened, options.flags, layer)
        guard code == SQLITE_OK, let raw = unsafe opened else {
            unsafe sqlite3_close_v2(opened)  // Given also on failure, and harmless for a null.
            throw unsafe SQLiteError(code: code, operation: "sqlite3_open_v2", database: nil)
        }
        unsafe self.raw = raw
        if layer != nil { unsafe GatheredLog.watch(raw) }
        try harden()
        try setBusyDuration(options.busyDuration)
    }

    /// Runs one or more statements that return nothing of interest.
    package func execute(_ sql: String) throws(SQLiteError) {
        try check(unsafe sqlite3_exec(raw, sql, nil, nil, nil), "sqlite3_exec")
    }

    /// Compiles one statement, which the caller owns.
    package func prepare(_ sql: String) throws(SQLiteError) -> SQLiteStatement {
        try prepare(sql, flags: 0)
    }

    /// Lends the statement kept for the literal `sql`, compiled on first use.
    ///
    /// Before and after, it is reset and without bindings. Traps when `body` asks for the
    /// statement that it has been lent.
    package func withStatement<Result>(
        _ sql: StaticString,
        _ body: (inout SQLiteStatement) throws(SQLiteError) -> Result
    ) throws(SQLiteError) -> Result {
        let key = Int(bitPattern: unsafe sql.utf8Start)
        if let known = kept[key] { return try known.lend(body) }
        return try keep(SQLText("\(sql)"), key: key).lend(body)
    }

    /// Lends the statement kept for `sql`, as for a literal.
    package func withStatement<Result>(
        _ sql: SQLText,
        _ body: (inout SQLiteStatement) throws(SQLiteError) -> Result
    ) throws(SQLiteError) -> Result {
        let key = Int(bitPattern: ObjectIdentifier(sql))
        if let known = kept[key] { return try known.lend(body) }
        return try keep(sql, key: key).lend(body)
    }

    /// Runs the kept statement for the literal `sql`, which has no parameters and returns no row.
    package func run(_ sql: StaticString) throws(SQLiteError) {
        try withStatement(sql) { (statement) throws(SQLiteError) in try statement.run() }
    }

    /// How many rows the last INSERT, UPDATE or DELETE touched.
    package var changesCount: Int { Int(unsafe sqlite3_changes64(raw)) }

    /// The row id of the last INSERT.
    package var lastInsertRowID: Int64 { unsafe sqlite3_last_insert_rowid(raw) }

    /// Whether a transaction is open; SQLite ends one by itself after some errors.
    package var isInTransaction: Bool { unsafe sqlite3_get_autocommit(raw) == 0 }

    /// Whether closing the last connection leaves the write-ahead log as it is.
    package func setLeavesLogOnClose(_ isOn: Bool) throws(SQLiteError) {
        try configure(SQLITE_DBCONFIG_NO_CKPT_ON_CLOSE, isOn)
    }

    /// Whether the file that was opened is no longer what its path names: what is written to it
    /// then is lost.
    ///
    /// Source: <https://sqlite.org/c3ref/c_fcntl_begin_atomic_write.html>, SQLITE_FCNTL_HAS_MOVED.
    package var hasMoved: Bool {
        var answer: CInt = 0
        let code = unsafe sqlite3_file_control(raw, "main", SQLITE_FCNTL_HAS_MOVED, &answer)
        return code == SQLITE_OK && answer != 0
    }

    /// Sets how long a call waits for another connection's lock; zero for not at all.
    package func setBusyDuration(_ duration: Duration) throws(SQLiteError) {
        try check(
            unsafe sqlite3_busy_timeout(raw, CInt(duration.wholeMilliseconds)),
            "sqlite3_busy_timeout")
    }

    /// Stops work that is still running at `deadline` with an `isInterrupted` error.
    ///
    /// For reading, and for writing inside `withTransaction`, whose end is never stopped.
    /// - Parameter deadline: `nil` lets work take as long as it takes.
    package func setDeadline(_ deadline: ContinuousClock.Instant?) {
        self.deadline = deadline
        instructionChecksLeft = nil
        watchProgress(every: SQLiteLimits.instructionsBetweenChecks, isOn: deadline != nil)
    }

    /// Stops work once after `count` virtual machine instructions: for tests of failures.
    package func interruptOnce(afterInstructions count: Int) {
        deadline = nil
        instructionChecksLeft = count
        watchProgress(every: 1, isOn: true)
    }

    fileprivate func mustStop() -> Bool {
        if let left = instructionChecksLeft {
            instructionChecksLeft = left > 0 ? left - 1 : nil
            return left == 0
        }
        guard let deadline else { return false }
        return ContinuousClock.now >= deadline
    }

    /// Runs the kept statement for `sql` to its end, whatever the deadline says.
    ///
    /// A COMMIT stopped in its last instruction would be told as failed and yet be durable.
    func runUninterrupted(_ sql: StaticString) throws(SQLiteError) {
        let (deadline, left) = (deadline, instructionChecksLeft)
        self.deadline = nil
        instructionChecksLeft = nil
        defer {
            self.deadline = deadline
            instructionChecksLeft = left
        }
        try run(sql)
    }

    private func watchProgress(every count: Int, isOn: Bool) {
        let context = unsafe isOn ? Unmanaged.passUnretained(self).toOpaque() : nil
        unsafe sqlite3_progress_handler(
            raw, CInt(count), isOn ? instructionsPassed : nil, context)
    }

    private func harden() throws(SQLiteError) {
        try configure(SQLITE_DBCONFIG_DEFENSIVE, true)
        try configure(SQLITE_DBCONFIG_TRUSTED_SCHEMA, false)
        try configure(SQLITE_DBCONFIG_DQS_DDL, false)
        try configure(SQLITE_DBCONFIG_DQS_DML, false)
        let (size, count) = (SQLiteLimits.lookasideBytes, SQLiteLimits.lookasideCount)
        try check(
            unsafe csqlite_db_config_lookaside(raw, CInt(size), CInt(count)), "sqlite3_db_config")
        _ = unsafe sqlite3_limit(raw, SQLITE_LIMIT_LENGTH, CInt(SQLiteLimits.valueBytesMax))
        _ = unsafe sqlite3_limit(raw, SQLITE_LIMIT_SQL_LENGTH, CInt(SQLiteLimits.textBytesMax))
        _ = unsafe sqlite3_limit(raw, SQLITE_LIMIT_ATTACHED, 0)
    }

    private func configure(_ option: CInt, _ isOn: Bool) throws(SQLiteError) {
        try check(unsafe csqlite_db_config_flag(raw, option, isOn ? 1 : 0), "sqlite3_db_config")
    }

    private func keep(_ sql: SQLText, key: Int) throws(SQLiteError) -> KeptStatement {
        precondition(kept.count < SQLiteLimits.keptMax, "SQL texts that aren't constants are kept")
        let flags = CUnsignedInt(SQLITE_PREPARE_PERSISTENT)
        let made = KeptStatement(sql, try prepare(sql.text, flags: flags))
        kept[key] = made
        return made
    }

    private func prepare(
        _ sql: String, flags: CUnsignedInt
    ) throws(SQLiteError) -> SQLiteStatement {
        var statement: OpaquePointer?
        let code = unsafe sqlite3_prepare_v3(raw, sql, -1, flags, &statement, nil)
        try check(code, "sqlite3_prepare_v3")
        guard let prepared = unsafe statement else {
            preconditionFailure("an SQL text without a statement")
        }
        return unsafe SQLiteStatement(prepared)
    }

    func check(_ code: CInt, _ operation: String) throws(SQLiteError) {
        try unsafe SQLiteError.check(code, operation, raw)
    }

    // Once for the process, before the first connection. A failure changes nothing that matters.
    private static let configureLibrary: Void = {
        _ = csqlite_config_memory_statistics(0)
    }()

    deinit {
        kept.removeAll()
        // A statement that outlives this object must not look for it.
        unsafe sqlite3_progress_handler(raw, 0, nil, nil)
        _ = unsafe sqlite3_wal_hook(raw, nil, nil)
        // Waits for statements and backups that others still own (sqlite.org/c3ref/close.html).
        unsafe sqlite3_close_v2(raw)
    }
}

/// A box, since a dictionary can't hold what can't be copied.
private final class KeptStatement {
    // Kept alive too, so that no other text can come to have its identity.
    private let text: SQLText
    private var statement: SQLiteStatement
    private var isLent = false

    init(_ text: SQLText, _ statement: consuming SQLiteStatement) {
        self.text = text
        self.statement = statement
    }

    func lend<Result>(
        _ body: (inout SQLiteStatement) throws(SQLiteError) -> Result
    ) throws(SQLiteError) -> Result {
        precondition(!isLent, "a statement is asked for inside its own use")
        isLent = true
        defer {
            statement.reset()
            isLent = false
        }
        return try body(&statement)
    }
}

private func instructionsPassed(_ context: UnsafeMutableRawPointer?) -> CInt {
    guard let context = unsafe context else { return 0 }
    let connection = unsafe Unmanaged<SQLiteConnection>.fromOpaque(context).takeUnretainedValue()
    return connection.mustStop() ? 1 : 0
}

extension SQLiteOptions {
    fileprivate var flags: CInt {
        let base = SQLITE_OPEN_NOMUTEX | SQLITE_OPEN_EXRESCODE
        return switch access {
        case .create: base | SQLITE_OPEN_READWRITE | SQLITE_OPEN_CREATE
        case .readWrite: base | SQLITE_OPEN_READWRITE
        case .readOnly: base | SQLITE_OPEN_READONLY
        }
    }
}

extension Duration {
    fileprivate var wholeMilliseconds: Int64 {
        components.seconds * 1_000 + components.attoseconds / 1_000_000_000_000_000
    }
}
