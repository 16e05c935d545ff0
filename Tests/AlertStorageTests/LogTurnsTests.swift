import SQLite
import Synchronization
import Testing

@testable import AlertStorage

@Suite struct LogTurnsTests {
    private let turns = LogTurns()
    private let long = StorageLimits.logPagesMax

    @Test func `a long log is the mover's, asked once, and what is left then is the writer's`() {
        #expect(!turns.isWriters(pagesCount: long - 1))
        #expect(!turns.takeAsk())
        #expect(!turns.isWriters(pagesCount: long))
        #expect(turns.takeAsk())
        #expect(!turns.takeAsk())
        #expect(!turns.isWriters(pagesCount: long + 500))
        #expect(!turns.takeAsk())
        turns.moved()
        #expect(turns.isWriters(pagesCount: long + 1_000))
        turns.finished()
        #expect(!turns.isWriters(pagesCount: 10))
        #expect(!turns.isWriters(pagesCount: long))
        #expect(turns.takeAsk())
    }

    @Test func `a log that begins anew by itself is the mover's when it is long again`() {
        _ = turns.isWriters(pagesCount: long)
        #expect(turns.takeAsk())
        turns.moved()
        #expect(!turns.isWriters(pagesCount: 10))
        #expect(!turns.isWriters(pagesCount: long))
        #expect(turns.takeAsk())
    }

    @Test func `who writes waits only for a mover that is slower`() {
        let longest = StorageLimits.logPagesBeforeWait
        _ = turns.isWriters(pagesCount: longest)
        #expect(!turns.isTooLong)
        #expect(turns.takeAsk())
        _ = turns.isWriters(pagesCount: longest - 1)
        #expect(!turns.isTooLong)
        _ = turns.isWriters(pagesCount: longest)
        #expect(turns.isTooLong)
        turns.moved()
        #expect(!turns.isTooLong)
    }

    @Test func `what is in the way is told once, and tried again`() {
        let told = Told(of: turns)
        for _ in 0..<3 {
            _ = turns.isWriters(pagesCount: long)
            #expect(turns.takeAsk())
            turns.moved(SQLiteError(inputOutput: "write"))
        }
        #expect(told.count == 1)
        _ = turns.isWriters(pagesCount: long)
        #expect(turns.takeAsk())
        turns.moved()
        #expect(turns.isWriters(pagesCount: long))
        turns.finished()
        turns.failed(SQLiteError(inputOutput: "write"))
        #expect(told.count == 2)
        #expect(turns.movesLog)
    }

    @Test func `after a failed sync nobody moves the log any more`() {
        let told = Told(of: turns)
        _ = turns.isWriters(pagesCount: long)
        #expect(turns.takeAsk())
        turns.moved(SQLiteError(failedSync: "checkpoint"))
        #expect(told.count == 1)
        #expect(!turns.movesLog)
        #expect(!turns.isWriters(pagesCount: 2 * long))
        #expect(!turns.takeAsk())
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
