import Alerts
import EventLoop
import GatewayTesting
import Logging
import Synchronization
import Testing

@testable import GatewayApp

/// A BigPanda that a test switches off and on.
final class SwitchedIncidentAPI: IncidentAPI {
    private let state: Mutex<State>

    private struct State {
        var failure: CallFailure?
        var keyFailures: [CallFailure] = []
        var closesCount = 0
        var checksCount = 0
    }

    /// Begins with every call failing like this, or none.
    init(failure: CallFailure? = nil, keyFailures: [CallFailure] = []) {
        state = Mutex(State(failure: failure, keyFailures: keyFailures))
    }

    var closesCount: Int { state.withLock { $0.closesCount } }
    var checksCount: Int { state.withLock { $0.checksCount } }

    func work() { state.withLock { $0.failure = nil } }

    func environments() async -> Result<[Integration.Environment], CallFailure> {
        state.withLock { state in
            state.checksCount += 1
            guard state.keyFailures.isEmpty else {
                return .failure(state.keyFailures.removeFirst())
            }
            return .success(DirectorySamples.integration().environments)
        }
    }

    func read(
        incidentID: String, environmentID: String
    ) async -> Result<IncidentReading, CallFailure> {
        state.withLock { state in
            if let failure = state.failure { return .failure(failure) }
            return .success(IncidentReading(isActive: true))
        }
    }

    func close(
        incidentID: String, environmentID: String, message: String
    ) async -> Result<CloseAcceptance, CallFailure> {
        state.withLock { state in
            state.closesCount += 1
            if let failure = state.failure { return .failure(failure) }
            return .success(.accepted)
        }
    }
}

@Suite struct OutageTests {
    private static let log = Logger(label: "test") { _ in SwiftLogNoOpLogHandler() }

    /// A store in which `count` closes are owed.
    @LoopActor
    private static func owing(_ count: Int) async throws -> (MemoryAlertStore, Directory) {
        let store = MemoryAlertStore()
        try await DirectorySamples.fill(store, environmentID: "env-1")
        let now = WallClock.system.now
        for index in 0..<count {
            let alertID = AlertID("alt_\(index)")
            let event = WebhookEvent(
                incidentID: "inc_\(index)", name: .new, fingerprint: Fingerprint(high: 1, low: 1))
            _ = try await store.apply([
                WebhookArrival(
                    sourceID: DirectorySamples.sourceID, secretID: SecretID("sec_1"),
                    event: event, newAlertID: alertID, receivedAt: now)
            ])
            _ = try await store.resolve(
                AlertMachine.ResolveRequest(
                    alertID: alertID, requestedBy: "ada", comment: nil,
                    newCloseID: CloseID("cls_\(index)")), at: now)
        }
        let directory = Directory(store: store, clock: .system)
        try await directory.load()
        return (store, directory)
    }

    private static let refused = CallFailure.delayed(reason: "Refused", retryAfter: nil)

    @Test(arguments: [refused, CallFailure.unknown(reason: "Reset")])
    func `a dead BigPanda costs a few tries and then one probe at a time`(
        failure: CallFailure
    ) async throws {
        try await LoopFixture.run {
            let count = 12
            let (store, directory) = try await Self.owing(count)
            let api = SwitchedIncidentAPI(failure: failure)
            let connections = Connections(directory: directory) { _, _ in api }
            let worker = CloseWorker(
                store: store, directory: directory, connections: connections, clock: .system,
                log: Self.log)
            worker.kick()
            try await LoopTurn.until(deadline: .seconds(8)) {
                !worker.heldIntegrations.isEmpty && worker.underWayCount == 0
            }
            // Those under way when the third failed had begun already.
            let triesMax = CircuitBreaker.failuresMax - 1 + RateBudget.concurrentMax
            let tries = connections.callCounts.map(\.count).reduce(0, +)
            #expect(tries <= triesMax)
            try await LoopTurn.until(deadline: .seconds(8)) {
                connections.callCounts.map(\.count).reduce(0, +) > tries
            }
            #expect(connections.callCounts.map(\.count).reduce(0, +) == tries + 1)
            api.work()
            try await LoopTurn.until(deadline: .seconds(20)) { worker.heldIntegrations.isEmpty }
            try await LoopTurn.until(deadline: .seconds(20)) {
                connections.callCounts.first { $0.result == "ok" }?.count ?? 0 >= count
            }
            try await LoopTurn.until { worker.underWayCount == 0 }
            let closes = try await store.statistics().closes
            #expect(closes[.sent, default: 0] + closes[.pending, default: 0] == count)
            worker.stop()
            connections.close()
        }
    }

