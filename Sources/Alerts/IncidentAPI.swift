/// What the gateway asks of one BigPanda organisation, with one key.
///
/// Each call has a deadline of its own and never repeats itself; when to call, and how often, is
/// the caller's business.
package protocol IncidentAPI: Sendable {
    /// The environments that the key can see; also the way to check a key.
    func environments() async -> Result<[Integration.Environment], CallFailure>
    /// One incident as it is now.
    func read(
        incidentID: String, environmentID: String
    ) async -> Result<IncidentReading, CallFailure>
    /// Closes one incident; BigPanda does it some time after it accepted it.
    func close(
        incidentID: String, environmentID: String, message: String
    ) async -> Result<CloseAcceptance, CallFailure>
    /// One page, counted from 1, of an environment's open incidents; up to 100 are on a page.
    func openIncidents(
        environmentID: String, page: Int
    ) async -> Result<IncidentPage, CallFailure>
    /// What happened last to an incident that no environment holds.
    func absence(of incidentID: String) async -> Result<IncidentAbsence, CallFailure>
    /// The body of what BigPanda answers to a call about its Webhook v2 integrations.
    func outbound(_ call: OutboundCall) async -> Result<[UInt8], CallFailure>
}

// Not every stand-in has lists and histories; without them each incident is read by itself.
extension IncidentAPI {
    /// No list.
    package func openIncidents(
        environmentID: String, page: Int
    ) async -> Result<IncidentPage, CallFailure> { .failure(.notFound) }

    /// No such integrations.
    package func outbound(_ call: OutboundCall) async -> Result<[UInt8], CallFailure> {
        .failure(.notFound)
    }

    /// No history.
    package func absence(of incidentID: String) async -> Result<IncidentAbsence, CallFailure> {
        .failure(.notFound)
    }
}

/// How BigPanda accepted a close.
package enum CloseAcceptance: Sendable, Equatable {
    /// It will be carried out (2xx).
    case accepted
    /// The incident was closed already (409).
    case alreadyClosed
}

/// Why a call to BigPanda came to nothing.
package enum CallFailure: Error, Sendable, Equatable {
    /// 401: the key is unknown, expired or deactivated.
    case keyRejected
    /// 403: the key's owner lacks a permission.
    case keyForbidden
    /// 404: there is no such thing for this key.
    case notFound
    /// 429, and for how long, if BigPanda said so.
    case rateLimited(retryAfter: Duration?)
    /// It was certainly not done, and may work later: 5xx, no connection.
    case delayed(reason: String, retryAfter: Duration?)
    /// It may or may not have been done: no answer after the request was sent.
    case unknown(reason: String)
    /// What answered is not BigPanda's API.
    case notBigPanda(reason: String)
    /// BigPanda refused in a way that trying again can't change.
    case refused(reason: String)
}
