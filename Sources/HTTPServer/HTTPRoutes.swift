import EventLoop

/// Answers one request through `HTTPResponder`, at once or later.
package typealias HTTPHandler = @LoopActor (HTTPRequest, RouteParameters, HTTPResponder) -> Void

/// Looks at a head before its body is read.
package typealias HTTPHeadHook = @LoopActor (HTTPRequestHead, RouteParameters) -> HeadVerdict

/// What becomes of a request whose head is known and whose body isn't.
package enum HeadVerdict: Sendable {
    /// Read the body, up to so many bytes; `100 Continue` is sent if the peer waits for it.
    case proceed(bodyBytesMax: Int)
    /// Answer at once. The body isn't read, so the connection closes if there is one.
    case refuse(HTTPResponse)
}

/// Which handler answers which method and path.
///
/// A pattern is a path of segments: a word matches itself, `{name}` matches one segment that isn't
/// empty, and `{name...}` at the end matches all that is left, even nothing. Words win over
/// parameters. A slash at the end counts: `/a/` is not `/a`. `HEAD` is served by `GET`; `OPTIONS`
/// is answered by the server unless a route takes it.
package struct HTTPRoutes: Sendable {
    /// Bytes of content that a route takes unless it says otherwise.
    ///
    /// Content that nobody asked for, as some clients send it with `GET`, is read and ignored.
    package static let unusedBodyBytesMax = 4_096

    private(set) var routes: [HTTPRoute] = []
    private var tree = RouteTree()

    /// No routes: every path is 404.
    package init() {}

    /// Adds a route whose handler answers through the responder.
    ///
    /// Traps on a malformed pattern and on a second route for the same method and pattern.
    /// - Parameters:
    ///   - method: nil for any method, which a route of its own still wins over.
    ///   - pattern: The path, as described above.
    ///   - bodyBytesMax: The largest body that is read; a larger one gets 413. `onHead` may set
    ///     another one per request.
    ///   - onHead: Looks at the request before its body is read.
    ///   - onUnserved: Hears of a request that `onHead` let in and that is not served all the
    ///     same, and of one whose method no route takes: one of the path's routes hears of it.
    ///   - handler: Gets the whole request.
    package mutating func add(
        _ method: HTTPMethod?,
        _ pattern: String,
        bodyBytesMax: Int = Self.unusedBodyBytesMax,
        onHead: HTTPHeadHook? = nil,
        onUnserved: HTTPUnservedHook? = nil,
        handler: @escaping HTTPHandler
    ) {
        precondition(bodyBytesMax >= 0)
        let names = tree.add(method, pattern, route: routes.count)
        routes.append(
            HTTPRoute(
                method: method, pattern: pattern, parameterNames: names, bodyBytesMax: bodyBytesMax,
                onHead: onHead, onUnserved: onUnserved, handler: handler))
    }

    /// Adds a route whose handler gives the answer back at once.
    package mutating func addSync(
        _ method: HTTPMethod?,
        _ pattern: String,
        bodyBytesMax: Int = Self.unusedBodyBytesMax,
        onHead: HTTPHeadHook? = nil,
        handler: @escaping @LoopActor (HTTPRequest, RouteParameters) -> HTTPResponse
    ) {
        add(method, pattern, bodyBytesMax: bodyBytesMax, onHead: onHead) {
            $2.respond(handler($0, $1))
        }
    }

    /// Adds a route whose handler may wait; each request then costs a task on the loop.
    package mutating func addAsync(
        _ method: HTTPMethod?,
        _ pattern: String,
        bodyBytesMax: Int = Self.unusedBodyBytesMax,
        onHead: HTTPHeadHook? = nil,
        handler: @escaping @LoopActor (HTTPRequest, RouteParameters) async -> HTTPResponse
    ) {
        add(method, pattern, bodyBytesMax: bodyBytesMax, onHead: onHead) {
            request, parameters, responder in
            LoopActor.spawn { responder.respond(await handler(request, parameters)) }
        }
    }

    /// Each route as `GET /a/{name}`, a star for any method, in the order they were added.
    package var names: [String] {
        routes.map { "\($0.method?.name ?? "*") \($0.pattern)" }
    }

    /// Finds who answers.
    func match(_ storage: HeadStorage) -> RouteMatch {
        let facts = storage.facts
        if facts.targetForm == .asterisk { return .options(allow: tree.allowOfAll) }
        if facts.targetForm == .authority {
            return .methodNotAllowed(allow: tree.allowOfAll, nil, RouteParameters())
        }
        let bytes = storage.bytes
        guard let (node, places) = tree.find(bytes.span, path: facts.path) else {
            return .notFound
        }
        let served = tree.route(at: node, for: facts.method)
        if served == nil, facts.method == .options { return .options(allow: tree.allow(at: node)) }
        guard let index = served ?? tree.anyRoute(at: node) else { return .notFound }
        let route = routes[index]
        var parameters = RouteParameters(names: route.parameterNames, storage: storage)
        for place in 0..<places.count { parameters.append(places.ranges[place]) }
        guard served != nil else {
            return .methodNotAllowed(
                allow: tree.allow(at: node), parameters.areDecodable ? route : nil, parameters)
        }
        return parameters.areDecodable ? .found(route, parameters) : .undecodable
    }
}

/// One line of the table of routes; a class, so that a match copies one reference.
final class HTTPRoute: Sendable {
    let method: HTTPMethod?
    let pattern: String
    let parameterNames: [String]
    let bodyBytesMax: Int
    let onHead: HTTPHeadHook?
    let onUnserved: HTTPUnservedHook?
    let handler: HTTPHandler

    init(
        method: HTTPMethod?, pattern: String, parameterNames: [String], bodyBytesMax: Int,
        onHead: HTTPHeadHook?, onUnserved: HTTPUnservedHook?, handler: @escaping HTTPHandler
    ) {
        self.method = method
        self.pattern = pattern
        self.parameterNames = parameterNames
        self.bodyBytesMax = bodyBytesMax
        self.onHead = onHead
        self.onUnserved = onUnserved
        self.handler = handler
    }
}

/// What the table of routes says to a request.
enum RouteMatch: Sendable {
    case found(HTTPRoute, RouteParameters)
    case notFound
    /// The path exists, but not for this method; one of its routes hears of it.
    case methodNotAllowed(allow: String, HTTPRoute?, RouteParameters)
    /// `OPTIONS` without a route of its own.
    case options(allow: String)
    /// A parameter's percent-encoding is broken.
    case undecodable
}
