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
    private var isClosed = false

    init(_ file: StoreFile, turns: LogTurns, thread: WorkerThread) {
        self.file = file
        self.turns = turns
        self.thread = thread
    }

    /// Moves nothing any more; the log stays for the writer to move.
    func close() {
        isClosed = true
    }

    /// Moves what the log holds as far as readers allow; what comes meanwhile stays.
    ///
    /// The connection is there for as long as that takes. SQLite keeps one descriptor of the file
    /// for the next: to close it would give up the writer's locks (sqlite src/os_unix.c, "Posix
    /// Advisory Locking").
    func move() {
        guard !isClosed else { return }
        do throws(SQLiteError) {
            if let connection = try file.openForMovingLog() {
                if turns.isMovedInSlices {
                    try moveInSlices(connection)
                } else {
                    try connection.checkpoint(isTruncating: false)
                }
            }
            turns.moved()
        } catch {
            turns.moved(error)
        }
    }

    /// Goes over the log until little comes meanwhile, so that the writer is left with little.
    private func moveInSlices(_ connection: SQLiteConnection) throws(SQLiteError) {
        var movedCount = 0
        for _ in 0..<StorageLimits.logPassesMax {
            let now = try connection.checkpoint(inSlicesOf: StorageLimits.logSlicePages) {
                self.turns.waitForGap()
            }
            guard now - movedCount >= StorageLimits.logPagesWorthAPass else { return }
            movedCount = now
        }
    }

    /// Returns when what was asked for before is done.
    func rest() {
        // To have nothing done here is to have nobody come here, says the optimizer.
        thread.checkIsolated()
    }
}
