import Alerts
import EventLoop
import HTTPServer
import Logging

/// What the routes are made from.
struct RouteParts {
    let store:
        any AlertStore & DeliveryStore & SessionStore & ActivityStore & AuditStore
            & CanaryStore & OutboundStore
    let hub: ChangeHub
    let directory: Directory
    let workers: Workers
    let batcher: IngestBatcher
    let identifiers: IdentifierSource
    let metrics: Metrics
    let authenticator: AdminAuthenticator
    let clock: WallClock
    let log: Logger
    let publicURL: String
    let about: AboutRoute.Store
}

/// All routes of the gateway, and who hears of what they did.
@LoopActor
final class GatewayRoutes {
    private let webhooks: WebhookRoute
    private let alerts: AlertRoutes
    private let closes: CloseRoutes
    private let deliveries: DeliveryRoutes
    private let sources: SourceRoutes
    private let integrations: IntegrationRoutes
    private let canaries: CanaryRoutes
    private let webhookInstall: WebhookInstallRoute
    private let endpoints: EndpointRoutes
    private let stream: StreamRoute
    private let metrics: MetricsRoute
    private let health: HealthRoutes
    private let export: ExportRoute
    private let statistics: StatisticsRoute
    private let about: AboutRoute
    private let tokens: TokenRoutes
    private let audit: AuditRoute
    private let status: StatusRoute
    private let sessions: SessionRoutes
    private let pages = PageRoutes()
    private let parts: RouteParts
    private let isMetricsOpen: Bool

    init(_ parts: RouteParts, _ configuration: Configuration) {
        self.parts = parts
        isMetricsOpen = configuration.isMetricsOpen
        webhooks = Self.webhooks(parts, configuration)
        alerts = AlertRoutes(
            store: parts.store, identifiers: parts.identifiers, clock: parts.clock,
            log: parts.log)
        closes = CloseRoutes(store: parts.store, clock: parts.clock, log: parts.log)
        deliveries = DeliveryRoutes(
            store: parts.store, directory: parts.directory, batcher: parts.batcher,
            identifiers: parts.identifiers, clock: parts.clock)
        let watch = parts.workers.trafficWatch
        sources = SourceRoutes(
            directory: parts.directory, identifiers: parts.identifiers, clock: parts.clock,
            publicURL: parts.publicURL, traffic: { watch.judgement(of: $0) })
        integrations = IntegrationRoutes(
            directory: parts.directory, connections: parts.workers.connections,
            identifiers: parts.identifiers, clock: parts.clock)
        webhookInstall = WebhookInstallRoute(
            directory: parts.directory, connections: parts.workers.connections,
            identifiers: parts.identifiers, clock: parts.clock, publicURL: parts.publicURL)
        canaries = CanaryRoutes(
            store: parts.store, directory: parts.directory, clock: parts.clock)
        endpoints = EndpointRoutes(
            store: parts.store, directory: parts.directory, identifiers: parts.identifiers,
            policy: configuration.webhookAddresses, clock: parts.clock)
        stream = StreamRoute(hub: parts.hub)
        let figures = Self.figures(parts.directory, parts.workers)
        metrics = MetricsRoute(parts, figures: figures)
        status = StatusRoute(parts, figures: figures)
        health = HealthRoutes(workers: parts.workers)
        export = ExportRoute(
            store: parts.store, directory: parts.directory, clock: parts.clock,
            publicURL: parts.publicURL)
        statistics = StatisticsRoute(store: parts.store, clock: parts.clock)
        about = AboutRoute(store: parts.about, publicURL: parts.publicURL, clock: parts.clock)
        tokens = TokenRoutes(
            directory: parts.directory, identifiers: parts.identifiers, clock: parts.clock)
        audit = AuditRoute(store: parts.store)
        sessions = Self.sessions(parts, configuration)
        connect()
    }

    private static func webhooks(
        _ parts: RouteParts, _ configuration: Configuration
    ) -> WebhookRoute {
        WebhookRoute(
            WebhookRoute.Parts(
                directory: parts.directory, batcher: parts.batcher,
                refusals: parts.workers.refusals,
                detector: SecretDetector(
                    directory: parts.directory, authenticator: parts.authenticator),
                identifiers: parts.identifiers, metrics: parts.metrics,
                health: parts.workers.health, clock: parts.clock, log: parts.log,
                bodyBytesMax: configuration.maxBodyBytes,
                trustedProxies: configuration.trustedProxies))
    }

