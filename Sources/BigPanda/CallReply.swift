import Alerts
import Curl

/// What came back for a call, before anybody says what it means.
struct CallReply: Sendable, Equatable {
    let statusCode: Int
    var retryAfter: String?
    /// When it was sent, by the other end's clock.
    var date: String?
    var body: [UInt8] = []

    /// Whether the call was carried out, or at least taken.
    var isSuccess: Bool { (200..<300).contains(statusCode) }

    /// How long the other end asks to be left alone.
    ///
    /// A date counts from the other end's own clock where it says what that shows, so that the two
    /// clocks need not agree.
    func wait(now: Timestamp) -> Duration? {
        guard let retryAfter else { return nil }
        let origin = date.flatMap { RetryAfter.date($0, now: now) } ?? now
        return RetryAfter.duration(retryAfter, now: origin)
    }
}

extension CallReply {
    init(_ response: CurlResponse) {
        statusCode = response.statusCode
        retryAfter = response.header("retry-after")
        date = response.header("date")
        body = response.body
    }
}

extension CallFailure {
    /// What an answer without success means for any call.
    ///
    /// Decided by the status alone: bodies of refusals are not documented.
    /// Source: docs/bigpanda.md, "Validating a key" and "Resolving an incident".
    init(_ reply: CallReply, now: Timestamp) {
        let wait = reply.wait(now: now)
        let reason = "BigPanda answered \(reply.statusCode)"
        switch reply.statusCode {
        case 401: self = .keyRejected
        case 403: self = .keyForbidden
        // 410 stands in BigPanda's list of codes; what is gone can't be found either.
        case 404, 410: self = .notFound
        case 429: self = .rateLimited(retryAfter: wait)
        // Too slow or too early: both ask to be tried again (RFC 9110, 15.5.9; RFC 8470, 5.2).
        case 408, 425, 500...599: self = .delayed(reason: reason, retryAfter: wait)
        case 300..<400:
            self = .notBigPanda(reason: "it answered \(reply.statusCode), a redirect")
        case 400..<500: self = .refused(reason: reason)
        default: self = .notBigPanda(reason: "it answered \(reply.statusCode)")
        }
    }

    /// What it means that nothing came back.
    ///
    /// - Parameter isRepeatable: Whether a call that arrived without our knowing does no harm.
    init(_ error: CurlError, isRepeatable: Bool) {
        // It becomes part of a sentence.
        let message = error.message.hasSuffix(".") ? error.message.dropLast() : error.message[...]
        let reason = "No answer from BigPanda: \(message)"
        guard isRepeatable || !error.wasRequestSent else {
            self = .unknown(reason: reason)
            return
        }
        switch error.kind {
        case .tooLarge: self = .notBigPanda(reason: String(message))
        case .badURL: self = .refused(reason: reason)
        case .resolve, .connect, .tls, .timeout, .reset, .proxy, .aborted, .other:
            self = .delayed(reason: reason, retryAfter: nil)
        }
    }
}
