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

    @Test func `a close that waits for its turn is not made once the alert re-fired`() async throws
    {
        try await LoopFixture.run {
            let store = MemoryAlertStore()
            try await DirectorySamples.fill(store, environmentID: nil)
            let clock = WallClock { DirectorySamples.now + .seconds(10) }
            _ = try await store.apply([Self.arrival(.new, after: 1)])
            _ = try await store.resolve(
                AlertMachine.ResolveRequest(
                    alertID: Self.alertID, requestedBy: "ada", comment: nil,
                    newCloseID: CloseID("cls_1")),
                at: clock.now)
            let directory = Directory(store: store, clock: clock)
            try await directory.load()
            let api = ScriptedIncidentAPI(closes: [])
            // The budget of a stored integration begins a second after the start.
            let connections = Connections(directory: directory) { _, _ in api }
            let worker = CloseWorker(
                store: store, directory: directory, connections: connections, clock: clock,
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
}
