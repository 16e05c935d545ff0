import Alerts
import Curl
import EventLoop
import GatewayTesting
import HTTPServer
import Logging
import TLS
import Testing

@testable import GatewayApp

/// All routes of a gateway over a store in memory, by a clock that a test moves.
@LoopActor
final class MetricsFixture {
    nonisolated static let secret = String(repeating: "s", count: 43)
    nonisolated static let token = "an-admin-token-of-some-length"
    nonisolated static let previousToken = "the-admin-token-before-that-one"

    let store = MemoryAlertStore()
    let clock = ManualClock(milliseconds: DirectorySamples.now.milliseconds)
    let metrics = Metrics()
    let directory: Directory
    let workers: Workers
    private let routes: HTTPRoutes
    private let curls: [CurlDriver]

    init() async throws {
        let manual = clock
        let clock = WallClock { Timestamp(milliseconds: manual.wallMilliseconds()) }
        try await store.insert(DirectorySamples.integration(), key: APIKey("BPU-key"))
        let hash = Digest.sha256(Self.secret)
        try await store.insert(
            Source(
                id: DirectorySamples.sourceID, integrationID: DirectorySamples.integrationID,
                name: "source",
                secret: SourceSecret(id: SecretID("sec_1"), hash: hash, createdAt: clock.now),
                at: clock.now))
        directory = Directory(store: store, clock: clock)
        try await directory.load()
        let log = Logger(label: "test") { _ in SwiftLogNoOpLogHandler() }
        curls = [try CurlDriver(), try CurlDriver()]
        let configuration = Configuration()
        workers = Workers(
            store: store, coordination: SoleReplica(), directory: directory, curl: curls[0],
            outboundCurl: curls[1], metrics: metrics, configuration, clock: clock, log: log)
        let use = PreviousTokenUse(clock: clock, log: log)
        routes =
            GatewayRoutes(
                RouteParts(
                    store: store, hub: ChangeHub(feed: store), directory: directory,
                    workers: workers,
                    batcher: IngestBatcher(store: store, metrics: metrics),
                    identifiers: IdentifierSource(), metrics: metrics,
                    authenticator: AdminAuthenticator(
                        token: Secret(Self.token), previous: (Secret(Self.previousToken), use)),
                    clock: clock, log: log, publicURL: "http://127.0.0.1",
                    about: AboutRoute.Store(kind: "memory", schemaVersion: 1)), configuration
            ).allRoutes
    }

    /// The answer to who asks for `/metrics` with a token.
    func exposition(
        token: String = MetricsFixture.token
    ) async throws -> (code: Int, text: String) {
        let head = try HTTPRequestHead(
            .get, "/metrics", fields: [HTTPField("Authorization", "Bearer \(token)")],
            peer: "192.0.2.1:1")
        let answer = await routes.answer(to: HTTPRequest(head: head, body: []))
        return (answer.status.code, String(decoding: answer.body, as: UTF8.self))
    }

    /// The status of the answer to a webhook.
    func post(
        _ body: String, to source: String = "src_1", secret: String = MetricsFixture.secret
    ) async throws -> Int {
        let head = try HTTPRequestHead(
            .post, "/webhooks/bigpanda/\(source)",
            fields: [
                HTTPField("Authorization", "Bearer \(secret)"),
                HTTPField("Content-Type", "application/json"),
                HTTPField("Content-Length", "\(body.utf8.count)"),
            ], peer: "192.0.2.1:1")
        return await routes.answer(to: HTTPRequest(head: head, body: Array(body.utf8))).status.code
    }

    /// What `/metrics` tells, by name and labels; our own names without what they share.
    func told(token: String = MetricsFixture.token) async throws -> [String: String] {
        let answer = try await exposition(token: token)
        try #require(answer.code == 200)
        var samples: [String: String] = [:]
        for line in answer.text.split(separator: "\n") where !line.hasPrefix("#") {
            let end = try #require(line.lastIndex(of: " "))
            let name = String(line[..<end]).replacing("bigpanda_gateway_", with: "")
            samples[name] = String(line[line.index(after: end)...])
        }
        return samples
    }

    func end() async {
        // The directory and the worker of closes hold each other for as long as a process lives.
        directory.onIntegrationUsable = nil
        directory.onIntegrationGone = nil
        workers.connections.close()
        await workers.refusals.stop()
        for curl in curls { curl.close() }
    }
}
