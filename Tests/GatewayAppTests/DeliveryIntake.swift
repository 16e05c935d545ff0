import Alerts
import EventLoop
import GatewayTesting
import HTTPServer
import JSON
import Logging
import TLS
import Testing

@testable import GatewayApp

/// A gateway's intake and its deliveries' API over a store in memory, without sockets.
@LoopActor
struct DeliveryIntake {
    nonisolated static let secret = String(repeating: "s", count: 43)
    nonisolated static let token = "an-admin-token-of-some-length"
    /// As they stand behind the prefix and before the padding.
    nonisolated static let signing = "Kb0+/dMfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw"
    nonisolated static let previousSigning = "q/Q3yJx0cE1uS5w7VbN2mT4hR6gF8dA9kLpZoXiUeY"

    let store = MemoryAlertStore()
    let refusals: RefusalJournal
    var routes: HTTPRoutes

    init(bodyBytesMax: Int = 200_000) async throws {
        refusals = RefusalJournal(store: store)
        try await store.insert(DirectorySamples.integration(), key: APIKey("BPU-key-0123456789"))
        let clock = WallClock.system
        let directory = Directory(store: store, clock: clock)
        try await store.insert(
            Source(
                id: DirectorySamples.sourceID, integrationID: DirectorySamples.integrationID,
                name: "source",
                secret: SourceSecret(
                    id: SecretID("sec_1"), hash: Digest.sha256(Self.secret), createdAt: clock.now),
                at: clock.now))
        let endpoint = OutboundEndpoint(
            id: EndpointID("whe_1"), name: "endpoint", url: "https://hooks.example/",
            events: OutboundEvent.standard, at: clock.now)
        try await store.insert(
            endpoint, secret: SigningSecret("whsec_\(Self.previousSigning)="))
        _ = try await store.rotate(
            endpoint.id, to: SigningSecret("whsec_\(Self.signing)="),
            overlapEndsAt: clock.now + .seconds(60), at: clock.now)
        try await directory.load()
        let log = Logger(label: "test") { _ in SwiftLogNoOpLogHandler() }
        let authenticator = AdminAuthenticator(token: Secret(Self.token))
        let batcher = IngestBatcher(store: store)
        routes = HTTPRoutes()
        WebhookRoute(
            WebhookRoute.Parts(
                directory: directory, batcher: batcher, refusals: refusals,
                detector: SecretDetector(directory: directory, authenticator: authenticator),
                identifiers: IdentifierSource(), metrics: Metrics(),
                health: StoreHealth(store: store, log: log), clock: clock, log: log,
                bodyBytesMax: bodyBytesMax, trustedProxies: [])
        ).add(to: &routes)
        var admin = AdminRoutes(routes, authenticator: authenticator)
        DeliveryRoutes(
            store: store, directory: directory, batcher: batcher,
            identifiers: IdentifierSource(), clock: clock
        ).add(to: &admin)
        routes = admin.routes
    }

    /// A webhook's status; refused ones are in the journal afterwards.
    func post(
        _ body: String, secret: String = Self.secret, type: String = "application/json",
        fields: [HTTPField] = []
    ) async throws -> Int {
        let head = try HTTPRequestHead(
            .post, "/webhooks/bigpanda/src_1",
            fields: [
                HTTPField("Authorization", "Bearer \(secret)"), HTTPField("Content-Type", type),
                HTTPField("Content-Length", "\(body.utf8.count)"),
            ] + fields, peer: "192.0.2.1:4711")
        let answer = await routes.answer(to: HTTPRequest(head: head, body: Array(body.utf8)))
        await refusals.stop()
        return answer.status.code
    }

    func api(
        _ method: HTTPMethod, _ path: String, _ body: String = ""
    ) async throws -> (code: Int, tree: JSONTree) {
        let head = try HTTPRequestHead(
            method, path,
            fields: [
                HTTPField("Authorization", "Bearer \(Self.token)"),
                HTTPField("Content-Type", "application/json"),
            ], peer: "198.51.100.1:1")
        let answer = await routes.answer(to: HTTPRequest(head: head, body: Array(body.utf8)))
        return (answer.status.code, try JSONTree(parsing: answer.body))
    }

    /// The ids of all deliveries, oldest first.
    func ids() async throws -> [String] {
        let list = try await api(.get, "/v1/deliveries").tree
        return (list["items"]?.array ?? []).compactMap { $0["id"]?.string }.reversed()
    }

    /// The newest delivery as `GET /v1/deliveries/{id}` gives it.
    func newest() async throws -> JSONTree {
        let list = try await api(.get, "/v1/deliveries?limit=1").tree
        let id = try #require(list["items"]?[0]?["id"]?.string)
        return try await api(.get, "/v1/deliveries/\(id)").tree
    }
}
