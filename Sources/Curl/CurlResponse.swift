/// The whole answer to one request, whatever its status.
package struct CurlResponse: Sendable {
    /// The status, such as 200; never a 1xx.
    package var statusCode: Int
    /// Header fields in the order in which they came, names in lower case.
    package var headers: [(name: String, value: String)]
    /// The body as it came; libcurl was not told to decompress any.
    package var body: [UInt8]
    /// The version of HTTP that was spoken: `1.0`, `1.1` or `2`.
    package var httpVersion: String
    /// Whether a connection was used that an earlier transfer had opened.
    package var isConnectionReused: Bool

    /// An answer; made by hand in tests of what reads it.
    package init(
        statusCode: Int, headers: [(name: String, value: String)] = [], body: [UInt8] = [],
        httpVersion: String = "1.1", isConnectionReused: Bool = false
    ) {
        self.statusCode = statusCode
        self.headers = headers
        self.body = body
        self.httpVersion = httpVersion
        self.isConnectionReused = isConnectionReused
    }

    /// The value of the first field of that name; `name` is in lower case.
    package func header(_ name: String) -> String? {
        for header in headers where header.name == name { return header.value }
        return nil
    }
}
