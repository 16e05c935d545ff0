/// Why TLS can't be served with what was given.
///
/// Says nothing about the key but whether it could be used.
package enum TLSError: Error, Equatable, Sendable {
    /// The file for certificates holds none.
    case noCertificate
    /// The file for the key holds none.
    case noKey
    /// The key is sealed with a password, and nobody is there to type it.
    case encryptedKey
    /// The key belongs to another certificate.
    case keyMismatch
    /// The certificate's or the key's algorithm or length is too weak, or not known.
    case refused
    /// The file with clients' authorities holds none.
    case noAuthority
    /// OpenSSL failed where only a lack of memory or a missing provider makes it fail.
    case library(operation: String)

    /// What is wrong, in words, to follow a file's name.
    package var reason: String {
        switch self {
        case .noCertificate: "holds no certificate in PEM form"
        case .noKey: "holds no private key in PEM form"
        case .encryptedKey:
            "holds a key that is sealed with a password; write it without one, readable by the "
                + "gateway alone"
        case .keyMismatch: "holds a key that does not belong to the certificate"
        case .refused: "holds a certificate that OpenSSL does not accept, such as a weak one"
        case .noAuthority: "holds no authority's certificate in PEM form"
        case .library(let operation): "can't be used: \(operation) failed"
        }
    }
}
