/// Somewhere that signed webhooks of this gateway go, such as a paging or a chat tool.
package struct OutboundEndpoint: Sendable, Equatable {
    /// The gateway's name for it.
    package let id: EndpointID
    /// What people call it.
    package var name: String
    /// Where webhooks are posted to.
    package var url: String
    /// What it is told of, in the order of `OutboundEvent.allCases`.
    package var events: [OutboundEvent]
    /// Whether it is told of anything.
    package var isEnabled = true
    /// Why the gateway disabled it; `nil` when a person did, or nobody.
    package var disabledReason: DisabledReason?
    /// Calls in a row that came to nothing.
    package var failuresCount = 0
    /// When the first of them was.
    package var failingSince: Timestamp?
    /// When a webhook was last taken.
    package var lastSuccessAt: Timestamp?
    /// When its secret was made.
    package var secretCreatedAt: Timestamp
    /// Until when webhooks are signed with the secret before, too; `nil` when they are not.
    package var previousSecretEndsAt: Timestamp?
    /// When it was made.
    package let createdAt: Timestamp
    /// When somebody last changed it, or the gateway disabled it.
    package var updatedAt: Timestamp

    /// Makes an enabled endpoint.
    package init(
        id: EndpointID, name: String, url: String, events: [OutboundEvent], at now: Timestamp
    ) {
        self.id = id
        self.name = name
        self.url = url
        self.events = events
        secretCreatedAt = now
        createdAt = now
        updatedAt = now
    }

    /// Why the gateway itself disabled an endpoint.
    package enum DisabledReason: String, Sendable, CaseIterable {
        /// It answered 410: it does not want to be called any more.
        case gone
        /// Nothing was taken for as long as `OutboundMachine.disabledAfter`.
        case failing
    }

    /// Endpoints kept at most: each costs a row for everything that it is told of.
    package static let countMax = 50
}

/// Names an endpoint.
package typealias EndpointID = Identifier<OutboundEndpoint>

/// What somebody wants changed of an endpoint; what is `nil` stays.
package struct EndpointChange: Sendable, Equatable {
    /// What people are to call it.
    package var name: String?
    /// Where webhooks are to go.
    package var url: String?
    /// What it is to be told of.
    package var events: [OutboundEvent]?
    /// Whether it is to be told of anything.
    package var isEnabled: Bool?

    /// Changes nothing.
    package init() {}

    /// The endpoint as it is to become.
    ///
    /// One that is enabled, or goes elsewhere, starts anew: how it failed before does not count.
    package func applied(to endpoint: OutboundEndpoint, at now: Timestamp) -> OutboundEndpoint {
        var changed = endpoint
        changed.name = name ?? endpoint.name
        changed.url = url ?? endpoint.url
        changed.events = events ?? endpoint.events
        changed.isEnabled = isEnabled ?? endpoint.isEnabled
        if isEnabled != nil { changed.disabledReason = nil }
        if isEnabled == true || changed.url != endpoint.url {
            changed.failuresCount = 0
            changed.failingSince = nil
        }
        changed.updatedAt = now
        return changed
    }
}

/// What webhooks of an endpoint are signed with; prints as nothing but a placeholder.
package struct SigningSecret: Sendable, Equatable, CustomStringConvertible,
    CustomDebugStringConvertible, CustomReflectable
{
    /// The secret itself, `whsec_` and base 64: for signing and for sealing, nothing else.
    package let secretText: String

    /// Takes a secret in.
    package init(_ text: String) {
        secretText = text
    }

    /// What every secret begins with.
    ///
    /// Source: Standard Webhooks, "Signature scheme".
    package static let prefix = "whsec_"

    /// A placeholder.
    package var description: String { "<signing secret>" }

    /// A placeholder.
    package var debugDescription: String { "<signing secret>" }

    /// Nothing: neither `dump` nor interpolation of an enclosing type must show the secret.
    package var customMirror: Mirror { Mirror(self, children: [:]) }
}