    private static func sessions(
        _ parts: RouteParts, _ configuration: Configuration
    ) -> SessionRoutes {
        let sessions = Sessions(
            store: parts.store, identifiers: parts.identifiers, clock: parts.clock,
            authenticator: parts.authenticator)
        parts.authenticator.sessions = sessions
        parts.authenticator.directory = parts.directory
        parts.authenticator.trustedProxies = configuration.trustedProxies
        let tokenGuard = TokenGuard(
            metrics: parts.metrics, trustedProxies: configuration.trustedProxies, log: parts.log)
        parts.authenticator.tokenGuard = tokenGuard
        return SessionRoutes(
            sessions: sessions, authenticator: parts.authenticator,
            site: SiteAddress(
                isPublicSecure: parts.publicURL.lowercased().hasPrefix("https://"),
                isPublic: configuration.adminListen == nil),
            tokenGuard: tokenGuard, log: parts.log)
    }

    /// What is known of each integration just now.
    private static func figures(
        _ directory: Directory, _ workers: Workers
    ) -> @LoopActor () -> [Metrics.IntegrationFigures] {
        {
            let held = workers.closeWorker.heldIntegrations
            return directory.integrations.map { integration in
                let use = workers.connections.use(of: integration.id)
                return Metrics.IntegrationFigures(
                    id: integration.id, state: integration.state,
                    keyExpiresAt: integration.keyExpiresAt, isHeld: held.contains(integration.id),
                    calls: use.calls, waiting: use.waiting)
            }
        }
    }

    /// Says who hears of what was done.
    private func connect() {
        let (workers, authenticator) = (parts.workers, parts.authenticator)
        stream.isStillAdmitted = { head in
            // What the store can't tell just now ends nothing.
            await authenticator.refusal(of: head)?.status != .unauthorized
        }
        alerts.onCloseOwed = { workers.closeWorker.kick() }
        closes.onCloseOwed = { workers.closeWorker.kick() }
        alerts.onTraced = { workers.closeWorker.trace($0, $1) }
        closes.onTraced = { workers.closeWorker.trace($0, $1) }
        canaries.onSwitched = { workers.canaryRunner.kick() }
        endpoints.onChanged = { workers.outboundWorker.endpointsChanged() }
        webhooks.onReadingWanted = { workers.reconciler.request($0) }
        deliveries.onReadingWanted = { workers.reconciler.request($0) }
    }

    /// Says how `/metrics` gets at what the listeners know.
    func onMetrics(_ tell: @escaping @LoopActor (inout Metrics.Surroundings) -> Void) {
        metrics.onAsked = tell
    }

    /// What strangers may reach: webhooks and health.
    var publicRoutes: HTTPRoutes {
        var routes = HTTPRoutes()
        webhooks.add(to: &routes)
        health.add(to: &routes)
        return routes
    }

    /// What is served on an admin listener of its own.
    var adminOnlyRoutes: HTTPRoutes {
        var routes = HTTPRoutes()
        health.add(to: &routes)
        return adding(adminTo: routes)
    }

    /// What is served when there is one listener.
    var allRoutes: HTTPRoutes { adding(adminTo: publicRoutes) }

    private func adding(adminTo base: HTTPRoutes) -> HTTPRoutes {
        var routes = base
        metrics.add(to: &routes, isOpen: isMetricsOpen)
        var admin = AdminRoutes(routes, authenticator: parts.authenticator)
        alerts.add(to: &admin)
        closes.add(to: &admin)
        deliveries.add(to: &admin)
        sources.add(to: &admin)
        integrations.add(to: &admin)
        canaries.add(to: &admin)
        webhookInstall.add(to: &admin)
        endpoints.add(to: &admin)
        export.add(to: &admin)
        statistics.add(to: &admin)
        about.add(to: &admin)
        status.add(to: &admin)
        sessions.add(to: &admin)
        tokens.add(to: &admin)
        audit.add(to: &admin)
        stream.add(to: &admin)
        admin.addUnknown()
        routes = admin.routes
        sessions.add(to: &routes)
        pages.add(to: &routes)
        OpenAPIRoute(isMetricsOpen: isMetricsOpen).add(to: &routes)
        return routes
    }
}
