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
    private var isClosed = false

    init(_ file: StoreFile, thread: WorkerThread) {
        self.file = file
        self.thread = thread
    }

    /// Opens the file, and makes it or brings it up to date if need be.
    func open() throws(StoreError) {
        session = try file.openForWriting(mayCreate: true)
    }

    /// Closes the file; its log is moved into it.
    func close() {
        session = nil
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
            return try session.write { () throws(SQLiteError) in try body(session) }
        } catch {
            // After a failed fsync the pages in memory may count as written and yet not be.
            if error.leavesConnectionInDoubt { giveUp(session) }
            throw StoreError(error, while: what)
        }
    }

    func openSession() throws(StoreError) -> StoreSession {
        guard !isClosed else { throw .closed }
        if let session { return session }
        let opened = try file.openForWriting(mayCreate: false)
        file.openings.add()
        session = opened
        return opened
    }

    private func giveUp(_ session: StoreSession) {
        // The log is the truth then: the next connection reads it again from the disk.
        try? session.connection.setLeavesLogOnClose(true)  // Best effort on a connection that goes.
        self.session = nil
    }
}

extension StoreError {
    static let closed = StoreError(.closed, "The store is closed.")
}
