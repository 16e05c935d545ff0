import Alerts
import GatewayTesting
import Glibc
import SQLite
import Synchronization
import Testing

@testable import AlertStorage

@Suite struct SQLiteBatchTests {
    private typealias Sample = StoreContract.Sample

    /// Where webhooks wait for a store.
    private final class Door: Sendable {
        let waiting = Mutex<[WebhookArrival]>([])
        let isBusy = Atomic(false)
        let isCalled = Atomic(false)

        /// Holds the store up until it was called again, and has more arrive then.
        func holdUp() -> [WebhookArrival] {
            isBusy.store(true, ordering: .releasing)
            while !isCalled.load(ordering: .acquiring) { sched_yield() }
            // Who takes them when it calls has taken them by now.
            for _ in 0..<2_000 { sched_yield() }
            waiting.withLock { $0 = ["b", "c"].map { Sample.arrival($0, .new) } }
            return [Sample.arrival("a", .new)]
        }
    }

    @Test func `calls take turns, and the changes of each count for the log`() async throws {
        let fixture = Fixture()
        let store = try await fixture.open()
        #expect(store.appliesInTurn)
        try await StoreContract.prepare(store)
        let (long, many) = (StorageLimits.logPagesMin, StorageLimits.logChangesMin)
        // The log begins anew, with nothing counted.
        store.turns.finished()
        store.turns.note(pagesCount: 0, changesCount: many - 5)
        // Two changes each: what came in, and the alert.
        _ = try await store.apply(["a", "b"].map { Sample.arrival($0, .new) })
        store.turns.note(pagesCount: long, changesCount: 0)
        #expect(store.turns.take() == nil)
        store.turns.note(pagesCount: long, changesCount: 1)
        #expect(store.turns.take() == .mover)
        #expect(store.turns.waitForGap())
        // Who closes waits for the mover, which then waits for nobody.
        await store.close()
        #expect(!store.turns.waitForGap())
    }

    @Test func `what arrives while the store is busy still comes along`() async throws {
        let fixture = Fixture()
        let store = try await fixture.open()
        try await StoreContract.prepare(store)
        let door = Door()
        async let first = store.apply { door.holdUp() }
        while !door.isBusy.load(ordering: .acquiring) { await Task.yield() }
        door.isCalled.store(true, ordering: .releasing)
        let second = try await store.apply { door.waiting.withLock { $0 } }
        #expect(try await first.map(\.alertID) == [Sample.alertID("a")])
        #expect(second.map(\.alertID) == ["b", "c"].map { Sample.alertID($0) })
        await store.close()
    }
}
