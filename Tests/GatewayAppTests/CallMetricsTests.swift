import Alerts
import EventLoop
import GatewayTesting
import Testing

@testable import GatewayApp

/// Gives one answer after another to checks of a key, each after a while.
private actor SlowAnswers: IncidentAPI {
    private var answers: [Result<[Integration.Environment], CallFailure>]

    init(_ answers: [Result<[Integration.Environment], CallFailure>]) { self.answers = answers }

    func environments() async -> Result<[Integration.Environment], CallFailure> {
        let answer = answers.removeFirst()
        await Timer.wait(.milliseconds(30))
        return answer
    }

    func read(
        incidentID: String, environmentID: String
    ) -> Result<IncidentReading, CallFailure> { .failure(.notFound) }

    func close(
        incidentID: String, environmentID: String, message: String
    ) -> Result<CloseAcceptance, CallFailure> { .failure(.notFound) }
}

/// What calls to BigPanda count as.
@Suite struct CallMetricsTests {
    private static let failures: [CallFailure] = [
        .keyRejected, .keyForbidden, .notFound, .rateLimited(retryAfter: nil),
        .delayed(reason: "503", retryAfter: nil), .unknown(reason: "Reset"),
        .notBigPanda(reason: "A page"), .refused(reason: "422"),
    ]

    @Test func `a call counts once, by what it came to`() async throws {
        try await LoopFixture.run {
            typealias Answer = Result<[Integration.Environment], CallFailure>
            let results = [Answer.success([])] + Self.failures.map { Answer.failure($0) }
            // Of each result another number: one, two, three.
            let answers = results.enumerated().flatMap { index, result in
                Array(repeating: result, count: index + 1)
            }
            let api = SlowAnswers(answers)
            let directory = Directory(store: MemoryAlertStore(), clock: .system)
            let connections = Connections(directory: directory) { _, _ in api }
            let endpoint = DirectorySamples.integration().endpoint
            for number in answers.indices {
                // Each of an integration of its own, so that none waits for its turn.
                _ = await connections.check(
                    IntegrationID("int_\(number)"), endpoint: endpoint, key: APIKey("BPU-key"))
            }
            #expect(connections.callCounts.map(\.result) == CallResult.allCases.map(\.rawValue))
            #expect(connections.callCounts.map(\.count) == Array(1...results.count))
            #expect(connections.durations.counts.reduce(0, +) == answers.count)
            connections.close()
        }
    }

    @Test func `a call's turn is no part of how long it took`() async throws {
        try await LoopFixture.run {
            let store = MemoryAlertStore()
            try await DirectorySamples.fill(store)
            let directory = Directory(store: store, clock: .system)
            try await directory.load()
            let api = SlowAnswers([.success([])])
            let connections = Connections(directory: directory) { _, _ in api }
            let start = SystemClock.nanoseconds()
            // The first call of a start is made a second later.
            _ = await connections.call(DirectorySamples.integrationID, .close) {
                await $0.environments()
            }
            let whole = SystemClock.nanoseconds() - start
            let waitedMin = 500_000_000
            #expect(connections.durations.sum > 20_000_000)
            #expect(connections.durations.sum < whole - waitedMin)
            connections.close()
        }
    }
}
