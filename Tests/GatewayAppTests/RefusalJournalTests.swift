import Alerts
import EventLoop
import GatewayApp
import GatewayTesting
import Testing

@Suite struct RefusalSamplerTests {
    private let start = ContinuousClock.now

    @Test func `a peer is kept once a second`() {
        let requests: [(peer: String, milliseconds: Int)] = [
            ("a", 0), ("a", 999), ("b", 999), ("a", 1000),
        ]
        var sampler = RefusalSampler()
        let admitted = requests.map {
            sampler.admits($0.peer, at: start + .milliseconds($0.milliseconds))
        }
        #expect(admitted == [true, false, true, true])
    }

    @Test func `many peers together are kept so often a minute`() {
        var sampler = RefusalSampler()
        let admitted = (0..<1000).filter { sampler.admits("\($0)", at: start) }
        #expect(admitted.count == Limits.strangersKeptPerMinuteMax)
        let late = [59_999, 60_000].map { sampler.admits("late", at: start + .milliseconds($0)) }
        #expect(late == [false, true])
    }
}

@Suite struct RefusalJournalTests {
    private static func refused(body count: Int = 0) -> RefusedDelivery {
        RefusedDelivery(
            reason: .notJSON, receivedAt: DirectorySamples.now, sourceID: nil, secretID: nil,
            request: DeliveryRequest(
                peer: "192.0.2.1", body: [UInt8](repeating: 0x78, count: count)))
    }

    @Test func `what is added is stored without being asked for`() async throws {
        try await LoopFixture.run {
            let store = MemoryAlertStore()
            let journal = RefusalJournal(store: store)
            journal.add(Self.refused())
            journal.add(Self.refused())
            #expect(try await store.deliveries(DeliveryQuery()).items.isEmpty)
            try await LoopTurn.until { journal.isIdle }
            let items = try await store.deliveries(DeliveryQuery()).items
            #expect(items.count == 2)
            #expect(journal.droppedCount == 0)
        }
    }

    @Test func `the end stores what waits`() async throws {
        try await LoopFixture.run {
            let store = MemoryAlertStore()
            let journal = RefusalJournal(store: store)
            journal.add(Self.refused())
            await journal.stop()
            #expect(journal.isIdle)
            let items = try await store.deliveries(DeliveryQuery()).items
            #expect(items.count == 1)
        }
    }

    @Test func `what finds no room is counted and dropped`() async throws {
        try await LoopFixture.run {
            let store = MemoryAlertStore()
            let journal = RefusalJournal(store: store)
            for _ in 0..<Limits.refusalsWaitingMax + 3 { journal.add(Self.refused()) }
            await journal.stop()
            #expect(journal.droppedCount == 3)
            let large = Limits.refusalBytesWaitingMax / 2 + 1
            journal.add(Self.refused(body: large))
            journal.add(Self.refused(body: large))
            await journal.stop()
            #expect(journal.droppedCount == 4)
        }
    }

    @Test func `a store that fails loses no webhook but these`() async throws {
        try await LoopFixture.run {
            let store = MemoryAlertStore()
            await store.fail(with: [StoreError(.full, "The disk is full.")])
            let journal = RefusalJournal(store: store)
            journal.add(Self.refused())
            await journal.stop()
            #expect(journal.droppedCount == 1)
            journal.add(Self.refused())
            await journal.stop()
            let items = try await store.deliveries(DeliveryQuery()).items
            #expect(items.count == 1)
        }
    }

    @Test func `strangers are sampled, and those left out are counted`() async throws {
        try await LoopFixture.run {
            let journal = RefusalJournal(store: MemoryAlertStore())
            let admitted = (0..<100).filter { _ in journal.admitsStranger("192.0.2.1") }
            #expect(admitted.count <= 2)
            #expect(journal.droppedCount == 100 - admitted.count)
        }
    }
}
