import Alerts
import EventLoop
import GatewayApp
import GatewayTesting
import Logging

/// BigPanda as the reconciler sees it: incidents that are open or not, and lists of them.
actor ScriptedIncidents: IncidentAPI {
    /// By incident: whether it is open; a missing one is in no environment.
    private var incidents: [String: Bool]
    private var absences: [String: IncidentAbsence] = [:]
    private var failures: [CallFailure]
    private let listTotal: Int?
    private let times: EventTimes
    private(set) var calls: [String] = []

    init(
        _ incidents: [String: Bool], failures: [CallFailure] = [],
        absences: [String: IncidentAbsence] = [:], listTotal: Int? = nil,
        times: EventTimes = EventTimes()
    ) {
        self.incidents = incidents
        self.failures = failures
        self.absences = absences
        self.listTotal = listTotal
        self.times = times
    }

    func environments() -> Result<[Integration.Environment], CallFailure> {
        calls.append("environments")
        return .success(DirectorySamples.integration().environments)
    }

    func read(
        incidentID: String, environmentID: String
    ) -> Result<IncidentReading, CallFailure> {
        calls.append("read \(incidentID) \(environmentID)")
        if !failures.isEmpty { return .failure(failures.removeFirst()) }
        guard let isOpen = incidents[incidentID], environmentID == "env-1" else {
            return .failure(.notFound)
        }
        return .success(IncidentReading(isActive: isOpen, times: times))
    }

    func close(
        incidentID: String, environmentID: String, message: String
    ) -> Result<CloseAcceptance, CallFailure> { .failure(.notFound) }

    func openIncidents(
        environmentID: String, page: Int
    ) -> Result<IncidentPage, CallFailure> {
        calls.append("list \(environmentID) \(page)")
        let open = incidents.filter(\.value).keys.sorted()
        let shown = open.dropFirst((page - 1) * 100).prefix(100).map {
            ListedIncident(id: $0, reading: IncidentReading(isActive: true))
        }
        return .success(IncidentPage(total: listTotal ?? open.count, incidents: shown))
    }

    func absence(of incidentID: String) -> Result<IncidentAbsence, CallFailure> {
        calls.append("activities \(incidentID)")
        return absences[incidentID].map { .success($0) } ?? .failure(.notFound)
    }
}

/// A reconciler over a store in memory whose alerts fire in the environment `env-1`.
@LoopActor
final class ReconcilerFixture {
    let store = MemoryAlertStore()
    let api: ScriptedIncidents
    let clock = ManualClock(milliseconds: DirectorySamples.now.milliseconds)
    let metrics = Metrics()
    private(set) var directory: Directory
    let connections: Connections
    private(set) var reconciler: Reconciler

    init(
        _ api: ScriptedIncidents, firing incidents: [String],
        interval: Duration = .seconds(300)
    ) async throws {
        self.api = api
        try await DirectorySamples.fill(store, environmentID: "env-1")
        let clock = clock
        let wallClock = WallClock { Timestamp(milliseconds: clock.wallMilliseconds()) }
        directory = Directory(store: store, clock: wallClock)
        connections = Connections(directory: directory) { _, _ in api }
        reconciler = Reconciler(
            Reconciler.Parts(
                store: store, directory: directory, connections: connections, metrics: metrics,
                clock: wallClock, log: Logger(label: "test") { _ in SwiftLogNoOpLogHandler() }),
            interval: interval)
        try await directory.load()
        for incident in incidents { try await push(incident, .new) }
    }

    /// A webhook that shows the incident open.
    func push(
        _ incident: String, _ name: EventName, times: EventTimes = EventTimes()
    ) async throws {
        let number = UInt64.random(in: 0...UInt64.max)
        let event = WebhookEvent(
            incidentID: incident, name: name, fingerprint: Fingerprint(high: 1, low: number),
            times: times)
        _ = try await store.apply([
            WebhookArrival(
                sourceID: DirectorySamples.sourceID, secretID: SecretID("sec_1"), event: event,
                newAlertID: AlertID("alt_\(incident)"),
                receivedAt: Timestamp(milliseconds: clock.wallMilliseconds()))
        ])
    }

    /// Reads what is due `seconds` later, until nothing is left to do.
    func tick(after seconds: Int) async throws {
        clock.advance(by: .seconds(seconds))
        reconciler.kick()
        try await finish()
    }

    func finish() async throws {
        try await LoopTurn.until(deadline: .seconds(20)) { self.reconciler.isIdle }
    }

    func waitForCalls(_ count: Int) async throws {
        let end = ContinuousClock.now + .seconds(8)
        while await api.calls.count < count {
            guard .now < end else { throw LoopFixture.Failure.deadlinePassed(.seconds(8)) }
            await LoopTurn.next()
        }
    }

    func alert(_ incident: String) async throws -> Alert? {
        try await store.alert(AlertID("alt_\(incident)"))?.alert
    }

    func end() {
        reconciler.stop()
        connections.close()
    }
}
