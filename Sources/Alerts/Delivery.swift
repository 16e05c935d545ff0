/// One inbound webhook request as the journal keeps it, accepted or not.
package struct Delivery: Sendable, Equatable {
    /// The gateway's name for it.
    package let id: DeliveryID
    /// When it arrived.
    package let receivedAt: Timestamp
    /// The source that it named; `nil` when there was none of that name.
    package let sourceID: SourceID?
    /// The secret that opened it; `nil` when none did, and for a replay.
    package let secretID: SecretID?
    /// What came of it.
    package let verdict: Verdict
    /// BigPanda's id of the incident, as far as the body was read.
    package let incidentID: String?
    /// The alert it belongs to, which may be gone since; `nil` for a refused one.
    package let alertID: AlertID?
    /// The sender's address.
    package let peer: String
    /// Bytes of the body as it came in, or was announced when it wasn't read.
    package let bytes: Int
    /// The delivery that this one repeats; `nil` for one that came in by itself.
    package let replayOf: DeliveryID?

    /// What came of a delivery.
    package enum Verdict: Sendable, Equatable {
        /// It was taken in.
        case accepted(Outcome)
        /// It was turned away.
        case refused(DeliveryRefusal)

        /// The outcome as the API and the store write it.
        package var outcomeText: String {
            switch self {
            case .accepted(let outcome): outcome.rawValue
            case .refused: Self.refusedText
            }
        }

        /// The reason of a refusal.
        package var refusal: DeliveryRefusal? {
            switch self {
            case .accepted: nil
            case .refused(let refusal): refusal
            }
        }

        /// The outcome of every refused delivery.
        package static let refusedText = "refused"
    }

    /// Puts together what a store has read.
    package init(
        id: DeliveryID, receivedAt: Timestamp, sourceID: SourceID?, secretID: SecretID?,
        verdict: Verdict, incidentID: String?, alertID: AlertID?, peer: String, bytes: Int,
        replayOf: DeliveryID?
    ) {
        self.id = id
        self.receivedAt = receivedAt
        self.sourceID = sourceID
        self.secretID = secretID
        self.verdict = verdict
        self.incidentID = incidentID
        self.alertID = alertID
        self.peer = peer
        self.bytes = bytes
        self.replayOf = replayOf
    }
}

/// Names a delivery: the journal's running number, so that no index is needed to find it.
package typealias DeliveryID = Identifier<Delivery>

extension Identifier<Delivery> {
    /// The id of the delivery with a number in the journal, 1 or more.
    package init(number: Int64) {
        self.init("dlv_\(number)")
    }

    /// The number in the journal; `nil` for a text that is no id of a delivery.
    package var number: Int64? {
        guard text.hasPrefix("dlv_"), let number = Int64(text.dropFirst(4)), number > 0,
            // One spelling for each: no signs, no leading zeros.
            "dlv_\(number)" == text
        else { return nil }
        return number
    }
}

/// Why a webhook was not taken in; metrics and the journal write these names.
package enum DeliveryRefusal: String, Sendable, CaseIterable {
    /// Unknown or disabled source, missing or wrong secret.
    case badSecret = "bad_secret"
    /// The method is none that webhooks come with.
    case methodNotAllowed = "method_not_allowed"
    /// The media type is not JSON, or the content is coded.
    case unsupportedMediaType = "unsupported_media_type"
    /// The body is not JSON.
    case notJSON = "not_json"
    /// The payload has no incident id.
    case noIncidentID = "no_incident_id"
    /// The incident's id is not a string of 1 to 256 bytes.
    case badIncidentID = "bad_incident_id"
    /// The body is larger than is taken in.
    case tooLarge = "too_large"
    /// The body came too slowly.
    case requestTimeout = "request_timeout"
    /// The sender broke off before the body was whole.
    case truncated = "truncated_request"
    /// The body's framing is broken.
    case malformed = "bad_framing"
    /// Too many webhooks were waiting.
    case overloaded
    /// The store failed.
    case storeUnavailable = "store_unavailable"
}

/// What a sender sent, as far as it is kept.
package struct DeliveryRequest: Sendable, Equatable {
    /// The sender's address, proxies that are trusted left out.
    package var peer: String
    /// The header's fields without those that hold a secret, each as `Name: value` and a line feed.
    package var headerLines: [UInt8]
    /// The content; `nil` when it is not kept.
    package var body: [UInt8]?
    /// Bytes of the content as it came in, or was announced.
    package var bytes: Int
    /// The delivery that this one repeats.
    package var replayOf: DeliveryID?

    /// Describes a request.
    package init(
        peer: String = "", headerLines: [UInt8] = [], body: [UInt8]? = nil, bytes: Int? = nil,
        replayOf: DeliveryID? = nil
    ) {
        self.peer = peer
        self.headerLines = headerLines
        self.body = body
        self.bytes = bytes ?? body?.count ?? 0
        self.replayOf = replayOf
    }

    /// The header's fields in order.
    package var headers: [(name: String, value: String)] {
        headerLines.split(separator: UInt8(ascii: "\n")).map { line in
            let name = line.prefix { $0 != UInt8(ascii: ":") }
            return (
                String(decoding: name, as: UTF8.self),
                String(decoding: line.dropFirst(name.count + 2), as: UTF8.self)
            )
        }
    }
}

/// A webhook that was turned away, on its way into the journal.
package struct RefusedDelivery: Sendable, Equatable {
    /// Why.
    package let reason: DeliveryRefusal
    /// When it arrived.
    package let receivedAt: Timestamp
    /// The source that it named, if there is one of that name.
    package let sourceID: SourceID?
    /// The secret that opened it, if one did.
    package let secretID: SecretID?
    /// BigPanda's id of the incident, as far as the body was read.
    package let incidentID: String?
    /// What was sent.
    package let request: DeliveryRequest

    /// Makes one.
    package init(
        reason: DeliveryRefusal, receivedAt: Timestamp, sourceID: SourceID?, secretID: SecretID?,
        incidentID: String? = nil, request: DeliveryRequest
    ) {
        self.reason = reason
        self.receivedAt = receivedAt
        self.sourceID = sourceID
        self.secretID = secretID
        self.incidentID = incidentID
        self.request = request
    }
}
