/// A whole request.
package struct HTTPRequest: Sendable {
    /// Method, target and fields.
    package let head: HTTPRequestHead
    /// The content, any transfer coding taken off; empty without one.
    package let body: [UInt8]

    /// Puts a request together; the server does, and tests of handlers.
    package init(head: HTTPRequestHead, body: [UInt8] = []) {
        self.head = head
        self.body = body
    }

    /// What is asked for.
    package var method: HTTPMethod { head.method }
    /// The path as sent, still percent-encoded.
    package var path: String { head.path }
    /// The other end's address, for logs.
    package var peer: String { head.peer }

    /// Lends the content without copying it.
    package func withBody<Result, Failure: Error>(
        _ read: (Span<UInt8>) throws(Failure) -> Result
    ) throws(Failure) -> Result {
        try read(body.span)
    }
}
