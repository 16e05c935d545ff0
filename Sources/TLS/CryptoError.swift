/// A cryptographic operation that could not be carried out.
///
/// Says nothing about the material involved: no key, plaintext or ciphertext bytes.
package enum CryptoError: Error, Equatable, Sendable {
    /// A key has the wrong length; lengths are in bytes.
    case keyLength(expected: Int, actual: Int)
    /// A sealed message is shorter than its nonce and tag, or longer than OpenSSL takes at once.
    case messageLength(Int)
    /// The tag doesn't match: wrong key, wrong associated data, or changed bytes.
    case authenticationFailed
    /// The operating system gave no random bytes.
    case noEntropy
    /// OpenSSL failed where only a lack of memory or a missing provider makes it fail.
    case library(operation: String)

    /// Whether the same call can succeed later.
    package var isRetryable: Bool {
        switch self {
        case .noEntropy, .library: true
        case .keyLength, .messageLength, .authenticationFailed: false
        }
    }
}
