import SQLite
import Synchronization
import Testing

@testable import AlertStorage

@Suite struct LogTurnsTests {
    private let turns = LogTurns()
    private let long = StorageLimits.logPagesMin
    private let many = StorageLimits.logChangesMin

    @Test func `a long log is the mover's, and what is left then is the writer's`() {
        #expect(take(at: long - 1) == nil)
        #expect(take(at: long) == .mover)
        #expect(turns.take() == nil)
        #expect(take(at: long + 500) == nil)
        turns.moved()
        #expect(turns.take() == nil)
        #expect(take(at: long + 1_000) == .writer)
        // Until it has done so, who writes meanwhile has nobody else move it.
        #expect(take(at: long + 1_001) == nil)
        turns.finished()
        #expect(take(at: 10) == nil)
        #expect(take(at: long) == .mover)
    }

    @Test func `a log of few changes waits for more, unless it is the longest`() {
        let longest = StorageLimits.logPagesMax
        turns.note(pagesCount: long, changesCount: many - 1)
        #expect(turns.take() == nil)
        turns.note(pagesCount: long + 14, changesCount: 1)
        #expect(turns.take() == .mover)
        turns.moved()
        turns.note(pagesCount: long + 28, changesCount: 0)
        #expect(turns.take() == .writer)
        turns.finished()
        // They are counted anew.
        turns.note(pagesCount: longest - 1, changesCount: many - 1)
        #expect(turns.take() == nil)
        turns.note(pagesCount: longest, changesCount: 0)
        #expect(turns.take() == .mover)
    }

    @Test func `changes are counted anew in a log that begins by itself`() {
        #expect(take(at: long) == .mover)
        turns.moved()
        turns.note(pagesCount: 10, changesCount: 2)
        turns.note(pagesCount: long, changesCount: many - 1)
        #expect(turns.take() == nil)
        turns.note(pagesCount: long, changesCount: 1)
        #expect(turns.take() == .mover)
    }

    @Test func `changes count on in a log that could not be moved`() {
        let error = SQLiteError(inputOutput: "write")
        #expect(take(at: long) == .mover)
        turns.moved(error)
        #expect(takeWithoutChanges() == .mover)
        turns.moved()
        #expect(takeWithoutChanges() == .writer)
        turns.finished(error)
        #expect(takeWithoutChanges() == .mover)
        turns.moved()
        #expect(takeWithoutChanges() == .writer)
        turns.passed()
        #expect(takeWithoutChanges() == .mover)
    }

    @Test func `changes count while the log is short, and while it is moved`() {
        turns.note(pagesCount: 10, changesCount: many - 1)
        turns.note(pagesCount: long - 1, changesCount: 1)
        #expect(takeWithoutChanges() == .mover)
        turns.moved()
        turns.note(pagesCount: long, changesCount: many)
        #expect(turns.take() == .writer)
        turns.note(pagesCount: long, changesCount: many)
        turns.finished()
        // All of them were in the log that was moved.
        #expect(takeWithoutChanges() == nil)
    }

    @Test func `a log that begins anew by itself is the mover's when it is long again`() {
        #expect(take(at: long) == .mover)
        turns.moved()
        #expect(take(at: 10) == nil)
        #expect(take(at: long) == .mover)
    }

    @Test func `a writer's turn that could not begin is the mover's again`() {
        #expect(take(at: long) == .mover)
        turns.moved()
        #expect(take(at: long) == .writer)
        turns.passed()
        #expect(take(at: long) == .mover)
    }

    @Test func `who writes waits only for a mover that is slower`() {
        let longest = StorageLimits.logPagesBeforeWait
        #expect(take(at: longest) == .mover)
        #expect(!turns.isTooLong)
        turns.note(pagesCount: longest - 1, changesCount: many)
        #expect(!turns.isTooLong)
        turns.note(pagesCount: longest, changesCount: many)
        #expect(turns.isTooLong)
        turns.moved()
        #expect(!turns.isTooLong)
    }

    @Test func `a log of lone webhooks is moved in slices`() {
        let (alone, few) = (StorageLimits.logPagesInSlices, StorageLimits.logChangesInSlices)
        func isInSlices(at pagesCount: Int, _ changesCount: Int) -> Bool {
            let turns = LogTurns()
            turns.note(pagesCount: pagesCount, changesCount: changesCount)
            #expect(turns.take() == .mover)
            return turns.isMovedInSlices
        }
        #expect(!isInSlices(at: long, many))
        #expect(!isInSlices(at: alone - 1, many))
        #expect(isInSlices(at: alone, many))
        #expect(isInSlices(at: StorageLimits.logPagesMax, few))
        #expect(!isInSlices(at: StorageLimits.logPagesMax, few - 1))
    }

    @Test func `the mover waits for no gap when the log grows long, until its next turn`() {
        #expect(take(at: StorageLimits.logPagesInSlices) == .mover)
        #expect(turns.waitForGap())
        turns.note(pagesCount: StorageLimits.logPagesBeforeHurry - 1, changesCount: 2)
        #expect(turns.waitForGap())
        turns.note(pagesCount: StorageLimits.logPagesBeforeHurry, changesCount: 2)
        #expect(!turns.waitForGap())
        turns.moved()
        #expect(take(at: long) == .writer)
        turns.finished()
        #expect(take(at: long) == .mover)
        #expect(turns.waitForGap())
        turns.hurry()
        #expect(!turns.waitForGap())
    }

    @Test func `what is in the way is told once, and tried again`() {
        let told = Told(of: turns)
        for _ in 0..<3 {
            #expect(take(at: long) == .mover)
            turns.moved(SQLiteError(inputOutput: "write"))
        }
        #expect(told.count == 1)
        for error in [nil, SQLiteError(inputOutput: "write")] {
            #expect(take(at: long) == .mover)
            turns.moved()
            #expect(take(at: long) == .writer)
            turns.finished(error)
        }
        #expect(told.count == 2)
        #expect(turns.movesLog)
        #expect(take(at: long) == .mover)
    }

    @Test func `after a failed sync nobody moves the log any more`() {
        let told = Told(of: turns)
        #expect(take(at: long) == .mover)
        turns.moved(SQLiteError(failedSync: "checkpoint"))
        #expect(told.count == 1)
        #expect(!turns.movesLog)
        #expect(take(at: 2 * long) == nil)
    }

    /// Who is to move a log of so many pages with changes enough.
    private func take(at pagesCount: Int) -> LogTurns.Hand? {
        turns.note(pagesCount: pagesCount, changesCount: many)
        return turns.take()
    }

    /// Who is to move a long log, going by the changes before.
    private func takeWithoutChanges() -> LogTurns.Hand? {
        turns.note(pagesCount: long, changesCount: 0)
        return turns.take()
    }

    private final class Told: Sendable {
        private let number = Atomic(0)

        init(of turns: LogTurns) {
            turns.hook.withLock { hook in
                hook = { [weak self] _ in
                    _ = self?.number.add(1, ordering: .relaxed)
                }
            }
        }

        var count: Int { number.load(ordering: .relaxed) }
    }
}
