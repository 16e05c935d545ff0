package import EventLoop
import HTTPServer

/// A BigPanda to try the gateway against: the vendor's API, webhooks, and `/_stub/` to play it by.
///
/// Holds everything in memory. Kept alive by its owner, who calls `stop()` in the end.
@LoopActor
package final class StubServer {
    /// What a stub begins with; the control API changes all of it later.
    package struct Configuration: Sendable {
        /// Where webhooks are posted; empty for nowhere.
        package var callbackURL: String
        /// Sent as `Authorization: Bearer …` with each webhook.
        package var secret: String

        /// The time of day, in milliseconds since 1970.
        package var clock: @Sendable () -> Int64

        /// Names the receiver of webhooks.
        package init(
            callbackURL: String = "", secret: String = "",
            clock: @escaping @Sendable () -> Int64 = { SystemClock.wallMilliseconds() }
        ) {
            self.callbackURL = callbackURL
            self.secret = secret
            self.clock = clock
        }
    }

    /// Why a stub does not start.
    package enum StartError: Error, Equatable {
        /// The callback address is no `http` or `https` URL, or the secret not visible ASCII.
        case badCallback
        /// The address can't be listened on.
        case listen(UVError)
        /// Webhooks can't be posted.
        case noClient(String)
    }

    private let world: StubWorld
    private var server: HTTPServer?
    private var listener: Listener?
    /// The open connections, by the name that requests know them under.
    private var transports: [String: TappedTransport] = [:]
    private var connectionCount = 0
    /// Releases what webhooks were posted with.
    private let endPosting: @LoopActor () -> Void

    /// Makes a stub that posts webhooks by `post`.
    init(
        _ configuration: Configuration, endPosting: @escaping @LoopActor () -> Void = {},
        post: @escaping WebhookSender.Post
    ) throws(StartError) {
        self.endPosting = endPosting
        var target = WebhookTarget()
        target.url = configuration.callbackURL
        target.secret = configuration.secret
        guard target.isUsable else { throw .badCallback }
        world = StubWorld(
            webhooks: WebhookSender(target: target, post: post), clock: configuration.clock)
    }

    /// Starts to serve.
    ///
    /// - Parameter address: Port 0 lets the system pick one.
    /// - Returns: The address to reach it under, such as `http://127.0.0.1:9090`.
    /// - Throws: `StartError.listen` when the address can't be had.
    package func start(at address: ListenAddress) throws(StartError) -> String {
        precondition(server == nil, "the stub was started already")
        let server = HTTPServer(routes: routes())
        do throws(UVError) {
            let listener = try Self.listener(at: address)
            try listener.start { [weak self] stream in self?.accept(stream) }
            self.listener = listener
            self.server = server
            return "http://\(listener.boundAddress)"
        } catch {
            throw .listen(error)
        }
    }

    /// Stops serving at once, drops what was to come, and returns once no webhook is under way.
    ///
    /// Takes no longer than `StubLimits.webhookDurationMax`.
    package func stop() async {
        listener?.close()
        listener = nil
        server?.stop()
        server = nil
        await world.stop()
        endPosting()
    }

    private static func listener(at address: ListenAddress) throws(UVError) -> Listener {
        switch address {
        case .tcp(let host, let port):
            try Listener.tcp(host: host, port: port, backlog: StubLimits.backlog)
        case .unix(let path):
            try Listener.unix(path: path, backlog: StubLimits.backlog)
        }
    }

    private func routes() -> HTTPRoutes {
        var routes = HTTPRoutes()
        ControlAPI(world).addRoutes(to: &routes)
        VendorAPI(world) { [weak self] peer in self?.transports[peer] }.addRoutes(to: &routes)
        return routes
    }

    private func accept(_ stream: Stream) {
        connectionCount += 1
        let transport = TappedTransport(stream, number: connectionCount) { [weak self] closed in
            self?.transports[closed.peer] = nil
        }
        transports[transport.peer] = transport
        server?.accept(transport)
    }
}
