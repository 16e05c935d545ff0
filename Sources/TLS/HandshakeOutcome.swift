import COpenSSL

/// What a handshake came to, as far as an operator can do something about it.
package enum HandshakeOutcome: Int, Sendable, CaseIterable {
    /// The two ends agreed.
    case done
    /// The client speaks older versions only.
    case version
    /// No cipher suite, group or signature is known to both ends.
    case cipher
    /// The client offers other protocols than HTTP/1.1 alone.
    case applicationProtocol
    /// The client showed no certificate, or none of the authorities that may let it in.
    case clientCertificate
    /// The client gave up with an alert: it does not trust our certificate, most of the time.
    case refusedByClient
    /// The client spoke plain HTTP.
    case plainHTTP
    /// What came was no handshake, or one that breaks its rules or bounds.
    case malformed
    /// It took too long.
    case timedOut
    /// The client went away; checks of a load balancer whether the port is open do.
    case left

    /// The metric label.
    package var label: String {
        switch self {
        case .done: "done"
        case .version: "version"
        case .cipher: "cipher"
        case .applicationProtocol: "application_protocol"
        case .clientCertificate: "client_certificate"
        case .refusedByClient: "refused_by_client"
        case .plainHTTP: "plain_http"
        case .malformed: "malformed"
        case .timedOut: "timed_out"
        case .left: "left"
        }
    }

    /// Judges by the newest error that OpenSSL put down, and leaves it there.
    ///
    /// Source: ERR_peek_last_error(3); from 1000 on a reason is an alert that came in, ssl.h.
    static func ofLastError() -> HandshakeOutcome {
        switch ERR_GET_REASON(ERR_peek_last_error()) {
        case SSL_R_UNSUPPORTED_PROTOCOL, SSL_R_VERSION_TOO_LOW, SSL_R_UNKNOWN_PROTOCOL: .version
        case SSL_R_NO_SHARED_CIPHER, SSL_R_NO_SUITABLE_SIGNATURE_ALGORITHM,
            SSL_R_NO_SHARED_SIGNATURE_ALGORITHMS, SSL_R_NO_SUITABLE_KEY_SHARE,
            SSL_R_NO_SHARED_GROUPS:
            .cipher
        case SSL_R_NO_APPLICATION_PROTOCOL: .applicationProtocol
        case SSL_R_PEER_DID_NOT_RETURN_A_CERTIFICATE, SSL_R_CERTIFICATE_VERIFY_FAILED:
            .clientCertificate
        case SSL_AD_REASON_OFFSET...: .refusedByClient
        default: .malformed
        }
    }
}
