import SQLite
import Synchronization
import Testing

@testable import AlertStorage

@Suite struct LogTurnsTests {
    private let turns = LogTurns()
    private let long = StorageLimits.logPagesMax

    @Test func `a long log is the mover's, and what is left then is the writer's`() {
        turns.note(pagesCount: long - 1)
        #expect(turns.take() == nil)
        turns.note(pagesCount: long)
        #expect(turns.take() == .mover)
        #expect(turns.take() == nil)
        turns.note(pagesCount: long + 500)
        #expect(turns.take() == nil)
        turns.moved()
        #expect(turns.take() == nil)
        turns.note(pagesCount: long + 1_000)
        #expect(turns.take() == .writer)
        // Until it has done so, who writes meanwhile has nobody else move it.
        turns.note(pagesCount: long + 1_001)
        #expect(turns.take() == nil)
        turns.finished()
        turns.note(pagesCount: 10)
        #expect(turns.take() == nil)
        turns.note(pagesCount: long)
        #expect(turns.take() == .mover)
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
        turns.note(pagesCount: longest - 1)
        #expect(!turns.isTooLong)
        turns.note(pagesCount: longest)
        #expect(turns.isTooLong)
        turns.moved()
        #expect(!turns.isTooLong)
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

    private func take(at pagesCount: Int) -> LogTurns.Hand? {
        turns.note(pagesCount: pagesCount)
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
