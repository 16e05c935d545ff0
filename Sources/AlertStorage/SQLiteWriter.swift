import Alerts
import EventLoop
import SQLite

/// The one connection that writes, on a thread of its own.
actor SQLiteWriter {
    nonisolated let thread: WorkerThread
    nonisolated var unownedExecutor: UnownedSerialExecutor { thread.unownedExecutor }

    private let file: StoreFile
    // Gone after an error that leaves the connection in doubt; the next call opens another.
    private var session: StoreSession?
    // What was given up is used no more, and yet stays open until another is: while anybody has the
    // file open, its log ends with the last good commit. Whoever opens it when nobody has reads the
    // log from its beginning, and would take a commit for good whose fsync had failed.
    private var doubtful: StoreSession?
    private var isClosed = false
    private let turns: LogTurns

    init(_ file: StoreFile, turns: LogTurns, thread: WorkerThread) {
        self.file = file
        self.turns = turns
        self.thread = thread
    }

    /// Opens the file, and makes it or brings it up to date if need be.
    func open() throws(StoreError) {
        session = try file.openForWriting(mayCreate: true)
    }

    /// Closes the file, which nobody else has open; its log is moved into it.
    func close() {
        if let session, !turns.movesLog { leaveLog(session.connection) }
        session = nil
        doubtful = nil
        isClosed = true
    }

    /// Runs `body` in one transaction, which is durable when this returns.
    ///
    /// A call made at `asked`, which since has waited for others, waits that much less for the lock
    /// of another process: the bound holds for all of them together.
    func write<Result: Sendable>(
        _ what: String, asked: ContinuousClock.Instant,
        _ body: sending (StoreSession) throws(SQLiteError) -> Result
    ) throws(StoreError) -> Result {
        let session = try openSession()
        // A file without a name takes writes, and is gone when it is closed.
        guard !session.connection.hasMoved else {
            giveUp(session)
            throw file.isGone
        }
        let waited = asked.duration(to: .now)
        do throws(SQLiteError) {
            try session.connection.setBusyDuration(max(.zero, SQLiteLimits.busyDuration - waited))
            let result = try session.write { () throws(SQLiteError) in try body(session) }
            turns.note(
                pagesCount: session.connection.logPagesCount, changesCount: session.changesCount)
            return result
        } catch {
            // After a failed fsync the pages in memory may count as written and yet not be.
            if error.leavesConnectionInDoubt { giveUp(session) }
            throw StoreError(error, while: what)
        }
    }

    /// Moves what the mover left, so that the log begins anew.
    func moveLog() {
        guard let session, turns.movesLog else { return turns.passed() }
        do throws(SQLiteError) {
            try session.connection.checkpoint(isTruncating: false)
            turns.finished()
        } catch {
            turns.finished(error)
            // The commit before is durable; what a later one would sync by it is in doubt.
            if error.isFailedSync { giveUp(session) }
        }
    }

    func openSession() throws(StoreError) -> StoreSession {
        guard !isClosed else { throw .closed }
        if let session { return session }
        let opened = try file.openForWriting(mayCreate: false)
        file.openings.add()
        if !turns.movesLog { leaveLog(opened.connection) }
        session = opened
        doubtful = nil
        return opened
    }

    private func leaveLog(_ connection: SQLiteConnection) {
        try? connection.setLeavesLogOnClose(true)  // Fails for a closed connection only.
    }

    private func giveUp(_ session: StoreSession) {
        // Nor may it move the log into the file, should it be the last to close.
        leaveLog(session.connection)
        doubtful = session
        self.session = nil
    }
}

extension StoreError {
    static let closed = StoreError(.closed, "The store is closed.")
}
