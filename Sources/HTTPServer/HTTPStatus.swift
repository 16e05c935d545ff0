/// A final status code with its reason phrase.
///
/// Source: RFC 9110, section 15; RFC 6585 for 428, 429 and 431.
package struct HTTPStatus: Sendable, Hashable {
    /// The three digits, 200…599.
    package let code: Int

    /// Takes any final code; traps outside 200…599, which only a bug can ask for.
    package init(_ code: Int) {
        precondition((200...599).contains(code), "\(code) is not a final status code")
        self.code = code
    }

    /// 200.
    package static let ok = HTTPStatus(200)
    /// 201.
    package static let created = HTTPStatus(201)
    /// 202.
    package static let accepted = HTTPStatus(202)
    /// 204; never has a body.
    package static let noContent = HTTPStatus(204)
    /// 302.
    package static let found = HTTPStatus(302)
    /// 303.
    package static let seeOther = HTTPStatus(303)
    /// 304; never has a body.
    package static let notModified = HTTPStatus(304)
    /// 400.
    package static let badRequest = HTTPStatus(400)
    /// 401.
    package static let unauthorized = HTTPStatus(401)
    /// 403.
    package static let forbidden = HTTPStatus(403)
    /// 404.
    package static let notFound = HTTPStatus(404)
    /// 405.
    package static let methodNotAllowed = HTTPStatus(405)
    /// 408.
    package static let requestTimeout = HTTPStatus(408)
    /// 409.
    package static let conflict = HTTPStatus(409)
    /// 413.
    package static let contentTooLarge = HTTPStatus(413)
    /// 414.
    package static let uriTooLong = HTTPStatus(414)
    /// 415.
    package static let unsupportedMediaType = HTTPStatus(415)
    /// 417.
    package static let expectationFailed = HTTPStatus(417)
    /// 422.
    package static let unprocessableContent = HTTPStatus(422)
    /// 429.
    package static let tooManyRequests = HTTPStatus(429)
    /// 431.
    package static let headerFieldsTooLarge = HTTPStatus(431)
    /// 500.
    package static let internalServerError = HTTPStatus(500)
    /// 503.
    package static let serviceUnavailable = HTTPStatus(503)

    /// The phrase that goes with the code; `Status` for a code without a registered one.
    package var reason: String {
        switch code {
        case 200: "OK"
        case 201: "Created"
        case 202: "Accepted"
        case 203: "Non-Authoritative Information"
        case 204: "No Content"
        case 205: "Reset Content"
        case 206: "Partial Content"
        case 300: "Multiple Choices"
        case 301: "Moved Permanently"
        case 302: "Found"
        case 303: "See Other"
        case 304: "Not Modified"
        case 307: "Temporary Redirect"
        case 308: "Permanent Redirect"
        case 400: "Bad Request"
        case 401: "Unauthorized"
        case 402: "Payment Required"
        case 403: "Forbidden"
        case 404: "Not Found"
        case 405: "Method Not Allowed"
        case 406: "Not Acceptable"
        case 407: "Proxy Authentication Required"
        case 408: "Request Timeout"
        case 409: "Conflict"
        case 410: "Gone"
        case 411: "Length Required"
        case 412: "Precondition Failed"
        case 413: "Content Too Large"
        case 414: "URI Too Long"
        case 415: "Unsupported Media Type"
        case 416: "Range Not Satisfiable"
        case 417: "Expectation Failed"
        case 421: "Misdirected Request"
        case 422: "Unprocessable Content"
        case 426: "Upgrade Required"
        case 428: "Precondition Required"
        case 429: "Too Many Requests"
        case 431: "Request Header Fields Too Large"
        case 500: "Internal Server Error"
        case 501: "Not Implemented"
        case 502: "Bad Gateway"
        case 503: "Service Unavailable"
        case 504: "Gateway Timeout"
        case 505: "HTTP Version Not Supported"
        default: "Status"
        }
    }

    /// True where the answer can't carry content (RFC 9110, sections 15.3.5 and 15.4.5).
    var hasNoContent: Bool { code == 204 || code == 304 }

}
