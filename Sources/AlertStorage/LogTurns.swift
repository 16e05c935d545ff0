import Alerts
import SQLite
import Synchronization

/// Whose turn it is to move the write-ahead log into the file: nobody's, the mover's, the writer's.
final class LogTurns: Sendable {
    private enum Turn { case nobody, asked, mover, writer }

    private struct State {
        var turn = Turn.nobody
        // No more once a sync failed while it was done: the disk may lack what was moved before,
        // and SQLite would not move it again. The log has it all, and the next start reads it from
        // its beginning.
        var movesLog = true
        var isLogKept = false
    }

    private let state = Mutex(State())
    private let isLong = Atomic(false)
    /// Hears why the log could not be moved into the file, when that begins; called on any thread.
    let hook = Mutex<(@Sendable (StoreError) -> Void)?>(nil)

    /// Whether the log may be moved; not any more after a sync that failed.
    var movesLog: Bool { state.withLock { $0.movesLog } }

    /// Whether the log grows faster than the mover moves it: who writes is to wait for that.
    var isTooLong: Bool { isLong.load(ordering: .relaxed) }

    /// Whether the writer is to move what is left of a log of `pagesCount` pages, which then begins
    /// anew.
    func isWriters(pagesCount: Int) -> Bool {
        state.withLock { state in
            guard state.movesLog else { return false }
            guard pagesCount >= StorageLimits.logPagesMax else {
                // Nobody wrote while it was moved, and it has begun anew.
                if state.turn == .writer { state.turn = .nobody }
                return false
            }
            switch state.turn {
            case .nobody:
                state.turn = .asked
                return false
            case .asked:
                return false
            case .mover:
                let isTooLong = pagesCount >= StorageLimits.logPagesBeforeWait
                isLong.store(isTooLong, ordering: .relaxed)
                return false
            case .writer:
                state.turn = .nobody
                return true
            }
        }
    }

    /// Whether the mover is to be called; says so once for each of its turns.
    func takeAsk() -> Bool {
        state.withLock { state in
            guard state.turn == .asked else { return false }
            state.turn = .mover
            return true
        }
    }

    /// Ends the mover's turn.
    ///
    /// - Parameter error: What was in its way.
    func moved(_ error: SQLiteError? = nil) {
        state.withLock { state in
            state.turn = error == nil ? .writer : .nobody
            isLong.store(false, ordering: .relaxed)
        }
        if let error { failed(error) }
    }

    /// Ends the writer's turn: the log begins anew.
    func finished() {
        state.withLock { $0.isLogKept = false }
    }

    /// Notes that the log could not be moved, and tells of it unless that is known.
    ///
    /// Whoever is in the way goes, and room is made; then it is done behind another commit.
    func failed(_ error: SQLiteError) {
        let isNews = state.withLock { state in
            if error.isFailedSync { state.movesLog = false }
            guard !state.isLogKept, !error.isBusy else { return false }
            state.isLogKept = true
            return true
        }
        guard isNews else { return }
        hook.withLock { $0 }?(StoreError(error, while: "Moving the log into the store"))
    }
}
