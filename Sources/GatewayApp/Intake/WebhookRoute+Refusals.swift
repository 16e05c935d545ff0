import Alerts
import EventLoop
import HTTPServer
import Logging

/// Who showed a secret: the source it opens, and which of its secrets it was.
typealias Opener = (source: Source, secret: SecretID)

// How a webhook is turned away: it is counted, logged and put into the journal.
extension WebhookRoute {
    /// A request that is turned away, as far as it is known.
    struct Refused {
        let head: HTTPRequestHead
        let opener: Opener
        let body: [UInt8]?
        var incidentID: String?

        init(_ head: HTTPRequestHead, by opener: Opener, body: [UInt8]? = nil) {
            self.head = head
            self.opener = opener
            self.body = body
        }
    }

    /// Turns away who showed a secret but sent what can't be taken in.
    func refuse(
        _ refusal: DeliveryRefusal, _ response: HTTPResponse, _ refused: Refused
    ) -> HTTPResponse {
        note(refusal, refused)
        return response
    }

    /// Keeps a refused request, its body included unless that is large.
    func note(_ refusal: DeliveryRefusal, _ refused: Refused) {
        let (head, source) = (refused.head, refused.opener.source.id)
        let sender = sender(of: head)
        tell(refusal, head, sender: sender, source: source, incident: refused.incidentID)
        refusals.add(
            RefusedDelivery(
                reason: refusal, receivedAt: clock.now, sourceID: source,
                secretID: refused.opener.secret, incidentID: refused.incidentID,
                request: DeliveryRequest(
                    peer: sender, headerLines: KeptHeaders.lines(of: head, unless: detector.finds),
                    body: refused.body.flatMap { RefusedDelivery.body($0) },
                    bytes: refused.body?.count ?? head.contentLength ?? 0)))
    }

    /// Turns away who showed no secret that opens anything.
    func refuseStranger(
        _ head: HTTPRequestHead, _ parameters: RouteParameters
    ) -> HTTPResponse {
        noteStranger(head, parameters, .badSecret)
        return Self.unauthorized
    }

    /// Counts a request of somebody who showed no secret; of many such, some are kept.
    func noteStranger(
        _ head: HTTPRequestHead, _ parameters: RouteParameters, _ refusal: DeliveryRefusal
    ) {
        let sender = sender(of: head)
        // Only an id that we made is repeated: in its place somebody may have put a secret.
        let source = directory.source(parameters["source_id"] ?? "")?.id
        if refusal == .badSecret, let source {
            metrics.countWrongSecret(of: source, at: clock.now)
        }
        tell(refusal, head, sender: sender, source: source)
        guard refusals.admitsStranger(sender) else { return }
        refusals.add(
            RefusedDelivery(
                reason: refusal, receivedAt: clock.now, sourceID: source, secretID: nil,
                request: DeliveryRequest(
                    peer: sender, headerLines: KeptHeaders.lines(of: head, unless: detector.finds),
                    bytes: head.contentLength ?? 0)))
    }

    /// The sender's address, as far as proxies are believed.
    func sender(of head: HTTPRequestHead) -> String {
        PeerAddress.sender(
            connection: head.peer, hops: trustedProxies.isEmpty ? .none : ForwardedHops(head),
            trusted: trustedProxies)
    }

    private func tell(
        _ refusal: DeliveryRefusal, _ head: HTTPRequestHead, sender: String, source: SourceID?,
        incident: String? = nil
    ) {
        metrics.count(refusal)
        var metadata: Logger.Metadata = [
            "reason": "\(refusal.rawValue)", "peer": "\(sender)",
            "source": "\(source?.text ?? "unknown")",
        ]
        if let incident { metadata["incident"] = "\(incident)" }
        log.notice("A webhook was refused.", metadata: RequestMarks(head).on(metadata))
    }
}

extension RefusedDelivery {
    /// A webhook that could be read but not be stored.
    init(_ reason: DeliveryRefusal, _ arrival: WebhookArrival) {
        var request = arrival.request
        request.body = request.body.flatMap { Self.body($0) }
        self.init(
            reason: reason, receivedAt: arrival.receivedAt, sourceID: arrival.sourceID,
            secretID: arrival.secretID, incidentID: arrival.event.incidentID, request: request)
    }

    /// What is kept of a refused body: all or nothing, since half of one can't be replayed.
    static func body(_ body: [UInt8]) -> [UInt8]? {
        body.count <= Limits.refusedBodyBytesMax ? body : nil
    }
}

extension DeliveryRefusal {
    /// What the server's reason is called here.
    init(_ reason: HTTPUnserved) {
        self =
            switch reason {
            case .methodNotAllowed: .methodNotAllowed
            case .tooLarge: .tooLarge
            case .tooSlow: .requestTimeout
            case .truncated: .truncated
            case .malformed: .malformed
            case .unavailable: .overloaded
            }
    }
}
