import Alerts

/// One call, before it becomes a request of libcurl's.
struct CallRequest: Sendable, Equatable {
    let method: String
    let baseURL: BaseURL
    /// What follows the base URL.
    let path: String
    let key: APIKey
    /// JSON, if anything.
    var body: [UInt8]?
    /// The trace on whose behalf it is made, if any.
    var trace: TraceContext?
}

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

/// Why nothing came back for a call.
struct CallBreak: Error, Equatable {
    enum Kind: Sendable, Equatable {
        /// The answer is longer than any of BigPanda's.
        case tooLarge
        /// The address can't be used.
        case badAddress
        /// Anything that may be over the next time.
        case passing
    }

    let kind: Kind
    let message: String
    /// False only when it is certain that BigPanda got nothing.
    let mayHaveArrived: Bool
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
    /// - Parameters:
    ///   - failure: What broke off.
    ///   - isRepeatable: Whether a call that arrived without our knowing does no harm.
    init(_ failure: CallBreak, isRepeatable: Bool) {
        // It becomes part of a sentence.
        let text = failure.message
        let message = text.hasSuffix(".") ? text.dropLast() : text[...]
        let reason = "No answer from BigPanda: \(message)"
        guard isRepeatable || !failure.mayHaveArrived else {
            self = .unknown(reason: reason)
            return
        }
        switch failure.kind {
        case .tooLarge: self = .notBigPanda(reason: String(message))
        case .badAddress: self = .refused(reason: reason)
        case .passing: self = .delayed(reason: reason, retryAfter: nil)
        }
    }
}
