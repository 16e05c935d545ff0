import HTTPServer
import JSON

/// A request that the stub can't meet, as BigPanda words it.
struct StubRefusal: Error, Equatable {
    let statusCode: Int
    let message: String

    init(_ statusCode: Int, _ message: String) {
        self.statusCode = statusCode
        self.message = message
    }

    static let unauthorized = StubRefusal(401, "Authorization Required")
    static let forbidden = StubRefusal(403, "access denied")
    static let tooManyRequests = StubRefusal(429, "too many requests")

    static func notFound(_ what: String) -> StubRefusal {
        StubRefusal(404, "\(what) not found")
    }

    /// The answer: `{"status":404,"errors":["…"]}`.
    var response: HTTPResponse {
        let body: JSONTree = ["status": .integer(Int64(statusCode)), "errors": [.string(message)]]
        return .json(HTTPStatus(statusCode), body.compact)
    }
}

extension HTTPResponse {
    /// An answer with a tree for its body.
    static func tree(_ tree: JSONTree, status: HTTPStatus = .ok) -> HTTPResponse {
        .json(status, tree.compact)
    }

    /// A list as every list of the stub looks.
    static func items(_ items: [JSONTree]) -> HTTPResponse {
        .tree(["items": .array(items)])
    }
}
