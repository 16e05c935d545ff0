import CCurl

/// A request that got no whole answer.
package struct CurlError: Error, Sendable, Equatable {
    /// What stood in the way.
    package enum Kind: Sendable, Equatable {
        /// The host's name has no address.
        case resolve
        /// Nobody answers at the address.
        case connect
        /// No trust could be established: certificate, version or cipher.
        case tls
        /// A deadline passed.
        case timeout
        /// The connection ended before the answer did.
        case reset
        /// The answer is larger than allowed.
        case tooLarge
        /// The URL can't be used, or its scheme is not allowed.
        case badURL
        /// The proxy refused or can't be reached.
        case proxy
        /// What answered does not speak HTTP.
        case garbage
        /// The caller or the end of the driver stopped it.
        case aborted
        /// Anything else.
        case other
    }

    /// libcurl's `CURLE_…` code, or 0 when it did not come from a transfer.
    package let code: Int32
    /// What was tried and what came back, never headers or bodies.
    package let message: String
    /// What stood in the way.
    package let kind: Kind
    /// False only when it is certain that no byte of the request left.
    package let wasRequestSent: Bool

    init(code: CURLcode, message: String, wasRequestSent: Bool) {
        self.code = Int32(bitPattern: code.rawValue)
        self.message = message
        kind = Self.kind(of: code)
        self.wasRequestSent = wasRequestSent
    }

    init(_ kind: Kind, _ message: String, wasRequestSent: Bool = false) {
        code = 0
        self.message = message
        self.kind = kind
        self.wasRequestSent = wasRequestSent
    }

    /// Sorts libcurl's codes.
    ///
    /// Source: <https://curl.se/libcurl/c/libcurl-errors.html>
    private static func kind(of code: CURLcode) -> Kind {
        switch code {
        case CURLE_COULDNT_RESOLVE_HOST: .resolve
        case CURLE_COULDNT_CONNECT, CURLE_INTERFACE_FAILED: .connect
        case CURLE_COULDNT_RESOLVE_PROXY, CURLE_PROXY: .proxy
        case CURLE_SSL_CONNECT_ERROR, CURLE_PEER_FAILED_VERIFICATION, CURLE_SSL_CERTPROBLEM,
            CURLE_SSL_CIPHER, CURLE_SSL_CACERT_BADFILE, CURLE_SSL_ISSUER_ERROR,
            CURLE_SSL_INVALIDCERTSTATUS, CURLE_USE_SSL_FAILED, CURLE_SSL_ENGINE_NOTFOUND:
            .tls
        case CURLE_OPERATION_TIMEDOUT: .timeout
        case CURLE_SEND_ERROR, CURLE_RECV_ERROR, CURLE_GOT_NOTHING, CURLE_PARTIAL_FILE,
            CURLE_SEND_FAIL_REWIND, CURLE_HTTP2, CURLE_HTTP2_STREAM:
            .reset
        case CURLE_UNSUPPORTED_PROTOCOL, CURLE_URL_MALFORMAT: .badURL
        case CURLE_WEIRD_SERVER_REPLY, CURLE_BAD_CONTENT_ENCODING: .garbage
        case CURLE_ABORTED_BY_CALLBACK: .aborted
        case _: .other
        }
    }
}
