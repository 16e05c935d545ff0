import Alerts
import EventLoop
import HTTPServer

/// `GET /metrics` for Prometheus.
@LoopActor
final class MetricsRoute {
    private let parts: RouteParts
    private let startedAt: Timestamp
    private let figures: @LoopActor () -> [Metrics.IntegrationFigures]
    /// Puts in what the listeners know.
    var onAsked: (@LoopActor (inout Metrics.Surroundings) -> Void)?

    /// Makes the route; `figures` are those of the integrations just now.
    init(
        _ parts: RouteParts, figures: @escaping @LoopActor () -> [Metrics.IntegrationFigures]
    ) {
        self.parts = parts
        self.figures = figures
        startedAt = parts.clock.now
    }

    /// Adds the route; anybody may read it when `isOpen`.
    func add(to routes: inout HTTPRoutes, isOpen: Bool) {
        let authenticator = parts.authenticator
        routes.addAsync(
            .get, "/metrics",
            onHead: { head, _ in
                isOpen ? .proceed(bodyBytesMax: 0) : authenticator.verdict(on: head)
            },
            handler: { [self] _, _ in await exposition() })
    }

    private func exposition() async -> HTTPResponse {
        var around = Metrics.Surroundings()
        do throws(StoreError) {
            around.statistics = try await parts.store.statistics()
            around.journalBytes = try await parts.store.journalBytes()
            around.canaries = try await parts.store.canaries()
                .filter { parts.directory.integration($0.key) != nil }
                .sorted { $0.key < $1.key }.map { ($0.key, $0.value) }
            let watch = parts.workers.trafficWatch
            around.traffic = try await parts.directory.sources().map { source in
                Metrics.SourceTraffic(
                    id: source.id, lastDeliveryAt: source.lastDeliveryAt,
                    isQuiet: source.isWatchedForQuiet ? watch.isQuiet(source) : nil)
            }
            around.outbound = try await parts.store.outboundStatistics()
        } catch {
            around.statistics = nil  // Told as `bigpanda_gateway_store_up 0`.
        }
        let connections = parts.workers.connections
        around.waiting = parts.batcher.waitingCount
        around.calls = connections.callCounts
        around.callDurations = connections.durations
        around.integrations = figures()
        around.sources = parts.directory.sourceIDs
        onAsked?(&around)
        around.streams = parts.hub.count
        around.refusalsDropped = parts.workers.refusals.droppedCount
        around.diskFreeBytes = parts.about.freeBytes
        around.previousTokenUsedAt = parts.authenticator.previousUse?.lastAt
        around.storeKind = parts.about.kind
        around.startedAt = startedAt
        around.now = parts.clock.now
        parts.metrics.forgetSources(otherThan: around.sources)
        return HTTPResponse(
            .ok, contentType: "text/plain; version=0.0.4; charset=utf-8",
            body: Array(parts.metrics.exposition(around).utf8))
    }
}
