import Alerts
import Curl
package import EventLoop
import HTTPServer
import Logging

/// The gateway, put together: what is made first is at the top.
@LoopActor
package final class GatewayService {
    /// Where the public listener listens, with its real port.
    package let address: ListenAddress
    /// Where the API is served, with its real port.
    package let adminAddress: ListenAddress
    /// The file with the admin token, unless it was configured.
    package let adminTokenPath: String?
    /// What callback URLs begin with.
    package let publicURL: String

    private let opened: OpenStore
    private let directory: Directory
    private let workers: Workers
    private let curl: CurlDriver
    private let servers: [HTTPServer]
    private let log: Logger
    private let manager: ServiceManager?
    private let certificate: CertificateKeeper?
    private var isStopping = false

    /// Opens the store, takes up what was left undone and begins to serve.
    ///
    /// - Parameters:
    ///   - configuration: What it is told.
    ///   - log: Where it tells of itself.
    ///   - clock: The time of day; a demo sets its own.
    /// - Throws: What is wrong with the configuration, or with what it names.
    package init(
        _ configuration: Configuration, log: GatewayLog, clock: WallClock = .system
    ) async throws(ConfigurationError) {
        self.log = log.logger
        manager = ServiceManager.fromEnvironment(ProcessEnvironment.value, log: self.log)
        opened = try await OpenStore(configuration, log: self.log)
        adminTokenPath = opened.adminTokenPath
        let store = opened.store
        curl = try Self.openCurl()
        directory = Directory(store: store, link: opened.link, clock: clock, log: self.log)
        try await Self.load(directory, store, clock, self.log)
        let (metrics, outbound) = (Metrics(), try Self.openCurl())
        workers = Workers(
            store: store, coordination: opened.coordination, directory: directory, curl: curl,
            outboundCurl: outbound, metrics: metrics, configuration, clock: clock, log: self.log)
        let health = workers.health
        store.onTrouble { LoopActor.spawn { health.doubt() } }

        certificate = try Self.certificate(configuration.tls, clock, self.log)
        workers.certificate = certificate
        let listener = try Listeners.forWebhooks(configuration.listen)
        address = listener.boundAddress
        publicURL = configuration.publicURL ?? Self.url(of: address, isTLS: certificate != nil)
        let batcher = IngestBatcher(store: store, metrics: metrics)
        workers.reconciler.isStoreWanted = { [weak batcher] in batcher?.isIdle == false }
        let routes = GatewayRoutes(
            RouteParts(
                store: store, hub: ChangeHub(feed: store), directory: directory, workers: workers,
                batcher: batcher, identifiers: IdentifierSource(), metrics: metrics,
                authenticator: opened.authenticator(clock: clock, log: self.log),
                clock: clock, log: self.log, publicURL: publicURL, about: opened.about),
            configuration)
        let proxies = configuration.trustedProxies
        if let adminListen = configuration.adminListen {
            let adminListener = try Listeners.open(adminListen, for: .adminListen)
            adminAddress = adminListener.boundAddress
            servers = [
                try Self.serve(listener, routes.publicRoutes, proxies),
                try Self.serve(adminListener, routes.adminOnlyRoutes, proxies),
            ]
        } else {
            adminAddress = listener.boundAddress
            servers = [try Self.serve(listener, routes.allRoutes, proxies)]
        }
        certificate?.serve(on: servers[0])
        tellMetrics(by: routes)
        let (manager, address) = (manager, address)
        workers.health.onChange = { manager?.say(Self.status(of: $0, at: address)) }
        workers.start(under: publicURL)
    }

    private func tellMetrics(by routes: GatewayRoutes) {
        let (servers, certificate) = (servers, certificate)
        routes.onMetrics { around in
            around.connections = servers.reduce(0) { $0 + $1.connectionsOpen }
            around.handshakes = servers[0].handshakes
            around.certificateEnd = certificate?.end
        }
    }

    /// Tells the log and the service manager that the gateway serves, and where.
    package func announce() {
        manager?.ready(Self.status(of: workers.health.problem, at: address))
        var metadata: Logger.Metadata = [
            "version": "\(Version.current)", "listen": "\(address)",
            "public_url": "\(publicURL)",
        ]
        if adminAddress != address { metadata["admin_listen"] = "\(adminAddress)" }
        if let path = adminTokenPath { metadata["admin_token_file"] = "\(path)" }
        log.notice("The gateway is ready.", metadata: metadata)
    }

    /// Ends in good order: unready first, then no new connections, then the workers.
    ///
    /// - Parameter grace: How long new connections are still taken while `/readyz` says 503, so
    ///   that a load balancer notices before anybody is turned away.
    package func stop(grace: Duration = .seconds(1)) async {
        guard !isStopping else { return }
        isStopping = true
        log.notice("The gateway is stopping.")
        manager?.stopping("Stopping.")
        workers.health.onChange = { _ in }
        workers.stopTakingUp()
        await Timer.wait(grace)
        for server in servers { await server.drain(deadline: Limits.stopDurationMax / 2) }
        await workers.stop(within: Limits.stopDurationMax / 2)
        certificate?.stop()
        curl.close()
        await opened.store.close()
        log.notice("The gateway has stopped.")
    }

    private static func openCurl() throws(ConfigurationError) -> CurlDriver {
        do throws(CurlError) {
            return try CurlDriver()
        } catch {
            throw ConfigurationError("libcurl", "\(error.message)")
        }
    }

    private static func load(
        _ directory: Directory, _ store: any GatewayStore, _ clock: WallClock, _ log: Logger
    ) async throws(ConfigurationError) {
        do throws(StoreError) {
            try await directory.load()
            let count = try await store.recoverInterruptedCloses(at: clock.now)
            if count > 0 {
                log.notice(
                    "Closes were under way when the gateway ended; they are looked at first.",
                    metadata: ["count": "\(count)"])
            }
        } catch {
            throw ConfigurationError(Setting.store.variable, error.message)
        }
    }

    private static func serve(
        _ listener: Listener, _ routes: HTTPRoutes, _ trustedProxies: [AddressRange]
    ) throws(ConfigurationError) -> HTTPServer {
        let server = HTTPServer(
            routes: routes, trustedProxies: trustedProxies, namesRequests: true)
        do throws(UVError) {
            try server.serve(listener)
        } catch {
            throw ConfigurationError(Setting.listen.variable, "can't listen: \(error.message)")
        }
        return server
    }

    /// A line for `systemctl status`.
    private static func status(of problem: StoreError?, at address: ListenAddress) -> String {
        if let problem { "Not ready: \(problem)" } else { "Serving on \(address)." }
    }

    private static func certificate(
        _ files: TLSFiles?, _ clock: WallClock, _ log: Logger
    ) throws(ConfigurationError) -> CertificateKeeper? {
        guard let files else { return nil }
        return try CertificateKeeper(files, clock: clock, log: log)
    }

    /// The address as a browser on this machine would write it.
    private static func url(of address: ListenAddress, isTLS: Bool) -> String {
        let scheme = isTLS ? "https" : "http"
        switch address {
        case .tcp("0.0.0.0", let port): return "\(scheme)://127.0.0.1:\(port)"
        case .tcp("::", let port): return "\(scheme)://[::1]:\(port)"
        case .tcp: return "\(scheme)://\(address)"
        case .unix: return "\(scheme)://localhost"
        }
    }
}
