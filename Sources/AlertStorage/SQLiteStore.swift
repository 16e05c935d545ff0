package import Alerts
import EventLoop
import Synchronization
package import TLS

/// The store of one gateway in one SQLite file.
///
/// One connection writes, one reads and one moves the log, each on a thread of its own, so that
/// nothing here blocks the loop. One call is one transaction and one wait for the disk. After an
/// error of the operating system the file is closed and opened again before the next call.
///
/// `close()` ends the threads; letting go does the same, without moving the log into the file.
package final class SQLiteStore: WatchedStore {
    let writer: SQLiteWriter
    let reader: SQLiteReader
    // Made when the log is first long, so that an idle gateway goes without its thread.
    private let mover = Mutex<LogMover?>(nil)
    private let file: StoreFile
    let turns = LogTurns()
    let sealer: KeySealer
    let outbox: OutboxHook
    private let usage = Mutex(Usage())
    private let troubleHook = Mutex<(@Sendable () -> Void)?>(nil)
    let changeHook = Mutex<(@Sendable () -> Void)?>(nil)

    private struct Usage {
        var isClosed = false
        var callsCount = 0
        var hasEnded = false
    }

    private init(_ file: StoreFile) throws(UVError) {
        let writerThread = try WorkerThread()
        do throws(UVError) {
            reader = SQLiteReader(file, thread: try WorkerThread())
        } catch {
            writerThread.stop()
            throw error
        }
        writer = SQLiteWriter(file, turns: turns, thread: writerThread)
        self.file = file
        sealer = file.sealer
        outbox = file.outbox
    }

    /// Opens the store at `path`; makes it, readable to its owner only, if it is missing.
    ///
    /// - Parameters:
    ///   - path: The database file; its log lies beside it. A missing directory is made.
    ///   - masterKey: 32 bytes, under which API keys are sealed.
    ///   - previousKey: Opens what another master key sealed, and seals nothing.
    ///   - schedule: When firing alerts are to be read back.
    /// - Returns: The store, ready for use.
    /// - Throws: `foreign` or `newerSchema` for a file that isn't ours to touch, and which was not
    ///   touched; `wrongMasterKey`; or what is wrong with the file or its disk.
    package static func open(
        path: String, masterKey: Secret, previousKey: Secret? = nil,
        schedule: ReconcileSchedule = ReconcileSchedule()
    ) async throws(StoreError) -> SQLiteStore {
        let sealer = try KeySealer(masterKey: masterKey, previous: previousKey)
        let file = StoreFile(path: path, sealer: sealer, schedule: schedule)
        let store: SQLiteStore
        do throws(UVError) {
            store = try SQLiteStore(file)
        } catch {
            throw StoreError(.other, "Starting the store's threads failed: \(error)")
        }
        try await store.writer.open()
        try await store.reader.open()
        return store
    }

    /// The version of the tables that this program writes.
    package static var schemaVersion: Int { Int(Schema.version) }

    /// Has `body` called, on any thread, after each call that the store could not carry out because
    /// of the store: what contradicts its content does not count.
    package func onTrouble(_ body: @escaping @Sendable () -> Void) {
        troubleHook.withLock { $0 = body }
    }

    /// Has `body` called, on any thread, when the log can't be moved into the file any more.
    ///
    /// Nothing is lost by that, but the log grows: until the trouble is over, or, if a sync failed,
    /// until the store is opened anew.
    package func onLogKept(_ body: @escaping @Sendable (StoreError) -> Void) {
        turns.hook.withLock { $0 = body }
    }

    /// Tells of an error that a call is about to throw.
    func tell(_ error: StoreError) {
        switch error.kind {
        case .closed, .conflict: return
        case .busy, .full, .readOnly, .inputOutput, .corrupt, .foreign, .newerSchema,
            .wrongMasterKey, .other:
            troubleHook.withLock { $0 }?()
        }
    }

    /// Runs a call on the writer's or the reader's thread, unless the store is closed.
    func call<Result>(
        _ body: () async throws(StoreError) -> Result
    ) async throws(StoreError) -> Result {
        let isClosed = usage.withLock { usage in
            if !usage.isClosed { usage.callsCount += 1 }
            return usage.isClosed
        }
        guard !isClosed else { throw .closed }
        defer { callEnded() }
        return try await body()
    }

    /// Has the log moved into the file if it has grown long; returns at once.
    ///
    /// So whoever asked for what was just committed is answered first, also when the writer is to
    /// move the log.
    func moveLogIfLong() {
        guard let hand = turns.take() else { return }
        LoopActor.spawn { [weak self] in
            guard let self else { return }
            try? await self.call {  // Fails once the store is closed, which moves the log itself.
                () async throws(StoreError) in await self.moveLog(by: hand)
            }
        }
    }

    /// Returns when the log is not being moved any more.
    func waitForLog() async {
        await mover.withLock { $0 }?.rest()
    }

    private func moveLog(by hand: LogTurns.Hand) async {
        guard hand == .mover else { return await writer.moveLog() }
        let mover = mover.withLock { mover -> LogMover? in
            if let mover { return mover }
            // Without a thread, all of it is left to the writer.
            guard let thread = try? WorkerThread() else { return nil }  // As said.
            let made = LogMover(file, turns: turns, thread: thread)
            mover = made
            return made
        }
        guard let mover else { return turns.moved() }
        await mover.move()
    }

    /// Ends the use of the store: calls under way are finished, later ones throw `closed`.
    package func close() async {
        let isFirst = usage.withLock { usage in
            guard !usage.isClosed else { return false }
            usage.isClosed = true
            usage.callsCount += 1
            return true
        }
        guard isFirst else { return }
        turns.hurry()
        await reader.close()
        await mover.withLock { $0 }?.close()
        await writer.close()
        callEnded()
    }

    /// The last call to end after `close()` ends the threads, which are idle then.
    private func callEnded() {
        let isLast = usage.withLock { usage in
            usage.callsCount -= 1
            guard usage.isClosed, usage.callsCount == 0 else { return false }
            usage.hasEnded = true
            return true
        }
        if isLast { stopThreads() }
    }

    private func stopThreads() {
        reader.thread.stop()
        mover.withLock { $0 }?.thread.stop()
        writer.thread.stop()
    }

    deinit {
        if !usage.withLock({ $0.hasEnded }) { stopThreads() }
    }
}
