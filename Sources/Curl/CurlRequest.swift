/// One HTTP request to be made.
package struct CurlRequest: Sendable {
    /// The method, in capitals.
    package var method: String
    /// The absolute URL, without credentials.
    package var url: String
    /// Header fields in the order in which they are sent; `Content-Length` and `Host` are made up
    /// by libcurl, as is `User-Agent` unless it is given here.
    package var headers: [(name: String, value: String)] = []
    /// The body; nil for none.
    package var body: [UInt8]?
    /// How long resolving, connecting and the TLS handshake may take together.
    package var connectDeadline = Duration.seconds(5)
    /// How long the transfer may take as a whole, waiting for a free connection included.
    package var totalDeadline = Duration.seconds(15)
    /// The longest body that is accepted, in bytes.
    package var responseBodyBytesMax = CurlLimits.responseBodyBytesDefaultMax
    /// Whether `http:` is accepted as well as `https:`.
    package var allowsPlainHTTP = false
    /// Whether the proxies that the environment names are used (`https_proxy`, `no_proxy` and so
    /// on); never for a Unix socket.
    package var allowsProxy = true
    /// Whether libcurl may send an idempotent request again, without a word, when a connection that
    /// it used before was closed without an answer.
    package var allowsRepeat = true
    /// The Unix socket to connect to in place of the URL's host.
    package var unixSocketPath: String?
    /// Whether the server has to prove who it is; false only for this machine's own, without
    /// secrets in the request.
    package var checksCertificate = true
    /// Whether an answer whose body is longer than accepted is cut off there rather than an error.
    package var cutsResponseBody = false
    /// Decides, once a name is resolved, which addresses may be connected to; of 4 or 16 bytes.
    ///
    /// A proxy's address is asked for like any other; `nil` lets all be.
    /// A connection that is used again was decided on when it was opened: requests that are decided
    /// differently need another driver.
    package var admits: (@Sendable ([UInt8]) -> Bool)?
    /// A PEM file with the authorities to trust in place of the system's.
    package var caFile: String?

    /// A request without headers and body, with the usual deadlines.
    package init(method: String, url: String) {
        self.method = method
        self.url = url
    }
}

extension CurlRequest {
    /// Whether making the request twice is the same as making it once.
    ///
    /// Source: RFC 9110, section 9.2.2.
    var isIdempotent: Bool {
        ["GET", "HEAD", "OPTIONS", "PUT", "DELETE"].contains(method)
    }

    /// The method, and the URL's scheme, host and port: what an error may say about the request.
    var summary: String {
        guard let scheme = url.firstRange(of: "://") else { return method }
        let rest = url[scheme.upperBound...]
        let end = rest.firstIndex { $0 == "/" || $0 == "?" || $0 == "#" } ?? rest.endIndex
        let authority = rest[..<end]
        // Credentials don't belong in a URL here; if there are any, they don't get any further.
        let host = authority.lastIndex(of: "@").map { authority[authority.index(after: $0)...] }
        return "\(method) \(url[..<scheme.upperBound])\(host ?? authority)"
    }
}
