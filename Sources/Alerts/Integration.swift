/// A connection to one BigPanda organisation.
package struct Integration: Sendable, Equatable {
    /// The gateway's name for it.
    package let id: IntegrationID
    /// What people call it.
    package var name: String
    /// Where BigPanda's API is.
    package var endpoint: Endpoint
    /// The environment in which incidents are closed when a payload names none.
    package var environmentID: String?
    /// The environments that the key saw when it was last checked.
    package var environments: [Environment]
    /// The last four characters of the API key, to tell keys apart.
    package var keySuffix: String
    /// When the key ends, if somebody said so.
    package var keyExpiresAt: Timestamp?
    /// Whether BigPanda accepts the key.
    package var state: IntegrationState
    /// What BigPanda answered when the state was found, in words; `nil` when connected.
    package var stateReason: String?
    /// When the key was last checked.
    package var checkedAt: Timestamp
    /// When the integration was made.
    package let createdAt: Timestamp
    /// When anything about it last changed.
    package var updatedAt: Timestamp

    /// Makes an integration whose key was found good at `now`.
    package init(
        id: IntegrationID, name: String, endpoint: Endpoint, environmentID: String?,
        environments: [Environment], keySuffix: String, keyExpiresAt: Timestamp?, at now: Timestamp
    ) {
        self.id = id
        self.name = name
        self.endpoint = endpoint
        self.environmentID = environmentID
        self.environments = environments
        self.keySuffix = keySuffix
        self.keyExpiresAt = keyExpiresAt
        state = .connected
        checkedAt = now
        createdAt = now
        updatedAt = now
    }

    /// Where BigPanda's API is.
    package struct Endpoint: Sendable, Equatable {
        /// `us` or `eu`; `nil` for an address of one's own.
        package let region: String?
        /// The address that API paths are appended to, without a trailing slash.
        package let baseURL: String

        /// Pairs a region with its address.
        package init(region: String?, baseURL: String) {
            self.region = region
            self.baseURL = baseURL
        }
    }

    /// One of BigPanda's views on its incidents.
    package struct Environment: Sendable, Equatable {
        /// BigPanda's id of it.
        package let id: String
        /// What people call it.
        package let name: String

        /// Pairs an id with a name.
        package init(id: String, name: String) {
            self.id = id
            self.name = name
        }
    }
}

/// Whether calls can be made for an integration.
package enum IntegrationState: String, Sendable, Equatable, CaseIterable {
    /// BigPanda accepts the key.
    case connected
    /// BigPanda answered 401; closes wait for another key.
    case keyRejected = "key_rejected"
    /// BigPanda answered 403; closes wait for more permissions or another key.
    case keyForbidden = "key_forbidden"
    /// The last check had no answer; closes go on trying.
    case unreachable

    /// Whether closes are held back until a check finds a good key.
    package var isPaused: Bool {
        switch self {
        case .connected, .unreachable: false
        case .keyRejected, .keyForbidden: true
        }
    }
}

/// A BigPanda API key, which prints as nothing but a placeholder.
package struct APIKey: Sendable, Equatable, CustomStringConvertible, CustomDebugStringConvertible,
    CustomReflectable
{
    /// The key itself: for the `Authorization` header and for sealing, nothing else.
    package let secretText: String

    /// Takes a key in.
    package init(_ text: String) {
        secretText = text
    }

    /// The last four characters, which the API shows.
    package var suffix: String { String(secretText.suffix(4)) }

    /// A placeholder.
    package var description: String { "<API key>" }

    /// A placeholder.
    package var debugDescription: String { "<API key>" }

    /// Nothing: `dump` and string interpolation of an enclosing type must not show the key.
    package var customMirror: Mirror { Mirror(self, children: [:]) }
}
