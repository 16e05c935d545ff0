import Alerts
import SQLite
import Synchronization

/// Opens the database file, once it is known to be ours.
struct StoreFile: Sendable {
    let path: String
    let sealer: KeySealer
    /// How often the writer opened it, so that the reader follows to what was put in its place.
    let openings = Openings()
    let outbox = OutboxHook()
    let schedule: ReconcileSchedule

    /// Opens the file for writing: makes it if it is missing, and brings its tables up to date.
    ///
    /// A file that isn't ours, is from a newer version or wants another master key is refused
    /// before anything is written to it. A missing one is made if `mayCreate` says so, which it
    /// doesn't when the file was there before.
    func openForWriting(mayCreate: Bool) throws(StoreError) -> StoreSession {
        let isInUse = try isFileInUse()
        if !isInUse {
            try StoreBackup.checkIsNotReplaced(path)
            try checkHeader(mayCreate: mayCreate)
        }
        let connection = try mappingErrors(while: opening) { () throws(SQLiteError) in
            let connection = try SQLiteConnection(
                path, options: .init(access: .readWrite, gathersLog: true))
            // Until it is known to be ours, not even its log is moved into it.
            try connection.setLeavesLogOnClose(true)
            return connection
        }
        try migrate(connection)
        return try mappingErrors(while: opening) { () throws(SQLiteError) in
            try configure(connection)
            try SQLiteFile.restrict(path)
            try connection.setLeavesLogOnClose(false)
            if let found = try SQLiteFile.identity(path) { openings.note(found.file) }
            return StoreSession(connection, schedule: schedule, outbox: outbox)
        }
    }

    /// Opens the file, which a writer has opened before, for reading.
    func openForReading() throws(StoreError) -> StoreSession {
        try mappingErrors(while: opening) { () throws(SQLiteError) in
            let connection = try SQLiteConnection(path, options: .init(access: .readWrite))
            // Only who writes knows whether the log may be moved.
            try connection.setLeavesLogOnClose(true)
            try connection.setPragma("cache_size", -StorageLimits.readerCacheBytes >> 10)
            try connection.setPragma("query_only", 1)
            _ = try connection.setPragma("temp_store", "MEMORY")
            return StoreSession(connection, schedule: schedule)
        }
    }

    /// Opens the file that the writer has open, for moving its log; `nil` when its path names
    /// another by now.
    func openForMovingLog() throws(SQLiteError) -> SQLiteConnection? {
        guard let found = try SQLiteFile.identity(path), openings.includes(found.file) else {
            return nil
        }
        let connection = try SQLiteConnection(path, options: .init(access: .readWrite))
        try connection.setLeavesLogOnClose(true)
        _ = try connection.setPragma("synchronous", "FULL")
        return connection
    }

    /// What is wrong when the file was there before, and is not now.
    var isGone: StoreError {
        StoreError(.inputOutput, "The store \(path) is gone or was replaced; put it back.")
    }

    /// Whether a connection of this process may have the file open, so that none but SQLite may
    /// touch it: to close a descriptor of it would take the locks of every connection away, and
    /// another program would then take the log for abandoned and remove it.
    ///
    /// Source: <https://www.sqlite.org/howtocorrupt.html>, section 2.2.
    private func isFileInUse() throws(StoreError) -> Bool {
        let found = try mappingErrors(while: opening) { () throws(SQLiteError) in
            try SQLiteFile.identity(path)
        }
        guard let found, openings.includes(found.file) else { return false }
        guard !found.isEmpty else { throw isGone }
        return true
    }

    private func checkHeader(mayCreate: Bool) throws(StoreError) {
        let header = try mappingErrors(while: opening) { () throws(SQLiteError) in
            try SQLiteFile.header(path)
        }
        switch header {
        case .missing, .empty:
            guard mayCreate else { throw isGone }
            try mappingErrors(while: opening) { () throws(SQLiteError) in
                try SQLiteFile.makePrivate(path)
            }
        case .notADatabase:
            throw StoreError(.foreign, "\(path) is not a database; it was left as it is.")
        case .database(let applicationID, let version):
            try checkIdentity(applicationID: applicationID, version: version)
        }
    }

    private var opening: String { "Opening the store \(path)" }

    private func checkIdentity(applicationID: Int32, version: Int32) throws(StoreError) {
        try Schema.check(applicationID: applicationID, version: version, of: path)
    }

    private func migrate(_ connection: SQLiteConnection) throws(StoreError) {
        let (applicationID, found, pagesCount) = try mappingErrors(while: opening) {
            () throws(SQLiteError) in
            (
                try connection.pragma("application_id"), try connection.pragma("user_version"),
                try connection.pragma("page_count")
            )
        }
        let version = Int32(truncatingIfNeeded: found)
        if pagesCount > 0 {
            // The header was read without the log, which may hold a newer one.
            try checkIdentity(
                applicationID: Int32(truncatingIfNeeded: applicationID), version: version)
            try checkMasterKey(connection)
        }
        let canary = try sealer.canary()
        for step in version..<Schema.version {
            try mappingErrors(while: "Migrating the store \(path)") { () throws(SQLiteError) in
                try connection.withTransaction(.immediate) { () throws(SQLiteError) in
                    try connection.execute(Schema.steps[Int(step)])
                    try connection.setPragma("user_version", Int64(step + 1))
                    guard step == 0 else { return }
                    try connection.setPragma("application_id", Int64(Schema.applicationID))
                    var insert = try connection.prepare("INSERT INTO meta VALUES ('canary', ?)")
                    try insert.bind(canary)
                    try insert.run()
                }
            }
        }
    }

    private func checkMasterKey(_ connection: SQLiteConnection) throws(StoreError) {
        let record = try mappingErrors(while: opening) { () throws(SQLiteError) in
            try connection.canary()
        }
        try sealer.check(canary: record)
    }

    private func configure(_ connection: SQLiteConnection) throws(SQLiteError) {
        // Set once the tables are there, so that the header of a new file says whose it is.
        let mode = try connection.setPragma("journal_mode", "WAL")
        guard mode == "wal" else { throw SQLiteError(unsupported: "journal mode WAL") }
        // With WAL, FULL is what makes a commit wait for the disk. Source: sqlite.org/pragma.html
        _ = try connection.setPragma("synchronous", "FULL")
        try connection.setPragma("foreign_keys", 1)
        try connection.setPragma("cache_size", -StorageLimits.writerCacheBytes >> 10)
        _ = try connection.setPragma("temp_store", "MEMORY")
        connection.watchLog()
        try connection.setPragma("journal_size_limit", StorageLimits.logBytesKept)
    }
}

/// What the writer opened so far, shared by both connections.
final class Openings: Sendable {
    private let number = Atomic(0)
    // One, and one more for each time that another file was put in its place.
    private let files = Mutex<Set<SQLiteFile.Identity>>([])

    var count: Int { number.load(ordering: .acquiring) }

    func add() {
        number.add(1, ordering: .acquiringAndReleasing)
    }

    func note(_ file: SQLiteFile.Identity) {
        _ = files.withLock { $0.insert(file) }
    }

    func includes(_ file: SQLiteFile.Identity) -> Bool {
        files.withLock { $0.contains(file) }
    }
}
