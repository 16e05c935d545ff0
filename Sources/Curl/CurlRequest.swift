/// One HTTP request.
package struct CurlRequest: Sendable {
    /// The method, such as `GET` or `POST`.
    package var method: String
    /// An absolute `https` URL; `http` only with `allowsPlainHTTP`.
    package var url: String
    /// Header fields; neither names nor values hold CR or LF.
    package var headers: [(String, String)] = []
    /// The body, sent once and never twice: libcurl's own repeat on a dead connection would make
    /// one call two.
    package var body: [UInt8]?
    /// From the start to a connection that is ready, TLS included.
    package var connectDeadline = Duration.seconds(10)
    /// From the start to the end of the answer.
    package var totalDeadline = Duration.seconds(30)
    /// A longer answer fails the transfer.
    package var responseBodyBytesMax = 4 << 20
    /// Whether `http` is allowed besides `https`.
    package var allowsPlainHTTP = false
    /// Connects to this Unix socket, whatever host the URL names.
    package var unixSocketPath: String?
    /// A PEM file with the authorities to trust, instead of the system's.
    package var caFile: String?

    /// Makes a request without body.
    package init(method: String, url: String) {
        self.method = method
        self.url = url
    }
}

/// The answer to a request.
package struct CurlResponse: Sendable {
    /// 100 to 599.
    package let statusCode: Int
    /// Header fields of the last answer, names in lower case.
    package let headers: [(name: String, value: String)]
    /// The body.
    package let body: [UInt8]

    /// The first field of this name, which is in lower case.
    package func header(_ name: String) -> String? {
        headers.first { $0.name == name }?.value
    }
}
