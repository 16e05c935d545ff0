package import Alerts

/// What a live check of an API key found.
package enum KeyCheck: Sendable, Equatable {
    /// BigPanda accepts it and shows these environments.
    case good([Integration.Environment])
    /// 401.
    case rejected
    /// 403.
    case forbidden
    /// What answers at the address is not BigPanda's API.
    case notBigPanda(reason: String)
    /// Nobody can tell: no answer, or none that says anything about the key.
    case unreachable(reason: String)

    /// Reads the answer to a request for the environments.
    package init(_ answer: Result<[Integration.Environment], CallFailure>) {
        switch answer {
        case .success(let environments): self = .good(environments)
        case .failure(.keyRejected): self = .rejected
        case .failure(.keyForbidden): self = .forbidden
        case .failure(.notFound):
            self = .notBigPanda(
                reason: "it answered 404; check the region or the base URL")
        case .failure(.notBigPanda(let reason)): self = .notBigPanda(reason: reason)
        case .failure(.rateLimited):
            self = .unreachable(reason: "BigPanda asked to slow down (429)")
        case .failure(.delayed(let reason, _)), .failure(.unknown(let reason)),
            .failure(.refused(let reason)):
            self = .unreachable(reason: reason)
        }
    }

    /// The state of an integration whose key was found like this, and why in words.
    package var state: (state: IntegrationState, reason: String?) {
        switch self {
        case .good: (.connected, nil)
        case .rejected: (.keyRejected, "BigPanda rejected the API key (401).")
        case .forbidden:
            (
                .keyForbidden,
                "BigPanda accepts the API key, but its owner lacks a permission (403)."
            )
        case .notBigPanda(let reason):
            (.unreachable, "What answers at the address is not BigPanda's API: \(reason).")
        case .unreachable(let reason):
            (.unreachable, "BigPanda could not be reached: \(reason).")
        }
    }
}
