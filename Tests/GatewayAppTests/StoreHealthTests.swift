import Alerts
import GatewayApp
import GatewayTesting
import Logging
import Testing

@Suite struct StoreHealthTests {
    private static let full = StoreError(.full, "The disk is full.")

    @Test func `trouble elsewhere is looked into, and passes by itself`() async throws {
        try await LoopFixture.run {
            let store = MemoryAlertStore()
            let health = StoreHealth(store: store, log: Logger(label: "test"))
            await store.fail(with: [Self.full])
            health.doubt()
            try await LoopTurn.until { health.problem != nil }
            #expect(health.problem == Self.full)
            // The next look finds the store well.
            health.probe()
            try await LoopTurn.until { health.problem == nil }
            health.stop()
        }
    }

    @Test func `trouble that is known is not looked into again and again`() async throws {
        try await LoopFixture.run {
            let store = MemoryAlertStore()
            let health = StoreHealth(store: store, log: Logger(label: "test"))
            health.failed(Self.full)
            for _ in 0..<100 { health.doubt() }
            for _ in 0..<20 { await LoopTurn.next() }
            #expect(health.problem == Self.full, "a look would have found the store well")
            health.stop()
        }
    }
}
