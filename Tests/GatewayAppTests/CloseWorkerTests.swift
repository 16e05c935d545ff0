import Alerts
import EventLoop
import GatewayApp
import GatewayTesting
import Logging
import Testing

/// Answers calls as a test tells it to, and keeps what was asked.
actor ScriptedIncidentAPI: IncidentAPI {
    private var closeAnswers: [Result<CloseAcceptance, CallFailure>]
    private let incidents: [String: Bool]
    private(set) var calls: [String] = []

    /// Whether the incident is open is told by the environments that hold it.
    init(closes: [Result<CloseAcceptance, CallFailure>], incidents: [String: Bool] = [:]) {
        closeAnswers = closes
        self.incidents = incidents
    }

    func environments() -> Result<[Integration.Environment], CallFailure> {
        calls.append("environments")
        return .success(DirectorySamples.integration().environments)
    }

    func read(
        incidentID: String, environmentID: String
    ) -> Result<IncidentReading, CallFailure> {
        calls.append("read \(environmentID)")
        guard let isOpen = incidents[environmentID] else { return .failure(.notFound) }
        return .success(IncidentReading(isActive: isOpen))
    }

    func close(
        incidentID: String, environmentID: String, message: String
    ) -> Result<CloseAcceptance, CallFailure> {
        calls.append("close \(environmentID)")
        return closeAnswers.isEmpty ? .success(.accepted) : closeAnswers.removeFirst()
    }
}

@Suite struct CloseWorkerTests {
    /// What one run of the worker left behind.
    struct Aftermath: Sendable {
        var calls: [String]
        var close: Close?
        var environmentID: String?
        var integrationState: IntegrationState?
    }

    /// Lets an alert fire, resolves it, and runs the worker until it is idle.
    @LoopActor
    private static func run(
        _ api: ScriptedIncidentAPI, payloadEnvironment: String? = nil,
        integrationEnvironment: String? = nil
    ) async throws -> Aftermath {
        let store = MemoryAlertStore()
        try await DirectorySamples.fill(store, environmentID: integrationEnvironment)
        var event = WebhookEvent(
            incidentID: "inc", name: .new, fingerprint: Fingerprint(high: 1, low: 1))
        event.environmentID = payloadEnvironment
        let clock = WallClock { DirectorySamples.now }
        let alertID = AlertID("alt_1")
        _ = try await store.apply([
            WebhookArrival(
                sourceID: DirectorySamples.sourceID, secretID: SecretID("sec_1"), event: event,
                newAlertID: alertID, receivedAt: DirectorySamples.now)
        ])
        _ = try await store.resolve(
            AlertMachine.ResolveRequest(
                alertID: alertID, requestedBy: "ada", comment: nil, newCloseID: CloseID("cls_1")),
            at: DirectorySamples.now)
        let directory = Directory(store: store, clock: clock)
        try await directory.load()
        // The budget of a stored integration begins a second after the start.
        let connections = Connections(directory: directory) { _, _ in api }
        let worker = CloseWorker(
            store: store, directory: directory, connections: connections, clock: clock,
            log: Logger(label: "test") { _ in SwiftLogNoOpLogHandler() })
        worker.kick()
        // Taken up, and every call concluded.
        try await LoopTurn.until(deadline: .seconds(8)) { worker.underWayCount > 0 }
        try await LoopTurn.until(deadline: .seconds(8)) { worker.underWayCount == 0 }
        worker.stop()
        connections.close()
        let subject = try await store.alert(alertID)
        return Aftermath(
            calls: await api.calls, close: subject?.close,
            environmentID: subject?.alert.environmentID,
            integrationState: directory.integration(DirectorySamples.integrationID)?.state)
    }

    @Test func `the payload's environment comes before the integration's`() async throws {
        try await LoopFixture.run {
            let api = ScriptedIncidentAPI(closes: [])
            let aftermath = try await Self.run(
                api, payloadEnvironment: "env-2", integrationEnvironment: "env-1")
            #expect(aftermath.calls == ["close env-2"])
            #expect(aftermath.close?.state == .sent)
        }
    }

    @Test func `an environment named as people do is found`() async throws {
        try await LoopFixture.run {
            let api = ScriptedIncidentAPI(closes: [])
            let aftermath = try await Self.run(api, payloadEnvironment: "Staging")
            #expect(aftermath.calls == ["close env-2"])
            #expect(aftermath.environmentID == "env-2")
        }
    }

    @Test func `without any environment the one that holds the incident is used`() async throws {
        try await LoopFixture.run {
            let api = ScriptedIncidentAPI(closes: [], incidents: ["env-2": true])
            let aftermath = try await Self.run(api)
            #expect(
                aftermath.calls == ["environments", "read env-1", "read env-2", "close env-2"])
            #expect(aftermath.environmentID == "env-2")
        }
    }

    @Test func `a 404 looks in the other environments before the close fails`() async throws {
        try await LoopFixture.run {
            let api = ScriptedIncidentAPI(closes: [.failure(.notFound)])
            let aftermath = try await Self.run(api, integrationEnvironment: "env-1")
            #expect(aftermath.calls == ["close env-1", "environments", "read env-2"])
            #expect(aftermath.close?.state == .failed)
            #expect(aftermath.close?.lastError?.contains("404") == true)
        }
    }

    @Test func `a rejected key pauses the integration and keeps the close`() async throws {
        try await LoopFixture.run {
            let api = ScriptedIncidentAPI(closes: [.failure(.keyRejected)])
            let aftermath = try await Self.run(api, integrationEnvironment: "env-1")
            #expect(aftermath.calls == ["close env-1"])
            #expect(aftermath.close?.state == .pending)
            #expect(aftermath.integrationState == .keyRejected)
        }
    }

    @Test func `an unknown outcome is looked at next`() async throws {
        try await LoopFixture.run {
            let api = ScriptedIncidentAPI(closes: [.failure(.unknown(reason: "Reset"))])
            let aftermath = try await Self.run(api, integrationEnvironment: "env-1")
            #expect(aftermath.calls.first == "close env-1")
            #expect(!aftermath.calls.dropFirst().contains("close env-1"))
            #expect(aftermath.close?.nextStep == .look)
        }
    }
}
