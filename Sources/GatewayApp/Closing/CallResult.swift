import Alerts

/// What a call to BigPanda came to; the names are metric labels.
enum CallResult: String, CaseIterable {
    /// 2xx, or 409 to a close.
    case ok
    /// 401.
    case keyRejected = "key_rejected"
    /// 403.
    case keyForbidden = "key_forbidden"
    /// 404.
    case notFound = "not_found"
    /// 429.
    case rateLimited = "rate_limited"
    /// 5xx, or no connection.
    case failed
    /// 502, 504 or no answer, after the request was sent.
    case unknown
    /// An answer that is none of BigPanda's API.
    case notBigPanda = "not_bigpanda"
    /// Another 4xx, or not sent at all.
    case refused

    /// Names a result.
    init<Success>(_ result: Result<Success, CallFailure>) {
        self =
            switch result {
            case .success: .ok
            case .failure(.keyRejected): .keyRejected
            case .failure(.keyForbidden): .keyForbidden
            case .failure(.notFound): .notFound
            case .failure(.rateLimited): .rateLimited
            case .failure(.delayed): .failed
            case .failure(.unknown): .unknown
            case .failure(.notBigPanda): .notBigPanda
            case .failure(.refused): .refused
            }
    }

    var place: Int {
        switch self {
        case .ok: 0
        case .keyRejected: 1
        case .keyForbidden: 2
        case .notFound: 3
        case .rateLimited: 4
        case .failed: 5
        case .unknown: 6
        case .notBigPanda: 7
        case .refused: 8
        }
    }
}
