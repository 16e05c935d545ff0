import Alerts
import EventLoop
import SQLite

/// Moves the write-ahead log into the file, on a thread of its own, so that no commit waits for it.
///
/// What is committed meanwhile stays behind, and as long as something does the log only grows. So
/// the writer, when this has ended, moves that little itself and starts the log anew; see
/// `LogTurns`.
actor LogMover {
    nonisolated let thread: WorkerThread
    nonisolated var unownedExecutor: UnownedSerialExecutor { thread.unownedExecutor }

    private let file: StoreFile
    private let turns: LogTurns
    // Opened when it is first needed, so that an idle gateway goes without.
    private var connection: SQLiteConnection?
    // Which of the writer's openings it followed.
    private var opening = 0
    private var isClosed = false

    init(_ file: StoreFile, turns: LogTurns, thread: WorkerThread) {
        self.file = file
        self.turns = turns
        self.thread = thread
    }

    /// Closes the file; the log stays for the writer to move.
    func close() {
        connection = nil
        isClosed = true
    }

    /// Moves what the log holds as far as readers allow, then once more what came meanwhile.
    func move() {
        guard !isClosed else { return }
        do throws(SQLiteError) {
            if let connection = try open() {
                try connection.checkpoint(isTruncating: false)
                try connection.checkpoint(isTruncating: false)
            }
            turns.moved()
        } catch {
            connection = nil
            turns.moved(error)
        }
    }

    /// Returns when what was asked for before is done.
    func rest() {
        // To have nothing done here is to have nobody come here, says the optimizer.
        thread.checkIsolated()
    }

    /// The connection to the file that the writer has open; `nil` when another is in its place.
    private func open() throws(SQLiteError) -> SQLiteConnection? {
        let newest = file.openings.count
        if opening != newest { connection = nil }
        if let connection { return connection.hasMoved ? nil : connection }
        let opened = try file.openForMovingLog()
        opening = newest
        connection = opened
        return opened
    }
}
