import EventLoop
import GatewayTesting
import JSON
import Testing

@testable import StubBigPanda

/// A stub that listens, and what its webhooks were.
@LoopActor
final class StubFixture {
    nonisolated static let key = "BPU-stub-key"
    nonisolated static let production = "63bd568809cb331300ffa555"
    nonisolated static let staging = "63bd568809cb331300ffa666"

    private let stub: StubServer
    private let address: ListenAddress
    let receiver: Receiver

    /// Takes webhooks as a receiver over the network would.
    @LoopActor
    final class Receiver {
        struct Webhook: Sendable {
            let target: WebhookTarget
            let json: JSONTree
            var event: String { json["event"]?.string ?? "" }
            var incidentID: String {
                json["incident"]?["id"]?.string ?? json["id"]?.string ?? ""
            }
        }

        var webhooks: [Webhook] = []
        var statusCode = 200
        /// Calls wait in here while it is closed.
        var isOpen = true
        var waitingCount = 0

        func take(_ target: WebhookTarget, _ body: [UInt8]) async -> Int {
            waitingCount += 1
            while !isOpen { await LoopTurn.next() }
            waitingCount -= 1
            let tree = try? JSONTree(parsing: body)  // Shows as a webhook without an event.
            webhooks.append(Webhook(target: target, json: tree ?? .null))
            return statusCode
        }

        var events: [String] { webhooks.map(\.event) }
    }

    private init(_ stub: StubServer, _ address: ListenAddress, _ receiver: Receiver) {
        self.stub = stub
        self.address = address
        self.receiver = receiver
    }

    /// Runs `body` with a stub that is fast: closes apply at once, and nothing is limited.
    static func run(
        settings: String = "{\"apply_delay_ms\":0,\"rate_per_second\":0}",
        callbackURL: String = "http://receiver.example/hook",
        _ body: sending @escaping @LoopActor (StubFixture) async throws -> Void
    ) async throws {
        try await LoopFixture.run {
            let receiver = Receiver()
            let configuration = StubServer.Configuration(callbackURL: callbackURL, secret: "s3cret")
            let stub = try StubServer(configuration) { await receiver.take($0, $1) }
            let url = try stub.start(at: .tcp(host: "127.0.0.1", port: 0))
            let address = try #require(ListenAddress(String(url.dropFirst("http://".count))))
            let fixture = StubFixture(stub, address, receiver)
            var failure: (any Error)?
            do {
                _ = try await fixture.control("PUT", "settings", settings)
                try await body(fixture)
            } catch {
                failure = error
            }
            receiver.isOpen = true
            await stub.stop()
            if let failure { throw failure }
        }
    }

    /// A call to the control API.
    func control(
        _ method: String, _ path: String, _ body: String? = nil, expecting statusCode: Int? = nil
    ) async throws -> JSONTree {
        let reply = try await StubClient.request(address, method, "/_stub/\(path)", body)
        if let statusCode {
            try #require(reply.statusCode == statusCode, "\(method) \(path): \(reply.text)")
        } else {
            try #require((200..<300).contains(reply.statusCode), "\(path): \(reply.text)")
        }
        return reply.body.isEmpty ? .null : try reply.json
    }

    /// A call to the vendor's API.
    func vendor(
        _ method: String, _ path: String, key: String? = StubFixture.key, _ body: String? = nil
    ) async throws -> StubClient.Reply {
        try await StubClient.request(address, method, "/resources/v2.0/\(path)", key: key, body)
    }

    /// Creates an incident.
    ///
    /// - Returns: Its id.
    func create(_ fields: String = "{}") async throws -> String {
        try #require(try await control("POST", "incidents", fields, expecting: 201)["id"]?.string)
    }

    /// The path of an incident in the vendor's API.
    func path(_ id: String, environment: String = StubFixture.production) -> String {
        "environments/\(environment)/incidents/\(id)"
    }

    func resolve(_ id: String) async throws -> StubClient.Reply {
        try await vendor("POST", "\(path(id))/resolve", "{\"comments\":\"done\"}")
    }

    func isActive(_ id: String) async throws -> Bool? {
        try await control("GET", "incidents/\(id)")["active"]?.bool
    }

    /// Waits until so many webhooks came in.
    func waitForWebhooks(_ count: Int) async throws {
        try await LoopTurn.until { [receiver] in receiver.webhooks.count >= count }
    }

    /// Waits until so many deliveries are recorded.
    func deliveries(_ count: Int) async throws -> [JSONTree] {
        for _ in 0..<200 {
            let items = try await control("GET", "deliveries")["items"]?.array ?? []
            if items.count >= count { return items }
        }
        throw LoopFixture.Failure.deadlinePassed(.seconds(5))
    }

    func calls() async throws -> [JSONTree] {
        try await control("GET", "calls")["items"]?.array ?? []
    }
}
