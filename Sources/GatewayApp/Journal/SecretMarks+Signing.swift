import Alerts
import TLS

extension SecretMarks {
    /// Knows what webhooks to endpoints are signed with.
    init(of secrets: [SigningSecret]) {
        self.init()
        for secret in secrets { insert(secret) }
    }

    /// Adds what webhooks to an endpoint are signed with.
    ///
    /// The base 64 is the secret: it is found with and without the prefix, and the padding. Some
    /// that write JSON put a backslash before a slash, of which base 64 has some.
    mutating func insert(_ secret: SigningSecret) {
        let prefix = SigningSecret.prefix
        var text = Substring(secret.secretText)
        if text.hasPrefix(prefix) { text = text.dropFirst(prefix.count) }
        while text.last == "=" { text.removeLast() }
        insert(String(text).utf8Span.span)
        guard text.contains("/") else { return }
        let parts = text.split(separator: "/", omittingEmptySubsequences: false)
        insert(parts.joined(separator: #"\/"#).utf8Span.span)
    }
}