    @Test func `closes that fail together are not tried again together`() async throws {
        try await LoopFixture.run {
            let (store, directory) = try await Self.owing(4)
            // An answer, so that no breaker holds them back together.
            let api = SwitchedIncidentAPI(failure: .rateLimited(retryAfter: nil))
            let connections = Connections(directory: directory) { _, _ in api }
            let worker = CloseWorker(
                store: store, directory: directory, connections: connections, clock: .system,
                log: Self.log)
            worker.kick()
            try await LoopTurn.until { api.closesCount >= 4 }
            worker.stop()
            try await LoopTurn.until { worker.underWayCount == 0 }
            connections.close()
            let closes = try await store.closes(CloseQuery(limit: 9)).items
            let waits = closes.compactMap { close in
                close.nextAttemptAt.map { $0 - close.updatedAt }
            }
            #expect(waits.count == 4 && Set(waits).count > 1)
        }
    }

    @Test func `the waits before probes of several integrations spread`() async throws {
        try await LoopFixture.run {
            let now = ContinuousClock.now
            let waits = (0..<20).compactMap { _ -> Duration? in
                let breakers = CircuitBreakers()
                for _ in 0..<CircuitBreaker.failuresMax {
                    _ = breakers.failed(DirectorySamples.integrationID, isProbe: false)
                }
                return breakers.nextProbeAt.map { now.duration(to: $0) }
            }
            let (least, most) = (waits.min() ?? .zero, waits.max() ?? .zero)
            #expect(waits.count == 20 && most - least > .milliseconds(100))
        }
    }

    @Test func `a good key that is stored ends the wait for a probe`() async throws {
        try await LoopFixture.run {
            let (store, directory) = try await Self.owing(4)
            let api = SwitchedIncidentAPI(failure: Self.refused)
            let connections = Connections(directory: directory) { _, _ in api }
            let worker = CloseWorker(
                store: store, directory: directory, connections: connections, clock: .system,
                log: Self.log)
            worker.kick()
            try await LoopTurn.until(deadline: .seconds(8)) { !worker.heldIntegrations.isEmpty }
            worker.integrationBecameUsable(DirectorySamples.integrationID)
            #expect(worker.heldIntegrations.isEmpty)
            worker.stop()
            connections.close()
        }
    }

    /// Runs the re-check against an integration in `state` until it has asked `checks` times.
    @LoopActor
    private static func recheck(
        _ state: IntegrationState, _ failures: [CallFailure], checks: Int
    ) async throws -> IntegrationState? {
        let (_, directory) = try await owing(0)
        try await directory.note(state, because: "It was so.", for: DirectorySamples.integrationID)
        let api = SwitchedIncidentAPI(keyFailures: failures)
        let connections = Connections(directory: directory) { _, _ in api }
        let rechecker = KeyRechecker(
            directory: directory, connections: connections, interval: .milliseconds(20), log: log,
            isOnDuty: { true })
        rechecker.start()
        try await LoopTurn.until(deadline: .seconds(10)) { api.checksCount >= checks }
        // What the last check found is stored by the time that the next one would begin.
        for _ in 0..<50 { await LoopTurn.next() }
        let found = directory.integration(DirectorySamples.integrationID)?.state
        rechecker.stop()
        connections.close()
        return found
    }

    @Test(arguments: [IntegrationState.keyRejected, .keyForbidden, .unreachable])
    func `a key that is good again is found without anybody asking`(
        state: IntegrationState
    ) async throws {
        try await LoopFixture.run {
            let failures = [CallFailure.unknown(reason: "Time-out"), .keyRejected]
            let found = try await Self.recheck(state, failures, checks: 3)
            #expect(found == .connected)
        }
    }

    @Test func `no answer does not resume a paused integration`() async throws {
        try await LoopFixture.run {
            let failures = [CallFailure](repeating: .unknown(reason: "Time-out"), count: 100)
            let found = try await Self.recheck(.keyRejected, failures, checks: 3)
            #expect(found == .keyRejected)
        }
    }

    @Test func `an integration that is connected is not asked again`() async throws {
        try await LoopFixture.run {
            let duty = Duty()
            duty.isHeld = true
            let (_, directory) = try await Self.owing(0)
            let api = SwitchedIncidentAPI()
            let connections = Connections(directory: directory) { _, _ in api }
            let rechecker = KeyRechecker(
                directory: directory, connections: connections, interval: .milliseconds(1),
                log: Self.log
            ) { duty.ask() }
            rechecker.start()
            await Timer.wait(.milliseconds(1200))
            #expect(api.checksCount == 0)
            // Nor is one whose key was refused, by a gateway that is not on duty.
            duty.isHeld = false
            try await directory.note(
                .keyRejected, because: "It was so.", for: DirectorySamples.integrationID)
            try await LoopTurn.until { duty.asksCount > 20 }
            #expect(api.checksCount == 0)
            rechecker.stop()
            connections.close()
        }
    }
}
