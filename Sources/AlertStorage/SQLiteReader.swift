import Alerts
import EventLoop
import SQLite

/// A connection for reading, on a thread of its own.
///
/// So a search over a million alerts keeps no webhook waiting, and a slow disk no page.
actor SQLiteReader {
    nonisolated let thread: WorkerThread
    nonisolated var unownedExecutor: UnownedSerialExecutor { thread.unownedExecutor }

    private let file: StoreFile
    private var session: StoreSession?
    private var isClosed = false
    // Which of the writer's openings it followed.
    private var opening = 0

    init(_ file: StoreFile, thread: WorkerThread) {
        self.file = file
        self.thread = thread
    }

    /// Opens the file, which the writer has opened before.
    func open() throws(StoreError) {
        session = try file.openForReading()
    }

    /// Closes the file.
    func close() {
        session = nil
        isClosed = true
    }

    /// Runs `body` on one state of the tables: of the last commit, or a later one.
    func read<Result: Sendable>(
        _ what: String, _ body: sending (StoreSession) throws(SQLiteError) -> Result
    ) throws(StoreError) -> Result {
        let session = try openSession()
        session.connection.setDeadline(.now + StorageLimits.searchDurationMax)
        defer { session.connection.setDeadline(nil) }
        do throws(SQLiteError) {
            return try session.read { () throws(SQLiteError) in try body(session) }
        } catch {
            if error.leavesConnectionInDoubt { self.session = nil }
            throw StoreError(error, while: what)
        }
    }

    private func openSession() throws(StoreError) -> StoreSession {
        guard !isClosed else { throw .closed }
        let newest = file.openings.count
        if let session, opening == newest { return session }
        let opened = try file.openForReading()
        opening = newest
        session = opened
        return opened
    }
}
