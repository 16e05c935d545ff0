/// A webhook endpoint: a callback URL and the secret that opens it.
package struct Source: Sendable, Equatable {
    /// The gateway's name for it, part of the callback URL.
    package let id: SourceID
    /// The integration whose incidents come in through it.
    package let integrationID: IntegrationID
    /// What people call it.
    package var name: String
    /// Whether webhooks are taken in.
    package var isEnabled: Bool
    /// Whether it is told when webhooks that usually come stay away.
    package var isWatchedForQuiet = true
    /// The secrets that open it, newest first; two while an old one is being replaced.
    package var secrets: [SourceSecret]
    /// When the last webhook was taken in.
    package var lastDeliveryAt: Timestamp?
    /// How many webhooks were taken in.
    package var deliveryCount: Int
    /// When the source was made.
    package let createdAt: Timestamp
    /// When anything but the counts last changed.
    package var updatedAt: Timestamp

    /// Makes an enabled source with one secret.
    package init(
        id: SourceID, integrationID: IntegrationID, name: String, secret: SourceSecret,
        at now: Timestamp
    ) {
        self.id = id
        self.integrationID = integrationID
        self.name = name
        isEnabled = true
        secrets = [secret]
        deliveryCount = 0
        createdAt = now
        updatedAt = now
    }

    /// The source without what webhooks change of it: their counts, and when secrets were used.
    package var definition: Source {
        var definition = self
        definition.lastDeliveryAt = nil
        definition.deliveryCount = 0
        for index in secrets.indices { definition.secrets[index].lastUsedAt = nil }
        return definition
    }
}

/// What is kept of a webhook secret: enough to recognise it, not enough to use it.
package struct SourceSecret: Sendable, Equatable {
    /// The gateway's name for it.
    package let id: SecretID
    /// The secret's SHA-256, 32 bytes.
    ///
    /// Secrets are 256 random bits, so no slow hash is needed.
    package let hash: [UInt8]
    /// When it was made.
    package let createdAt: Timestamp
    /// When it stops working; `nil` for the current one.
    package var expiresAt: Timestamp?
    /// When a webhook last used it.
    package var lastUsedAt: Timestamp?

    /// Keeps a secret by its hash.
    package init(id: SecretID, hash: [UInt8], createdAt: Timestamp) {
        self.id = id
        self.hash = hash
        self.createdAt = createdAt
    }
}
