package import Alerts
package import EventLoop
package import HTTPServer

/// `GET /metrics` for Prometheus.
@LoopActor
package final class MetricsRoute {
    private let metrics: Metrics
    private let store: any AlertStore & DeliveryStore
    private let refusals: RefusalJournal
    private let batcher: IngestBatcher
    private let connections: Connections
    private let hub: ChangeHub
    private let clock: WallClock
    /// Integrations, and whether their closes are held back.
    package var heldIntegrations: (@LoopActor () -> [IntegrationID: Bool])?
    private weak var authenticator: AdminAuthenticator?
    /// How many inbound connections are open.
    package var connectionCount: (@LoopActor () -> Int)?

    /// Makes the route.
    package init(
        metrics: Metrics, store: any AlertStore & DeliveryStore, batcher: IngestBatcher,
        refusals: RefusalJournal, connections: Connections, hub: ChangeHub, clock: WallClock
    ) {
        self.hub = hub
        self.refusals = refusals
        self.metrics = metrics
        self.store = store
        self.batcher = batcher
        self.connections = connections
        self.clock = clock
    }

    /// Adds the route; anybody may read it when `isOpen`.
    package func add(
        to routes: inout HTTPRoutes, authenticator: AdminAuthenticator, isOpen: Bool
    ) {
        self.authenticator = authenticator
        routes.addAsync(
            .get, "/metrics",
            onHead: { head, _ in
                isOpen ? .proceed(bodyBytesMax: 0) : authenticator.verdict(on: head)
            },
            handler: { [self] _, _ in await exposition() })
    }

    private func exposition() async -> HTTPResponse {
        var statistics: StoreStatistics?
        var journalBytes: Int?
        do throws(StoreError) {
            statistics = try await store.statistics()
            journalBytes = try await store.journalBytes()
        } catch {
            statistics = nil  // Told as `bigpanda_gateway_store_up 0`.
        }
        let text = metrics.exposition(
            Metrics.Surroundings(
                statistics: statistics, committed: batcher.committedCount,
                waiting: batcher.waitingCount, calls: connections.callCounts,
                isHeld: heldIntegrations?() ?? [:], connections: connectionCount?() ?? 0,
                streams: hub.count,
                refusalsDropped: refusals.droppedCount, journalBytes: journalBytes,
                previousTokenUsedAt: authenticator?.previousUse?.lastAt,
                now: clock.now))
        return HTTPResponse(
            .ok, contentType: "text/plain; version=0.0.4; charset=utf-8", body: Array(text.utf8))
    }
}
