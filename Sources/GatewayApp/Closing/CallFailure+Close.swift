import Alerts
import Logging

extension CallFailure {
    /// What the failure of a call that only reads means for a close: nothing can have been done.
    var asRead: CloseMachine.Result {
        switch self {
        case .keyRejected: .keyRejected
        case .keyForbidden: .keyForbidden
        case .notFound: .notFound
        case .rateLimited(let retryAfter): .rateLimited(retryAfter: retryAfter)
        case .delayed(let reason, let retryAfter): .delayed(reason: reason, retryAfter: retryAfter)
        case .unknown(let reason): .delayed(reason: reason, retryAfter: nil)
        // A proxy's error page passes; a wrong address is put right by an operator.
        case .notBigPanda(let reason): .delayed(reason: reason, retryAfter: nil)
        case .refused(let reason): .refused(reason: reason)
        }
    }
}

extension CloseMachine.Result {
    /// What the answer to a close means.
    init(_ answer: Result<CloseAcceptance, CallFailure>) {
        switch answer {
        case .success(.accepted): self = .accepted(isAlreadyClosed: false)
        case .success(.alreadyClosed): self = .accepted(isAlreadyClosed: true)
        case .failure(.unknown(let reason)): self = .unknown(reason: reason)
        case .failure(let failure): self = failure.asRead
        }
    }

    /// How serious it is for an operator.
    var logLevel: Logger.Level {
        switch self {
        case .accepted, .canary(.unknown), .canary(.confirmed): .info
        case .rateLimited, .delayed, .unknown: .notice
        case .keyRejected, .keyForbidden, .canary(.refused): .warning
        case .notFound, .refused: .error
        }
    }
}
