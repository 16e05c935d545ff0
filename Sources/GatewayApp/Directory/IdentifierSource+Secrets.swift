import Alerts
import EventLoop
import TLS

extension IdentifierSource {
    /// A new webhook secret, and what is kept of it; `nil` when the system gives no randomness.
    func makeSecret(at now: Timestamp) -> (text: String, secret: SourceSecret)? {
        do throws(CryptoError) {
            let text = Base64.encodeURL(try SecureRandom.bytes(32))
            let secret = SourceSecret(
                id: SecretID(make(.secret)), hash: Digest.sha256(text), createdAt: now)
            return (text, secret)
        } catch {
            return nil
        }
    }
}
