/// Why a request can't be read on; the connection closes after the answer.
///
/// Strict where a standard leaves a choice: what two readers could take for two different requests
/// is how requests are smuggled past a proxy.
/// Source: RFC 9112, sections 2.2, 3, 5, 6.3, 7.1 and 11.2.
package enum HeadFault: Error, Sendable, Hashable, CaseIterable {
    /// The first bytes can't begin a request line.
    case method
    case target
    /// No version, as in HTTP/0.9, or not HTTP/1.x.
    case version
    case requestLineTooLong
    /// A CR or an LF that isn't part of a CRLF, or an empty line too many.
    case lineEnd
    case fieldName
    /// A field line that begins with white space.
    case foldedField
    /// A NUL or another control character.
    case fieldValue
    case host
    case contentLength
    case transferEncoding
    /// Two identities in one request.
    case authorization
    case headTooLarge
    case fieldsTooMany
    case chunk
    case chunkExtensionTooLarge
    case trailersTooLarge
    /// The parser and the checks before it don't agree.
    case disagreement
    /// The peer closed its side in the middle of a message.
    case truncated

    /// The status of the answer.
    package var status: HTTPStatus {
        switch self {
        case .requestLineTooLong: .uriTooLong
        case .headTooLarge, .fieldsTooMany, .trailersTooLarge: .headerFieldsTooLarge
        case .method, .target, .version, .lineEnd, .fieldName, .foldedField, .fieldValue, .host,
            .contentLength, .transferEncoding, .authorization, .chunk, .chunkExtensionTooLarge,
            .disagreement, .truncated:
            .badRequest
        }
    }

    /// A word for programs, the same in answers and in counts.
    package var code: String {
        switch self {
        case .method: "bad_method"
        case .target: "bad_target"
        case .version: "bad_version"
        case .requestLineTooLong: "request_line_too_long"
        case .lineEnd: "bad_line_end"
        case .fieldName: "bad_field_name"
        case .foldedField: "folded_field"
        case .fieldValue: "bad_field_value"
        case .host: "bad_host"
        case .contentLength: "bad_content_length"
        case .transferEncoding: "bad_transfer_encoding"
        case .authorization: "repeated_authorization"
        case .headTooLarge: "head_too_large"
        case .fieldsTooMany: "too_many_fields"
        case .chunk: "bad_chunk"
        case .chunkExtensionTooLarge: "chunk_extension_too_large"
        case .trailersTooLarge: "trailers_too_large"
        case .disagreement: "bad_request"
        case .truncated: "truncated_request"
        }
    }

    /// The answer to send before the connection closes.
    var response: HTTPResponse { .problem(status, code: code) }
}
