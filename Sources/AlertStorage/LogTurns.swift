import Alerts
import EventLoop
import SQLite
import Synchronization

/// Whose turn it is to move the write-ahead log into the file: nobody's, the mover's, the writer's.
final class LogTurns: Sendable {
    /// Who moves the log.
    enum Hand { case mover, writer }

    private enum Turn {
        case nobody
        // It is for this one, who has yet to be called.
        case due(Hand)
        case under(Hand)
        // The mover has ended; the rest is the writer's behind the next commit.
        case left
    }

    private struct State {
        var turn = Turn.nobody
        // What was committed since the log last began anew.
        var changesCount = 0
        // No more once a sync failed while it was done: the disk may lack what was moved before,
        // and SQLite would not move it again. The log has it all, and the next start reads it from
        // its beginning.
        var movesLog = true
        var isLogKept = false
        var isMovedInSlices = false

        // The log begins anew.
        mutating func begin() {
            turn = .nobody
            changesCount = 0
        }
    }

    private let state = Mutex(State())
    private let isLong = Atomic(false)
    private let isHurried = Atomic(false)
    private let commit = ThreadSignal()
    /// Hears why the log could not be moved into the file, when that begins; called on any thread.
    let hook = Mutex<(@Sendable (StoreError) -> Void)?>(nil)

    /// Whether the log may be moved; not any more after a sync that failed.
    var movesLog: Bool { state.withLock { $0.movesLog } }

    /// Whether the log grows faster than the mover moves it: who writes is to wait for that.
    var isTooLong: Bool { isLong.load(ordering: .relaxed) }

    /// Whether the log is to be moved in slices, in the gaps that `waitForGap` waits for.
    ///
    /// So it is when each commit is of a webhook or two, of which some would wait for a disk that
    /// syncs hundreds of pages. Where many share a commit there are no gaps, and where a few fill
    /// the log each waits for the disk anyway.
    var isMovedInSlices: Bool { state.withLock { $0.isMovedInSlices } }

    /// Notes a commit of so many changes, behind which the log has so many pages.
    func note(pagesCount: Int, changesCount: Int) {
        state.withLock { state in
            guard state.movesLog else { return }
            state.changesCount += changesCount
            guard pagesCount >= StorageLimits.logPagesMin else {
                // Nobody wrote while it was moved, and it has begun anew.
                if case .left = state.turn { state.begin() }
                return
            }
            switch state.turn {
            case .nobody:
                guard
                    state.changesCount >= StorageLimits.logChangesMin
                        || pagesCount >= StorageLimits.logPagesMax
                else { return }
                state.turn = .due(.mover)
                state.isMovedInSlices =
                    pagesCount >= StorageLimits.logPagesInSlices
                    && state.changesCount >= StorageLimits.logChangesInSlices
                isHurried.store(false, ordering: .relaxed)
            case .left: state.turn = .due(.writer)
            case .under(.mover):
                let isTooLong = pagesCount >= StorageLimits.logPagesBeforeWait
                isLong.store(isTooLong, ordering: .relaxed)
                if pagesCount >= StorageLimits.logPagesBeforeHurry { hurry() }
                commit.send()
            case .due, .under(.writer): break
            }
        }
    }

    /// Who is to be called to move the log; says so once for each turn.
    ///
    /// `moved`, `finished` or `passed` ends the turn.
    func take() -> Hand? {
        state.withLock { state in
            guard case .due(let hand) = state.turn else { return nil }
            state.turn = .under(hand)
            return hand
        }
    }

    /// Returns when the disk has likely nothing to do for a commit: behind the next one, or when
    /// none comes for a while.
    ///
    /// - Returns: False, at once, when the mover is to hurry instead.
    func waitForGap() -> Bool {
        guard !isHurried.load(ordering: .relaxed) else { return false }
        commit.wait(atMost: StorageLimits.gapDurationMax)
        return true
    }

    /// Has the mover go on without slices in its turn.
    func hurry() {
        isHurried.store(true, ordering: .relaxed)
    }

    /// Ends the mover's turn.
    ///
    /// - Parameter error: What was in its way.
    func moved(_ error: SQLiteError? = nil) {
        state.withLock { state in
            state.turn = error == nil ? .left : .nobody
            isLong.store(false, ordering: .relaxed)
        }
        if let error { failed(error) }
    }

    /// Ends the writer's turn: the log begins anew.
    ///
    /// - Parameter error: What was in its way.
    func finished(_ error: SQLiteError? = nil) {
        state.withLock { state in
            state.turn = .nobody
            guard error == nil else { return }
            state.begin()
            state.isLogKept = false
        }
        if let error { failed(error) }
    }

    /// Ends the writer's turn, in which it could not begin.
    func passed() {
        state.withLock { $0.turn = .nobody }
    }

    /// Notes that the log could not be moved, and tells of it unless that is known.
    ///
    /// Whoever is in the way goes, and room is made; then it is done behind another commit.
    private func failed(_ error: SQLiteError) {
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
