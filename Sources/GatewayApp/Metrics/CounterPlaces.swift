package import Alerts

// Where each case has its counter; a switch, which compiles to nothing or next to it.

/// What a step of a close came to; the names are metric labels.
package enum CloseReason: String, Sendable, CaseIterable {
    /// BigPanda took it.
    case accepted
    /// The incident was read as closed, or as something newer.
    case confirmed
    /// The incident was read, and is not closed.
    case open
    /// 401.
    case keyRejected = "key_rejected"
    /// 403.
    case keyForbidden = "key_forbidden"
    /// No environment holds the incident.
    case notFound = "not_found"
    /// 429.
    case rateLimited = "rate_limited"
    /// It was not done and may be later.
    case delayed
    /// Nobody knows whether it was done.
    case unknown
    /// BigPanda refuses it for good.
    case refused

    /// The reason that a result is.
    package init(_ result: CloseMachine.Result) {
        self =
            switch result {
            case .accepted: .accepted
            case .keyRejected: .keyRejected
            case .keyForbidden: .keyForbidden
            case .notFound: .notFound
            case .rateLimited: .rateLimited
            case .delayed: .delayed
            case .unknown: .unknown
            case .refused, .canary(.refused): .refused
            case .canary(.unknown): .accepted
            case .canary(.confirmed): .confirmed
            }
    }

    /// Where it leaves a close if nothing comes in between; these counters are told from the start,
    /// so that a rate of them can be asked for before the first.
    var usualState: CloseState {
        switch self {
        case .accepted: .sent
        case .confirmed: .confirmed
        case .open, .keyRejected, .keyForbidden, .rateLimited, .delayed, .unknown: .pending
        case .notFound, .refused: .failed
        }
    }

    var place: Int {
        switch self {
        case .accepted: 0
        case .confirmed: 1
        case .open: 2
        case .keyRejected: 3
        case .keyForbidden: 4
        case .notFound: 5
        case .rateLimited: 6
        case .delayed: 7
        case .unknown: 8
        case .refused: 9
        }
    }
}

extension CloseState {
    var place: Int {
        switch self {
        case .pending: 0
        case .sending: 1
        case .sent: 2
        case .confirmed: 3
        case .failed: 4
        case .cancelled: 5
        }
    }
}

extension Outcome {
    /// `nil` for what no webhook comes to.
    var place: Int? {
        switch self {
        case .created: 0
        case .updated: 1
        case .resolved: 2
        case .refired: 3
        case .duplicate: 4
        case .ignoredStale: 5
        case .closeOwed, .closeSent, .closeDelayed, .closeConfirmed, .closeFailed, .closeCancelled:
            nil
        }
    }
}

extension Metrics.Reading {
    var place: Int {
        switch self {
        case .unchanged: 0
        case .corrected: 1
        case .outdated: 2
        case .absent: 3
        case .failed: 4
        }
    }
}

extension DeliveryRefusal {
    var place: Int {
        switch self {
        case .badSecret: 0
        case .methodNotAllowed: 1
        case .unsupportedMediaType: 2
        case .notJSON: 3
        case .noIncidentID: 4
        case .badIncidentID: 5
        case .tooLarge: 6
        case .requestTimeout: 7
        case .truncated: 8
        case .malformed: 9
        case .overloaded: 10
        case .storeUnavailable: 11
        }
    }
}
