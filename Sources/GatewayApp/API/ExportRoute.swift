import AlertJSON
import Alerts
import EventLoop
import HTTPServer
import JSON

/// `GET /v1/alerts/{id}/export`: all that is known of an alert in one file, for a post-mortem.
@LoopActor
final class ExportRoute {
    private let store: any AlertStore & DeliveryStore
    private let directory: Directory
    private let clock: WallClock
    private let publicURL: String

    init(
        store: any AlertStore & DeliveryStore, directory: Directory, clock: WallClock,
        publicURL: String
    ) {
        self.store = store
        self.directory = directory
        self.clock = clock
        self.publicURL = publicURL
    }

    func add(to routes: inout AdminRoutes) {
        routes.add("/v1/alerts/{id}/export") { [self] _, parameters in
            try await export(AlertID(parameters["id"] ?? ""))
        }
    }

    private func export(_ id: AlertID) async throws -> HTTPResponse {
        guard let subject = try await store.alert(id) else { throw APIProblem.notFound("alert") }
        let timeline = try await store.timeline(of: id, limit: Limits.timelineEntriesMax)
        let deliveries = try await deliveries(of: timeline)
        return .json { write(subject, timeline, deliveries, to: &$0) }
            .with("Content-Disposition", "attachment; filename=\"\(id.text).json\"")
    }

    /// What the journal still holds of the webhooks that a timeline names.
    private struct Deliveries {
        var kept: [KeptDelivery] = []
        /// Those that the journal has dropped.
        var gone: [DeliveryID] = []
        /// Those for which there was no room.
        var leftOut: [DeliveryID] = []
    }

    private func deliveries(of timeline: [Transition]) async throws(StoreError) -> Deliveries {
        var deliveries = Deliveries()
        var seen: Set<String> = []
        var bytesLeft = Limits.exportBytesMax
        for id in timeline.reversed().compactMap(\.deliveryID)
        where seen.insert(id.text).inserted {
            guard bytesLeft > 0, deliveries.kept.count < Limits.exportDeliveriesMax else {
                deliveries.leftOut.append(id)
                continue
            }
            guard let kept = try await store.delivery(id) else {
                deliveries.gone.append(id)
                continue
            }
            bytesLeft -= kept.request.body?.count ?? 0
            deliveries.kept.append(kept)
        }
        return deliveries
    }

    private func write(
        _ subject: AlertMachine.Subject, _ timeline: [Transition], _ deliveries: Deliveries,
        to json: inout JSONWriter
    ) {
        let source = directory.source(subject.alert.sourceID.text)
        let integration = source.flatMap { directory.integration($0.integrationID) }
        json.object { json in
            json.member("exported_at", clock.now)
            json.member("gateway_version", Version.current)
            json.name("alert")
            json.alert(subject, timeline: timeline)
            json.name("source")
            if let source {
                json.source(
                    source, callbackURL: SourceRoutes.callbackURL(of: source.id, under: publicURL))
            } else {
                json.null()
            }
            json.name("integration")
            if let integration { json.integration(integration) } else { json.null() }
            json.name("deliveries")
            json.array { json in
                for kept in deliveries.kept { json.delivery(kept) }
            }
            json.ids("deliveries_gone", deliveries.gone)
            json.ids("deliveries_left_out", deliveries.leftOut)
        }
    }
}

extension JSONWriter {
    fileprivate mutating func ids(_ name: String, _ ids: [DeliveryID]) {
        self.name(name)
        array { json in
            for id in ids { json.value(id.text) }
        }
    }
}
