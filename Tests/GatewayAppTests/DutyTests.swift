import Alerts
import EventLoop
import GatewayTesting
import Logging
import Testing

@testable import GatewayApp

/// What one of the gateways on a store does for all of them.
@Suite struct DutyTests {
    private static let log = Logger(label: "test") { _ in SwiftLogNoOpLogHandler() }
    /// Later than all that is stored is kept.
    private static let late = WallClock {
        Timestamp(milliseconds: DirectorySamples.now.milliseconds + 864_000_000)
    }

    /// A store with an alert that BigPanda has closed, and the delivery that told so.
    private static func filled() async throws -> MemoryAlertStore {
        let store = MemoryAlertStore()
        try await DirectorySamples.fill(store, environmentID: nil)
        let event = WebhookEvent(
            incidentID: "inc", name: .closed, fingerprint: Fingerprint(high: 1, low: 1))
        _ = try await store.apply([
            WebhookArrival(
                sourceID: DirectorySamples.sourceID, secretID: SecretID("sec_1"), event: event,
                newAlertID: AlertID("alt_1"), receivedAt: DirectorySamples.now)
        ])
        return store
    }

    /// Hears how often it is asked, and says no at first.
    @LoopActor
    private final class Duty {
        var isHeld = false {
            didSet { asksCount = 0 }
        }
        private(set) var asksCount = 0

        func ask() -> Bool {
            asksCount += 1
            return isHeld
        }

        /// Waits until somebody asked, and might have gone on.
        func waitUntilAsked() async throws {
            try await LoopTurn.until { self.asksCount > 0 }
            for _ in 0..<20 { await LoopTurn.next() }
        }
    }

    @Test func `alerts are pruned by the gateway on duty alone`() async throws {
        try await LoopFixture.run {
            let (store, duty) = (try await Self.filled(), Duty())
            for isHeld in [false, true] {
                duty.isHeld = isHeld
                let pruner = Pruner(
                    store: store, retention: .seconds(86_400), clock: Self.late, log: Self.log,
                    after: .milliseconds(1), isOnDuty: { duty.ask() })
                pruner.start()
                try await duty.waitUntilAsked()
                pruner.stop()
                #expect(try await store.alerts(AlertQuery()).items.isEmpty == isHeld)
            }
        }
    }

    @Test func `the journal is pruned by the gateway on duty alone`() async throws {
        try await LoopFixture.run {
            let (store, duty) = (try await Self.filled(), Duty())
            for isHeld in [false, true] {
                duty.isHeld = isHeld
                let pruner = JournalPruner(
                    store: store, retention: .seconds(86_400), bytesMax: 1 << 20,
                    clock: Self.late, log: Self.log, after: .milliseconds(1),
                    isOnDuty: { duty.ask() })
                pruner.start()
                try await duty.waitUntilAsked()
                pruner.stop()
                #expect(try await store.deliveries(DeliveryQuery()).items.isEmpty == isHeld)
            }
        }
    }
}
