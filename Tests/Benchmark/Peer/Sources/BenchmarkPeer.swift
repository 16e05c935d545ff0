import GRDB
import Hummingbird
import Logging

/// What a team would write with Hummingbird and GRDB to take BigPanda's webhooks in.
@main
struct BenchmarkPeer {
    private static let bodyBytesMax = 8 << 20

    static func main() async throws {
        let environment = Environment()
        let port = environment.get("PEER_PORT", as: Int.self) ?? 8080
        let store = try AlertStore(path: environment.get("PEER_DATABASE") ?? "peer.sqlite")
        let secret = try environment.require("PEER_SECRET")
        var logger = Logger(label: "peer")
        logger.logLevel = .warning
        let application = Application(
            router: router(store, secret: secret),
            configuration: .init(address: .hostname("127.0.0.1", port: port)),
            logger: logger)
        try await application.runService()
    }

    private static func router(
        _ store: AlertStore, secret: String
    ) -> Router<BasicRequestContext> {
        let router = Router()
        router.get("health") { _, _ in HTTPResponse.Status.ok }
        router.group("webhooks").add(middleware: BearerMiddleware(secret: secret))
            .post("bigpanda") { request, context in
                var request = request
                let body = try await request.collectBody(upTo: bodyBytesMax)
                let webhook = try await request.decode(as: Webhook.self, context: context)
                try await store.keep(webhook, body: String(buffer: body))
                return HTTPResponse.Status.accepted
            }
        return router
    }
}
