import Alerts
import EventLoop
import GatewayTesting
import Logging
import Testing

@testable import GatewayApp

/// Answers calls for canaries as a test tells it to.
private actor CanaryAPI: IncidentAPI {
    struct Answers: Sendable {
        var close: Result<CloseAcceptance, CallFailure> = .failure(.notFound)
        var list: Result<[Integration.Environment], CallFailure> = .success([
            Integration.Environment(id: "env-1", name: "One")
        ])
        var read: Result<IncidentReading, CallFailure> = .failure(.notFound)
    }

    private let answers: Answers
    private(set) var calls: [String] = []

    init(_ answers: Answers) { self.answers = answers }

    func environments() -> Result<[Integration.Environment], CallFailure> {
        calls.append("environments")
        return answers.list
    }

    func read(
        incidentID: String, environmentID: String
    ) -> Result<IncidentReading, CallFailure> {
        calls.append("read \(environmentID)")
        return answers.read
    }

    func close(
        incidentID: String, environmentID: String, message: String
    ) -> Result<CloseAcceptance, CallFailure> {
        calls.append("close \(environmentID)")
        return answers.close
    }
}

@Suite struct CanaryTests {
    private typealias Sample = StoreContract.Sample
    private static let log = Logger(label: "test") { _ in SwiftLogNoOpLogHandler() }

    private struct NoCanary: Error {}

    /// A gateway's parts around a store in memory, whose callback URL takes in what it is sent.
    @LoopActor
    private final class Fixture {
        let store = MemoryAlertStore()
        let api: CanaryAPI
        let directory: Directory
        let connections: Connections
        let worker: CloseWorker
        var isOnDuty = true
        var failure: CanaryCallFailure?
        private(set) var calls: [CanaryCall] = []
        private(set) lazy var runner = CanaryRunner(
            CanaryFlight.Parts(
                store: store, directory: directory, clock: .system,
                perform: { [unowned self] in await take($0) },
                onCloseOwed: { [unowned self] in worker.kick() }),
            log: CanaryTests.log, isOnDuty: { [unowned self] in isOnDuty })

        init(_ answers: CanaryAPI.Answers = .init()) async throws {
            let api = CanaryAPI(answers)
            self.api = api
            directory = Directory(store: store, clock: .system)
            var integration = Sample.integration()
            integration.environmentID = "env-1"
            try await store.insert(integration, key: APIKey("BPU-1"))
            connections = Connections(directory: directory) { _, _ in api }
            // The budget of an integration that is stored begins a second after the start.
            _ = await connections.check(
                integration.id, endpoint: integration.endpoint, key: APIKey("BPU-1"))
            try await directory.load()
            worker = CloseWorker(
                store: store, directory: directory, connections: connections, clock: .system,
                log: CanaryTests.log)
            runner.publicURL = "http://gateway.example"
        }

        private func take(_ call: CanaryCall) async -> Result<AlertID, CanaryCallFailure> {
            calls.append(call)
            if let failure { return .failure(failure) }
            let source = SourceID(String(call.url.split(separator: "/").last ?? ""))
            let field = Array("Bearer \(call.secretText)".utf8)
            let opened = directory.authenticate(
                sourceID: source.text, authorization: field.span)
            guard opened != nil else { return .failure(CanaryCallFailure(reason: "401")) }
            do {
                let arrival = Sample.arrival(
                    "canary-1", .new, source: source, secret: SecretID("sec_x"))
                return .success(try await store.apply([arrival])[0].alertID)
            } catch {
                return .failure(CanaryCallFailure(reason: "\(error)"))
            }
        }

        /// Switches the canary on and waits for what becomes of the first.
        func run() async throws -> CanaryRun {
            let now = WallClock.system.now
            try await store.setCanary(.seconds(60), of: Sample.integrationID, at: now)
            runner.kick()
            let deadline = ContinuousClock.now + .seconds(30)
            while ContinuousClock.now < deadline {
                if let run = try await store.canaries()[Sample.integrationID]?.lastRun {
                    return run
                }
                await EventLoop.Timer.wait(.milliseconds(10))
            }
            throw NoCanary()
        }

        func end() {
            runner.stop()
            worker.stop()
            connections.close()
        }
    }

