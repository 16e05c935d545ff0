import Alerts
import EventLoop
import GatewayApp
import GatewayTesting
import Logging
import Testing

@Suite struct OvertakenCloseTests {
    private static let alertID = AlertID("alt_1")

    private static func arrival(_ name: EventName, after seconds: Int64) -> WebhookArrival {
        let moment = DirectorySamples.now + .seconds(seconds)
        var event = WebhookEvent(
            incidentID: "inc", name: name,
            fingerprint: Fingerprint(high: 1, low: UInt64(seconds)),
            times: EventTimes(changedOn: moment))
        event.active = true
        event.environmentID = "env-1"
        return WebhookArrival(
            sourceID: DirectorySamples.sourceID, secretID: SecretID("sec_1"), event: event,
            newAlertID: alertID, receivedAt: moment)
    }

    private static let clock = WallClock { DirectorySamples.now + .seconds(10) }

    /// A store in which a close is owed.
    @LoopActor
    private static func owing() async throws -> (MemoryAlertStore, Directory) {
        let store = MemoryAlertStore()
        try await DirectorySamples.fill(store, environmentID: nil)
        _ = try await store.apply([arrival(.new, after: 1)])
        _ = try await store.resolve(
            AlertMachine.ResolveRequest(
                alertID: alertID, requestedBy: "ada", comment: nil, newCloseID: CloseID("cls_1")),
            at: clock.now)
        let directory = Directory(store: store, clock: clock)
        try await directory.load()
        return (store, directory)
    }

    @Test func `a close that waits for its turn is not made once the alert re-fired`() async throws
    {
        try await LoopFixture.run {
            let (store, directory) = try await Self.owing()
            let api = ScriptedIncidentAPI(closes: [])
            // The budget of a stored integration begins a second after the start.
            let connections = Connections(directory: directory) { _, _ in api }
            let worker = CloseWorker(
                store: store, directory: directory, connections: connections, clock: Self.clock,
                log: Logger(label: "test") { _ in SwiftLogNoOpLogHandler() })
            worker.kick()
            try await LoopTurn.until { worker.underWayCount > 0 }
            let results = try await store.apply([Self.arrival(.reopen, after: 20)])
            #expect(results.map(\.outcome) == [.refired])
            try await LoopTurn.until { worker.underWayCount == 0 }
            worker.stop()
            connections.close()
            #expect(await api.calls == [])
            #expect(try await store.alert(Self.alertID)?.close?.state == .cancelled)
        }
    }

    /// Why a claim may be another's by the time that the call's turn has come.
    private enum Doubt: CaseIterable {
        /// Another gateway has taken the close up.
        case overtaken
        /// The store says that it stands, but so late that it may not any more.
        case heardTooLate
        /// The store does not say.
        case unheard
    }

    @Test func `no call is made under a claim that may be another's by now`() async throws {
        try await LoopFixture.run {
            let (_, directory) = try await Self.owing()
            let api = ScriptedIncidentAPI(closes: [])
            let connections = Connections(directory: directory) { _, _ in api }
            for doubt in Doubt.allCases {
                let (store, _) = try await Self.owing()
                let shared = SharedCoordination()
                shared.isOwed = doubt != .overtaken
                shared.failsToRenew = doubt == .unheard
                let worker = CloseWorker(
                    store: store, coordination: shared, directory: directory,
                    connections: connections, clock: Self.clock,
                    log: Logger(label: "test") { _ in SwiftLogNoOpLogHandler() },
                    renewalMax: doubt == .heardTooLate ? .zero : CloseMachine.renewalMax)
                worker.kick()
                try await LoopTurn.until {
                    shared.renewalsCount > 0 && worker.underWayCount == 0
                }
                worker.stop()
                #expect(await api.calls == [], "\(doubt)")
            }
            connections.close()
        }
    }
}
