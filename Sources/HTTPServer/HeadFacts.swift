/// What the checks learned of a request's head on their way through it.
struct HeadFacts: Sendable, Equatable {
    enum TargetForm: Sendable, Equatable { case origin, absolute, authority, asterisk }
    enum Expectation: Sendable, Equatable { case none, continuation, unknown }

    var method = HTTPMethod.other
    var methodRange = 0..<0
    var target = 0..<0
    var targetForm = TargetForm.origin
    /// The path within the head; empty for an absolute target without one.
    var path = 0..<0
    /// What follows the question mark.
    var query: Range<Int>?
    /// Where the digit of HTTP/1.x stands.
    var minorVersionAt = 0
    var minorVersion: UInt8 = 1
    var fieldCount = 0
    var contentLength: Int?
    var isChunked = false
    /// White space behind the value of Content-Length or Transfer-Encoding, of which llhttp takes
    /// spaces only.
    var framingPadding = 0..<0
    var hasHost = false
    var hasAuthorization = false
    var asksToClose = false
    var asksToKeepAlive = false
    var expectation = Expectation.none

    /// True when the peer may send another request on the connection (RFC 9112, section 9.3).
    var keepsAlive: Bool {
        asksToClose ? false : minorVersion >= 1 || asksToKeepAlive
    }

    /// True when content follows the head.
    var hasBody: Bool { isChunked || (contentLength ?? 0) > 0 }
}
