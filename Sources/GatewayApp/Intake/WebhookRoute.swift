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
    let directory: Directory
    private let batcher: IngestBatcher
    let refusals: RefusalJournal
    let detector: SecretDetector
    private let decoder = PayloadDecoder()
    private let identifiers: IdentifierSource
    let metrics: Metrics
    private let health: StoreHealth
    let clock: WallClock
    private let bodyBytesMax: Int
    let trustedProxies: [AddressRange]
    let log: Logger
    /// Called when an alert's incident has to be read back at once.
    package var onReadingWanted: (@LoopActor (AlertID) -> Void)?

    /// What the route needs from the rest of the application.
    package struct Parts {
        let directory: Directory
        let batcher: IngestBatcher
        let refusals: RefusalJournal
        /// Keeps secrets out of the journal.
        let detector: SecretDetector
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
        refusals = parts.refusals
        detector = parts.detector
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
                onUnserved: { [self] head, parameters, reason in
                    unserved(head, parameters, reason)
                },
                handler: { [self] request, parameters, responder in
                    receive(request, parameters, responder)
                })
        }
    }

    private func verdict(
        on head: HTTPRequestHead, _ parameters: RouteParameters
    ) -> HeadVerdict {
        guard let opener = authenticate(head, parameters) else {
            return .refuse(refuseStranger(head, parameters))
        }
        // A small body is read all the same, so that the journal can show what was sent.
        let isSmall = head.contentLength.map { $0 <= Limits.refusedBodyBytesMax } ?? false
        if !isSmall, let response = wrongContent(head) {
            return .refuse(refuse(.unsupportedMediaType, response, Refused(head, by: opener)))
        }
        return .proceed(bodyBytesMax: bodyBytesMax)
    }

    /// The answer to content that can't be read; `nil` when it is JSON as it is.
    private func wrongContent(_ head: HTTPRequestHead) -> HTTPResponse? {
        guard let type = head.mediaType, MediaType.isJSON(type) else { return Self.wrongType }
        if let coding = head.field("content-encoding"), coding.lowercased() != "identity" {
            return Self.wrongCoding
        }
        return nil
    }

    /// Keeps what the server turned away before it came here.
    private func unserved(
        _ head: HTTPRequestHead, _ parameters: RouteParameters, _ reason: HTTPUnserved
    ) {
        let refusal = DeliveryRefusal(reason)
        if let opener = authenticate(head, parameters) {
            note(refusal, Refused(head, by: opener))
        } else {
            noteStranger(head, parameters, refusal)
        }
    }

    private func authenticate(
        _ head: HTTPRequestHead, _ parameters: RouteParameters
    ) -> Opener? {
        head.withField("authorization") { field in
            directory.authenticate(sourceID: parameters["source_id"] ?? "", authorization: field)
        }
    }

    private func receive(
        _ request: HTTPRequest, _ parameters: RouteParameters, _ responder: HTTPResponder
    ) {
        let (head, start) = (request.head, SystemClock.nanoseconds())
        // The source may have been disabled while the body came in.
        guard let opener = authenticate(head, parameters) else {
            return responder.respond(refuseStranger(head, parameters))
        }
        let body = head.withField("authorization") { field in
            detector.masked(request.body, shown: BearerToken.token(in: field))
        }
        var refused = Refused(head, by: opener, body: body)
        if let response = wrongContent(head) {
            return responder.respond(refuse(.unsupportedMediaType, response, refused))
        }
        let event: WebhookEvent
        do throws(PayloadRefusal) {
            let digest = Digest.fingerprint(body)
            event = try decoder.decode(
                body, fingerprint: Fingerprint(high: digest.high, low: digest.low))
        } catch {
            return responder.respond(answer(to: error, refused))
        }
        let arrival = WebhookArrival(
            sourceID: opener.source.id, secretID: opener.secret, event: event,
            newAlertID: AlertID(identifiers.make(.alert)), receivedAt: clock.now,
            request: DeliveryRequest(
                peer: sender(of: head),
                headerLines: KeptHeaders.lines(of: head, unless: detector.finds),
                body: body))
        let marks = RequestMarks(head)
        let isTaken = batcher.submit(arrival) { [self] result in
            responder.respond(answer(result, to: arrival, marks))
            guard case .success = result else { return }
            metrics.countCommitted(from: start, to: batcher.committedAt)
            metrics.countAnswered(from: start, to: SystemClock.nanoseconds())
        }
        if !isTaken {
            refused.incidentID = event.incidentID
            responder.respond(refuse(.overloaded, Self.overloaded, refused))
        }
    }

    private func answer(
        _ result: Result<WebhookResult, StoreError>, to arrival: WebhookArrival,
        _ marks: RequestMarks
    ) -> HTTPResponse {
        switch result {
        case .success(let result):
            health.worked()
            metrics.count(result.outcome)
            if result.wantsReading { onReadingWanted?(result.alertID) }
            log.debug(
                "A webhook was taken in.",
                metadata: marks.on([
                    "source": "\(arrival.sourceID)", "incident": "\(arrival.event.incidentID)",
                    "alert": "\(result.alertID)", "outcome": "\(result.outcome.rawValue)",
                ]))
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
            refusals.add(RefusedDelivery(.storeUnavailable, arrival))
            log.error(
                "A webhook could not be stored; its sender was told to repeat it.",
                metadata: marks.on([
                    "source": "\(arrival.sourceID)", "incident": "\(arrival.event.incidentID)",
                    "error": "\(error)",
                ]))
            return Self.notStored
        }
    }

    private func answer(to refusal: PayloadRefusal, _ refused: Refused) -> HTTPResponse {
        // Whoever gets a 400 doesn't send it again.
        guard !refusal.isTransient else { return refuse(.overloaded, Self.overloaded, refused) }
        let reason: DeliveryRefusal =
            switch refusal {
            case .notJSON: .notJSON
            case .noIncidentID: .noIncidentID
            case .badIncidentID: .badIncidentID
            }
        let problem = HTTPResponse.problem(
            .badRequest, code: reason.rawValue, detail: refusal.explanation)
        return refuse(reason, problem, refused)
    }

    // One and the same answer for an unknown source, a disabled one and a wrong secret.
    static let unauthorized = HTTPResponse.problem(
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
