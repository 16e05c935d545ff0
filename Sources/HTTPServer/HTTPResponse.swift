/// An answer that is whole before it is sent.
///
/// `Content-Length`, `Date` and `Connection` are the server's to write; naming them in `fields`
/// would send them twice.
package struct HTTPResponse: Sendable, Equatable {
    /// The status line's code.
    package var status: HTTPStatus
    /// `Content-Type`; none is sent for an answer without a body.
    package var contentType: String
    /// Further fields, in the order they are sent.
    package var fields: [HTTPField]
    /// The content; `HEAD`, 204 and 304 don't send it.
    package var body: [UInt8]
    /// True to close the connection after this answer.
    package var closesConnection = false

    /// Puts an answer together.
    package init(
        _ status: HTTPStatus,
        contentType: String = "application/json",
        fields: [HTTPField] = [],
        body: [UInt8] = []
    ) {
        self.status = status
        self.contentType = contentType
        self.fields = fields
        self.body = body
    }

    /// Answers with JSON text that the caller has encoded.
    package static func json(_ status: HTTPStatus = .ok, _ body: [UInt8]) -> HTTPResponse {
        HTTPResponse(status, body: body)
    }

    /// Answers with plain text in UTF-8.
    package static func text(_ status: HTTPStatus = .ok, _ text: String) -> HTTPResponse {
        HTTPResponse(status, contentType: "text/plain; charset=utf-8", body: Array(text.utf8))
    }

    /// Answers with nothing but the status.
    package static let noContent = HTTPResponse(.noContent)

    /// The same answer with one more field.
    package func with(_ name: String, _ value: String) -> HTTPResponse {
        var copy = self
        copy.fields.append(HTTPField(name, value))
        return copy
    }
}