    @Test func `a canary goes all the way, by calls that a real close makes`() async throws {
        try await LoopFixture.run {
            let fixture = try await Fixture()
            let run = try await fixture.run()
            #expect(run.failure == nil, "\(run)")
            #expect(run.durations.count == 4)
            let calls = await fixture.api.calls.dropFirst()
            #expect(calls == ["close env-1", "environments", "read env-1"])
            let call = try #require(fixture.calls.first)
            let source = try #require(fixture.directory.canarySource(of: Sample.integrationID))
            #expect(call.url == "http://gateway.example/webhooks/bigpanda/\(source)")
            let alertID = try #require(run.alertID)
            let subject = try #require(try await fixture.store.alert(alertID))
            #expect(subject.alert.status == .resolved && subject.close?.state == .confirmed)
            #expect(try await fixture.directory.sources() == [])
            // At most one in flight, and none before its time.
            fixture.runner.kick()
            for _ in 0..<50 { await LoopTurn.next() }
            #expect(fixture.calls.count == 1)
            fixture.end()
        }
    }

    @Test func `a gateway that is not on duty sends none`() async throws {
        try await LoopFixture.run {
            let fixture = try await Fixture()
            fixture.isOnDuty = false
            let now = WallClock.system.now
            try await fixture.store.setCanary(.seconds(60), of: Sample.integrationID, at: now)
            fixture.runner.kick()
            for _ in 0..<50 { await LoopTurn.next() }
            #expect(fixture.calls.isEmpty)
            fixture.isOnDuty = true
            #expect(try await fixture.run().failure == nil)
            fixture.end()
        }
    }

    @Test func `a callback URL that leads nowhere is told`() async throws {
        try await LoopFixture.run {
            let fixture = try await Fixture()
            fixture.failure = CanaryCallFailure(reason: "connection refused")
            let run = try await fixture.run()
            #expect(run.failure == CanaryRun.Failure(.webhook, "connection refused"))
            #expect(run.durations.isEmpty && run.alertID == nil)
            fixture.end()
        }
    }

    /// What BigPanda answers, where the canary ends by that, and the key's state afterwards.
    fileprivate struct Answer: Sendable {
        let hop: CanaryRun.Hop
        let state: IntegrationState
        let change: @Sendable (inout CanaryAPI.Answers) -> Void
    }

    private static let answers = [
        Answer(hop: .close, state: .connected) { $0.close = .failure(.keyForbidden) },
        Answer(hop: .close, state: .keyRejected) { $0.close = .failure(.keyRejected) },
        Answer(hop: .close, state: .connected) { $0.close = .failure(.refused(reason: "400")) },
        Answer(hop: .confirm, state: .connected) { $0.list = .success([]) },
        Answer(hop: .confirm, state: .connected) { $0.list = .failure(.notFound) },
        Answer(hop: .confirm, state: .connected) { $0.read = .failure(.keyForbidden) },
        Answer(hop: .confirm, state: .connected) {
            $0.read = .success(IncidentReading(isActive: true))
        },
    ]

    @Test(arguments: answers.indices)
    func `what BigPanda must not answer is told, and holds no real close up`(
        index: Int
    ) async throws {
        let answer = Self.answers[index]
        try await LoopFixture.run {
            var answers = CanaryAPI.Answers()
            answer.change(&answers)
            let fixture = try await Fixture(answers)
            let run = try await fixture.run()
            #expect(run.failure?.hop == answer.hop, "\(run)")
            #expect(run.failure?.reason.isEmpty == false)
            #expect(
                fixture.directory.integration(Sample.integrationID)?.state == answer.state)
            let statistics = try await fixture.store.statistics()
            #expect(statistics.closes == [.cancelled: 1])
            fixture.end()
        }
    }

    @Test func `one that a gateway left firing is resolved by the next`() async throws {
        try await LoopFixture.run {
            let fixture = try await Fixture()
            let source = SourceID(canaryFrom: "src_1")
            try await fixture.directory.insert(Sample.source(source, name: "Canary"))
            _ = try await fixture.store.apply([
                Sample.arrival("canary-0", .new, source: source)
            ])
            #expect(try await fixture.run().failure == nil)
            #expect(try await fixture.store.statistics().alerts == [.resolved: 2])
            fixture.end()
        }
    }
}
