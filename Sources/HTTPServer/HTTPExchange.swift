/// What became of one request, for logs and metrics.
package struct HTTPExchange: Sendable {
    /// nil when the request couldn't be read.
    package let method: HTTPMethod?
    /// The pattern of the route; nil without one.
    ///
    /// Never the path itself, so it is fit for a metric's label.
    package let route: String?
    /// The answer's status.
    package let statusCode: Int
    /// From the whole head to the answer.
    package let duration: Duration
    /// Bytes of content that came in, as announced or as read.
    package let requestBytes: Int
    /// Bytes of content that went out.
    package let responseBytes: Int
    /// The other end's address.
    package let peer: String
}
