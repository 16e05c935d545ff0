package import Alerts
package import TLS

/// Signs webhooks, so that their receiver knows whose they are and that they are new.
///
/// Source: Standard Webhooks, "Signature scheme".
package enum OutboundSignature {
    /// The value of `webhook-signature`: one signature for each secret, in their order.
    ///
    /// `id` and `seconds` are the values of `webhook-id` and `webhook-timestamp`; a secret that is
    /// none is passed over.
    package static func field(
        id: String, seconds: Int64, body: String, secrets: [SigningSecret]
    ) -> String {
        let message = Array("\(id).\(seconds).\(body)".utf8)
        return secrets.compactMap { secret in
            key(of: secret).map { "v1,\(Base64.encode(HMAC.sha256(message, key: $0)))" }
        }.joined(separator: " ")
    }

    /// A new secret.
    ///
    /// - Throws: When the system gives no randomness.
    package static func newSecret() throws(CryptoError) -> SigningSecret {
        SigningSecret(SigningSecret.prefix + Base64.encode(try SecureRandom.bytes(32)))
    }

    private static func key(of secret: SigningSecret) -> Secret? {
        guard secret.secretText.hasPrefix(SigningSecret.prefix),
            var bytes = Base64.decode(
                String(secret.secretText.dropFirst(SigningSecret.prefix.count)))
        else { return nil }
        return Secret(wiping: &bytes)
    }
}
