import EventLoop
import GatewayTesting
import HTTPServer
import JSON
import Testing

@testable import StubBigPanda

/// The stub as it is run, posting over the network.
@Suite struct WebhookPosterTests {
    /// A receiver of webhooks over HTTP.
    @LoopActor
    private final class Receiver {
        private(set) var requests: [HTTPRequest] = []
        private var server: HTTPServer?

        func start() throws -> String {
            var routes = HTTPRoutes()
            routes.addSync(.post, "/hook", bodyBytesMax: 100_000) { [weak self] request, _ in
                self?.requests.append(request)
                return .json(.ok, Array("{}".utf8))
            }
            let server = HTTPServer(routes: routes)
            let listener = try Listener.tcp(host: "127.0.0.1", port: 0, backlog: 8)
            try server.serve(listener)
            self.server = server
            return "http://\(listener.boundAddress)/hook"
        }

        func stop() { server?.stop() }
    }

    @Test func `webhooks go out with the secret, and their answers are kept`() async throws {
        try await LoopFixture.run {
            let receiver = Receiver()
            let url = try receiver.start()
            let stub = try StubServer(.init(callbackURL: url, secret: "s3cret"))
            let address = try stub.start(at: .tcp(host: "127.0.0.1", port: 0))
            let target = try #require(ListenAddress(String(address.dropFirst("http://".count))))
            _ = try await StubClient.request(target, "POST", "/_stub/incidents", "{\"id\":\"i1\"}")
            try await LoopTurn.until { !receiver.requests.isEmpty }
            let request = receiver.requests[0]
            #expect(request.head.field("authorization") == "Bearer s3cret")
            #expect(request.head.mediaType == "application/json")
            #expect(try JSONTree(parsing: request.body)["incident"]?["id"]?.string == "i1")
            var items: [JSONTree] = []
            while items.isEmpty {
                let reply = try await StubClient.request(target, "GET", "/_stub/deliveries")
                items = try reply.json["items"]?.array ?? []
            }
            #expect(items[0]["status"]?.int64 == 200)
            await stub.stop()
            receiver.stop()
        }
    }

    @Test func `a receiver that is not there is no answer`() async throws {
        try await LoopFixture.run {
            let listener = try Listener.tcp(host: "127.0.0.1", port: 0, backlog: 1)
            let url = "http://\(listener.boundAddress)/hook"
            listener.close()
            let stub = try StubServer(.init(callbackURL: url))
            let address = try stub.start(at: .tcp(host: "127.0.0.1", port: 0))
            let target = try #require(ListenAddress(String(address.dropFirst("http://".count))))
            _ = try await StubClient.request(target, "POST", "/_stub/incidents", "{}")
            var items: [JSONTree] = []
            while items.isEmpty {
                let reply = try await StubClient.request(target, "GET", "/_stub/deliveries")
                items = try reply.json["items"]?.array ?? []
            }
            #expect(items[0]["status"]?.int64 == 0)
            await stub.stop()
        }
    }

    @Test func `an address that is taken is said so`() async throws {
        try await LoopFixture.run {
            let first = try StubServer()
            let address = try first.start(at: .tcp(host: "127.0.0.1", port: 0))
            let taken = try #require(ListenAddress(String(address.dropFirst("http://".count))))
            let second = try StubServer()
            do throws(StubServer.StartError) {
                _ = try second.start(at: taken)
                Issue.record("the address was given twice")
            } catch {
                guard case .listen(let cause) = error else {
                    Issue.record("\(error)")
                    return
                }
                #expect(cause.isAddressInUse)
            }
            await second.stop()
            await first.stop()
        }
    }
}
