package import JSON

/// Why a webhook's body names no incident.
package enum PayloadRefusal: Error, Sendable, Equatable {
    /// It is not JSON.
    case notJSON(JSONError)
    /// It carries no incident with an id.
    case noIncidentID
    /// The incident's id is no string of 1 to `PayloadLimits.incidentIDBytesMax` bytes.
    case badIncidentID

    /// Whether the body may be good and we had no memory to read it: then it is to be sent again.
    package var isTransient: Bool {
        switch self {
        case .notJSON(let error): error.reason == .outOfMemory
        case .noIncidentID, .badIncidentID: false
        }
    }

    /// The refusal in a word that stays the same, for the journal of deliveries and for counting.
    package var reason: String {
        switch self {
        case .notJSON: "not_json"
        case .noIncidentID: "no_incident_id"
        case .badIncidentID: "bad_incident_id"
        }
    }

    /// The refusal in a sentence for whoever set the webhook up; quotes nothing of the body.
    package var explanation: String {
        switch self {
        case .notJSON(let error): "The body is not JSON: \(error)."
        case .noIncidentID: "The body has no incident.id."
        case .badIncidentID:
            "The incident's id is not a string of 1 to \(PayloadLimits.incidentIDBytesMax) bytes."
        }
    }
}
