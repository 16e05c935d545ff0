package import Alerts
import BigPanda
package import EventLoop
package import HTTPServer
import JSON
import Logging
import TLS

/// Takes BigPanda's webhooks in: `POST /webhooks/bigpanda/{source_id}`.
///
/// Plain calls on the loop from the socket to the batcher and back; no task is made per request.
@LoopActor
package final class WebhookRoute {
    private let directory: Directory
    private let batcher: IngestBatcher
    private let decoder = PayloadDecoder()
    private let identifiers: IdentifierSource
    private let metrics: Metrics
    private let health: StoreHealth
    private let clock: WallClock
    private let bodyBytesMax: Int
    private let trustedProxies: [AddressRange]
    private let log: Logger
    /// Called when an alert's incident has to be read back at once.
    package var onReadingWanted: (@LoopActor (AlertID) -> Void)?

    /// What the route needs from the rest of the application.
    package struct Parts {
        let directory: Directory
        let batcher: IngestBatcher
        let identifiers: IdentifierSource
        let metrics: Metrics
        let health: StoreHealth
        let clock: WallClock
        let log: Logger
        /// The largest body taken in; a larger one gets 413.
        let bodyBytesMax: Int
        /// Proxies whose word about the sender's address is believed.
        let trustedProxies: [AddressRange]
    }

    /// Makes the route.
    package init(_ parts: Parts) {
        directory = parts.directory
        batcher = parts.batcher
        identifiers = parts.identifiers
        metrics = parts.metrics
        health = parts.health
        clock = parts.clock
        log = parts.log
        bodyBytesMax = parts.bodyBytesMax
        trustedProxies = parts.trustedProxies
    }

    /// Adds the route for the three methods that BigPanda may be set to.
    package func add(to routes: inout HTTPRoutes) {
        for method in [HTTPMethod.post, .put, .patch] {
            routes.add(
                method, "/webhooks/bigpanda/{source_id}", bodyBytesMax: bodyBytesMax,
                onHead: { [self] head, parameters in verdict(on: head, parameters) },
                handler: { [self] request, parameters, responder in
                    receive(request, parameters, responder)
                })
        }
    }

    private func verdict(
        on head: HTTPRequestHead, _ parameters: RouteParameters
    ) -> HeadVerdict {
        guard authenticate(head, parameters) != nil else {
            return .refuse(refuse(.unauthorized, Self.unauthorized, head))
        }
        guard let type = head.mediaType, MediaType.isJSON(type) else {
            return .refuse(refuse(.unsupportedMediaType, Self.wrongType, head))
        }
        if let coding = head.field("content-encoding"), coding.lowercased() != "identity" {
            return .refuse(refuse(.unsupportedMediaType, Self.wrongCoding, head))
        }
        return .proceed(bodyBytesMax: bodyBytesMax)
    }

    private func authenticate(
        _ head: HTTPRequestHead, _ parameters: RouteParameters
    ) -> (source: Source, secret: SecretID)? {
        head.withField("authorization") { field in
            directory.authenticate(sourceID: parameters["source_id"] ?? "", authorization: field)
        }
    }

    private func receive(
        _ request: HTTPRequest, _ parameters: RouteParameters, _ responder: HTTPResponder
    ) {
        // The source may have been disabled while the body came in.
        guard let (source, secret) = authenticate(request.head, parameters) else {
            return responder.respond(refuse(.unauthorized, Self.unauthorized, request.head))
        }
        let event: WebhookEvent
        do throws(PayloadRefusal) {
            let digest = Digest.fingerprint(request.body)
            event = try decoder.decode(
                request.body, fingerprint: Fingerprint(high: digest.high, low: digest.low))
        } catch {
            return responder.respond(answer(to: error, request.head))
        }
        let arrival = WebhookArrival(
            sourceID: source.id, secretID: secret, event: event,
            newAlertID: AlertID(identifiers.make(.alert)), receivedAt: clock.now)
        let isTaken = batcher.submit(arrival) { [self] result in
            responder.respond(answer(result, to: arrival))
        }
        if !isTaken {
            responder.respond(refuse(.overloaded, Self.overloaded, request.head))
        }
    }

    private func answer(
        _ result: Result<WebhookResult, StoreError>, to arrival: WebhookArrival
    ) -> HTTPResponse {
        switch result {
        case .success(let result):
            health.worked()
            metrics.count(result.outcome)
            if result.wantsReading { onReadingWanted?(result.alertID) }
            log.debug(
                "A webhook was taken in.",
                metadata: [
                    "source": "\(arrival.sourceID)", "incident": "\(arrival.event.incidentID)",
                    "alert": "\(result.alertID)", "outcome": "\(result.outcome.rawValue)",
                ])
            return .json { json in
                json.object { json in
                    json.member("outcome", result.outcome.rawValue)
                    json.member("alert_id", result.alertID.text)
                    json.member("status", result.status.rawValue)
                }
            }
        case .failure(let error):
            health.failed(error)
            metrics.count(.storeUnavailable)
            log.error(
                "A webhook could not be stored; its sender was told to repeat it.",
                metadata: [
                    "source": "\(arrival.sourceID)", "incident": "\(arrival.event.incidentID)",
                    "error": "\(error)",
                ])
            return Self.notStored
        }
    }

    private func answer(to refusal: PayloadRefusal, _ head: HTTPRequestHead) -> HTTPResponse {
        let reason: Metrics.Refusal =
            switch refusal {
            case .notJSON: .notJSON
            case .noIncidentID: .noIncidentID
            case .badIncidentID: .badIncidentID
            }
        let problem = HTTPResponse.problem(
            .badRequest, code: reason.rawValue, detail: refusal.explanation)
        return refuse(reason, problem, head)
    }

    private func refuse(
        _ refusal: Metrics.Refusal, _ response: HTTPResponse, _ head: HTTPRequestHead
    ) -> HTTPResponse {
        metrics.count(refusal)
        let sender = PeerAddress.sender(
            connection: head.peer, forwardedFor: head.field("x-forwarded-for"),
            trusted: trustedProxies)
        // Only an id that we made is repeated: in its place somebody may have put a secret.
        let id = head.path.split(separator: "/").last.map(String.init) ?? ""
        let source = directory.source(id)?.id.text ?? "unknown"
        log.notice(
            "A webhook was refused.",
            metadata: [
                "reason": "\(refusal.rawValue)", "peer": "\(sender)", "source": "\(source)",
            ])
        return response
    }

    // One and the same answer for an unknown source, a disabled one and a wrong secret.
    private static let unauthorized = HTTPResponse.problem(
        .unauthorized, code: "unauthorized",
        detail: "The source is unknown or disabled, or the secret is wrong or missing."
    ).with("WWW-Authenticate", "Bearer")

    private static let wrongType = HTTPResponse.problem(
        .unsupportedMediaType, code: "unsupported_media_type",
        detail: "Send the payload as JSON, with Content-Type: application/json.")

    private static let wrongCoding = HTTPResponse.problem(
        .unsupportedMediaType, code: "unsupported_content_coding",
        detail: "Send the payload as it is, without Content-Encoding."
    ).with("Accept-Encoding", "identity")

    private static let overloaded = HTTPResponse.problem(
        .serviceUnavailable, code: "overloaded",
        detail: "Too many webhooks are waiting to be stored; send this one again."
    ).with("Retry-After", String(Limits.retryAfterSeconds))

    private static let notStored = HTTPResponse.problem(
        .serviceUnavailable, code: "store_unavailable",
        detail: "The webhook could not be stored; send it again."
    ).with("Retry-After", String(Limits.retryAfterSeconds))
}
