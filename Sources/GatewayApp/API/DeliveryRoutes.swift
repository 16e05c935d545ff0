package import Alerts
import BigPanda
package import EventLoop
import HTTPServer
import JSON
import TLS

/// `/v1/deliveries`: list, show, replay.
@LoopActor
package final class DeliveryRoutes {
    private let store: any AlertStore & DeliveryStore
    private let directory: Directory
    private let batcher: IngestBatcher
    private let identifiers: IdentifierSource
    private let clock: WallClock
    private let decoder = PayloadDecoder()
    /// Called when an alert's incident has to be read back at once.
    package var onReadingWanted: (@LoopActor (AlertID) -> Void)?

    /// Makes the routes.
    package init(
        store: any AlertStore & DeliveryStore, directory: Directory, batcher: IngestBatcher,
        identifiers: IdentifierSource, clock: WallClock
    ) {
        self.store = store
        self.directory = directory
        self.batcher = batcher
        self.identifiers = identifiers
        self.clock = clock
    }

    /// Adds the routes for those whom `admin` lets in.
    package func add(to routes: inout AdminRoutes) {
        routes.add("/v1/deliveries") { [self] request, _ in try await list(request.head) }
        routes.add("/v1/deliveries/{id}") { [self] _, parameters in
            let kept = try await kept(parameters)
            return .json { $0.delivery(kept) }
        }
        routes.add(.post, "/v1/deliveries/{id}/replay", needs: .operator) {
            [self] request, parameters, caller in
            let isDry = try RequestFields(request).bool("dry_run") ?? false
            let replay = try replay(of: try await kept(parameters))
            guard !isDry else { return try await tell(replay) }
            return try await apply(replay, peer: request.peer, caller)
        }
    }

    private func list(_ head: HTTPRequestHead) async throws -> HTTPResponse {
        let page = try PageParameters(head)
        var query = DeliveryQuery(limit: page.limit)
        query.cursor = page.cursor
        query.sourceID = head.filter("source_id").map { SourceID($0) }
        if let outcome = head.filter("outcome") {
            guard Self.outcomes.contains(outcome) else {
                let known = Self.outcomes.joined(separator: ", ")
                throw APIProblem(
                    .badRequest, "invalid_filter", "outcome must be one of \(known).")
            }
            query.outcome = outcome
        }
        let found = try await store.deliveries(query)
        return .page(found.items, next: found.next.map(CursorText.encode)) { $0.delivery($1) }
    }

    private static let outcomes =
        Outcome.ofWebhooks.map(\.rawValue) + [Delivery.Verdict.refusedText]

    private func kept(_ parameters: RouteParameters) async throws -> KeptDelivery {
        guard let kept = try await store.delivery(DeliveryID(parameters["id"] ?? "")) else {
            throw APIProblem.notFound("delivery")
        }
        return kept
    }

    /// A delivery that can be taken in again.
    private struct Replay {
        let sourceID: SourceID
        let event: WebhookEvent
        let original: KeptDelivery
    }

    private func replay(of kept: KeptDelivery) throws -> Replay {
        guard let body = kept.request.body else {
            throw APIProblem(
                .conflict, "body_not_kept", "The body of this delivery was not kept.")
        }
        guard let id = kept.delivery.sourceID, directory.source(id.text) != nil else {
            throw APIProblem(.conflict, "source_gone", "The source of this delivery is gone.")
        }
        do throws(PayloadRefusal) {
            let digest = Digest.fingerprint(body)
            var event = try decoder.decode(
                body, fingerprint: Fingerprint(high: digest.high, low: digest.low))
            event.replayOf = kept.delivery.id
            return Replay(sourceID: id, event: event, original: kept)
        } catch {
            throw APIProblem(.unprocessableContent, error.reason, error.explanation)
        }
    }

    /// Says what a replay would do now; nothing is stored.
    private func tell(_ replay: Replay) async throws -> HTTPResponse {
        var query = AlertQuery(limit: 1)
        query.sourceID = replay.sourceID
        query.incidentID = replay.event.incidentID
        let subject = try await store.alerts(query).items.first
        let change = AlertMachine.apply(
            replay.event, to: subject, sourceID: replay.sourceID,
            newAlertID: AlertID(""), at: clock.now)
        return .json { json in
            json.object { json in
                json.member("dry_run", true)
                json.member("outcome", change.outcome.rawValue)
                json.member("alert_id", subject?.alert.id.text)
                json.member("previous_status", subject?.alert.status.rawValue)
                json.member("status", change.subject.alert.status.rawValue)
                json.member("replay_of", replay.original.delivery.id.text)
            }
        }
    }

    /// Takes a delivery in again, as if it had come now.
    private func apply(
        _ replay: Replay, peer: String, _ caller: Caller
    ) async throws -> HTTPResponse {
        var request = replay.original.request
        request.replayOf = replay.original.delivery.id
        request.peer = IPAddress.withoutPort(peer)
        let now = clock.now
        let arrival = WebhookArrival(
            sourceID: replay.sourceID, secretID: nil, event: replay.event,
            newAlertID: AlertID(identifiers.make(.alert)), receivedAt: now, request: request,
            audit: [
                AuditEntry(
                    at: now, caller.actor, .deliveryReplay, replay.original.delivery.id.text)
            ])
        let result = try await batcher.result(of: arrival)
        guard let result else {
            throw APIProblem.overloaded
        }
        if result.wantsReading { onReadingWanted?(result.alertID) }
        return .json { json in
            json.object { json in
                json.member("dry_run", false)
                json.member("outcome", result.outcome.rawValue)
                json.member("alert_id", result.alertID.text)
                json.member("status", result.status.rawValue)
                json.member("delivery_id", result.deliveryID.text)
                json.member("replay_of", replay.original.delivery.id.text)
            }
        }
    }
}

extension IngestBatcher {
    /// Takes a webhook in and waits until it is durable; `nil` when the queue is too full.
    fileprivate func result(of arrival: WebhookArrival) async throws(StoreError) -> WebhookResult? {
        let result = await withCheckedContinuation {
            (continuation: CheckedContinuation<Result<WebhookResult, StoreError>?, Never>) in
            let isTaken = submit(arrival) { continuation.resume(returning: $0) }
            if !isTaken { continuation.resume(returning: nil) }
        }
        return try result?.get()
    }
}
