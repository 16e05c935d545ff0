import CCurl

/// A transfer that brought no whole answer.
package struct CurlError: Error, Sendable, Equatable {
    /// What kind of thing went wrong.
    package enum Kind: Sendable, Equatable, CaseIterable {
        /// The host's name has no address, or the resolver didn't say.
        case resolve
        /// No connection came about.
        case connect
        /// The handshake failed, the certificate of the peer included.
        case tls
        /// A deadline passed.
        case timeout
        /// The connection ended before the answer did.
        case reset
        /// The answer is longer than was accepted.
        case tooLarge
        /// The URL is none, or its scheme is not allowed.
        case badURL
        /// The proxy could not be reached or refused.
        case proxy
        /// The name has no address but such as the request does not admit.
        case addressRefused
        /// The task was cancelled, or the driver was closed.
        case aborted
        /// Anything else, an answer that is no HTTP included.
        case other
    }

    /// libcurl's `CURLcode`; 0 when libcurl was not asked.
    package let code: Int32
    /// A sentence for a log or a person: what was tried, with whom, and what came back; holds no
    /// header and no body.
    package let message: String
    /// What kind of thing went wrong.
    package let kind: Kind
    /// False only when it is certain that no byte of the request left, so that repeating it is
    /// safe; otherwise the peer may have acted on it.
    package let wasRequestSent: Bool

    /// An error; made by hand in tests of what handles it.
    package init(code: Int32, message: String, kind: Kind, wasRequestSent: Bool) {
        self.code = code
        self.message = message
        self.kind = kind
        self.wasRequestSent = wasRequestSent
    }
}

extension CurlError: CustomStringConvertible {
    /// The message.
    package var description: String { message }
}

extension CurlError.Kind {
    /// Sorts what libcurl says.
    ///
    /// Source: <https://curl.se/libcurl/c/libcurl-errors.html>
    init(_ code: CURLcode, wasRequestSent: Bool) {
        switch code {
        case CURLE_COULDNT_RESOLVE_HOST:
            self = .resolve
        case CURLE_COULDNT_CONNECT, CURLE_INTERFACE_FAILED:
            self = .connect
        case CURLE_SSL_CONNECT_ERROR, CURLE_PEER_FAILED_VERIFICATION, CURLE_SSL_CERTPROBLEM,
            CURLE_SSL_CIPHER, CURLE_SSL_CACERT_BADFILE, CURLE_SSL_ISSUER_ERROR,
            CURLE_SSL_PINNEDPUBKEYNOTMATCH, CURLE_SSL_INVALIDCERTSTATUS, CURLE_SSL_CLIENTCERT,
            CURLE_SSL_CRL_BADFILE, CURLE_USE_SSL_FAILED:
            self = .tls
        case CURLE_OPERATION_TIMEDOUT:
            self = .timeout
        case CURLE_SEND_ERROR, CURLE_RECV_ERROR, CURLE_GOT_NOTHING, CURLE_PARTIAL_FILE,
            CURLE_HTTP2, CURLE_HTTP2_STREAM, CURLE_SEND_FAIL_REWIND, CURLE_SSL_SHUTDOWN_FAILED:
            self = .reset
        case CURLE_FILESIZE_EXCEEDED:
            self = .tooLarge
        case CURLE_URL_MALFORMAT:
            self = .badURL
        case CURLE_UNSUPPORTED_PROTOCOL:
            // Also what libcurl says of an answer that is no HTTP (libcurl lib/http.c).
            self = wasRequestSent ? .other : .badURL
        case CURLE_COULDNT_RESOLVE_PROXY, CURLE_PROXY:
            self = .proxy
        case CURLE_ABORTED_BY_CALLBACK:
            self = .aborted
        default:
            self = .other
        }
    }
}
