import Alerts
import EventLoop
import GatewayTesting
import Logging
import Testing

@testable import GatewayApp

/// What the steps of closes count as.
@Suite struct CloseMetricsTests {
    /// How a close goes that is carried out once, and what that counts as.
    struct Case: Sendable {
        var answer: Result<CloseAcceptance, CallFailure>
        var incidents: [String: Bool] = [:]
        var reason: CloseReason
        var state: CloseState
    }

    @Test(arguments: [
        Case(answer: .success(.accepted), reason: .accepted, state: .sent),
        Case(answer: .failure(.keyRejected), reason: .keyRejected, state: .pending),
        Case(answer: .failure(.keyForbidden), reason: .keyForbidden, state: .pending),
        Case(answer: .failure(.notFound), reason: .notFound, state: .failed),
        Case(
            answer: .failure(.rateLimited(retryAfter: nil)), reason: .rateLimited,
            state: .pending),
        Case(
            answer: .failure(.delayed(reason: "503", retryAfter: nil)), reason: .delayed,
            state: .pending),
        Case(answer: .failure(.unknown(reason: "Reset")), reason: .unknown, state: .pending),
        Case(answer: .failure(.refused(reason: "422")), reason: .refused, state: .failed),
        // Not where it was looked for, and closed where it was found.
        Case(
            answer: .failure(.notFound), incidents: ["env-2": false], reason: .confirmed,
            state: .confirmed),
    ])
    func `a step of a close counts once, by what it came to`(step: Case) async throws {
        try await LoopFixture.run {
            let api = ScriptedIncidentAPI(closes: [step.answer], incidents: step.incidents)
            let run = try await Run(api)
            try await run.step()
            run.expect([(step.reason, step.state)])
            run.end()
        }
    }

    @Test func `an incident that is found open counts as that, and is closed again`() async throws {
        try await LoopFixture.run {
            let api = ScriptedIncidentAPI(
                closes: [.failure(.unknown(reason: "Reset"))], incidents: ["env-1": true])
            let run = try await Run(api)
            try await run.step()
            run.clock.advance(by: .seconds(3600))
            try await run.step(calls: 2)
            #expect(await api.calls == ["close env-1", "read env-1", "close env-1"])
            run.expect([(.unknown, .pending), (.open, .pending), (.accepted, .sent)])
            run.end()
        }
    }
}

/// A worker that owes one close.
@LoopActor
private final class Run {
    let clock = ManualClock(milliseconds: DirectorySamples.now.milliseconds)
    private let metrics = Metrics()
    private let api: ScriptedIncidentAPI
    private let connections: Connections
    private let worker: CloseWorker

    init(_ api: ScriptedIncidentAPI) async throws {
        self.api = api
        let store = MemoryAlertStore()
        try await DirectorySamples.fill(store, environmentID: "env-1")
        let manual = clock
        let clock = WallClock { Timestamp(milliseconds: manual.wallMilliseconds()) }
        let event = WebhookEvent(
            incidentID: "inc", name: .new, fingerprint: Fingerprint(high: 1, low: 1))
        _ = try await store.apply([
            WebhookArrival(
                sourceID: DirectorySamples.sourceID, secretID: SecretID("sec_1"), event: event,
                newAlertID: AlertID("alt_1"), receivedAt: clock.now)
        ])
        _ = try await store.resolve(
            AlertMachine.ResolveRequest(
                alertID: AlertID("alt_1"), requestedBy: "ada", comment: nil,
                newCloseID: CloseID("cls_1")), at: clock.now)
        let directory = Directory(store: store, clock: clock)
        try await directory.load()
        connections = Connections(directory: directory) { _, _ in api }
        worker = CloseWorker(
            store: store, directory: directory, connections: connections, metrics: metrics,
            clock: clock, log: Logger(label: "test") { _ in SwiftLogNoOpLogHandler() })
    }

    /// Lets the worker take the close up, until so many calls or more are made and concluded.
    func step(calls: Int = 1) async throws {
        let enough = await api.calls.count + calls
        worker.kick()
        let end = ContinuousClock.now + .seconds(8)
        while await api.calls.count < enough {
            guard .now < end else { throw LoopFixture.Failure.deadlinePassed(.seconds(8)) }
            await LoopTurn.next()
        }
        try await LoopTurn.until(deadline: .seconds(8)) { self.worker.underWayCount == 0 }
    }

    /// What was counted is this, each once, and nothing else.
    func expect(_ steps: [(CloseReason, CloseState)]) {
        for reason in CloseReason.allCases {
            for state in CloseState.allCases {
                let isMeant = steps.contains { $0 == (reason, state) }
                let count = metrics.total(reason, state)
                #expect(count == (isMeant ? 1 : 0), "\(reason) \(state)")
            }
        }
    }

    func end() {
        worker.stop()
        connections.close()
    }
}
