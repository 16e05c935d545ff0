/// One place in the tree of routes.
struct RouteNode: Sendable {
    /// A child that a segment must spell.
    struct Word: Sendable {
        let word: [UInt8]
        let node: Int

        func isSpelled(by bytes: Span<UInt8>, _ range: Range<Int>) -> Bool {
            guard range.count == word.count else { return false }
            for index in 0..<word.count where bytes[range.lowerBound + index] != word[index] {
                return false
            }
            return true
        }
    }

    var words: [Word] = []
    var parameterChild: Int?
    var tailChild: Int?
    private(set) var methods: [HTTPMethod] = []
    private(set) var allow = ""
    private var routeByMethod: [Int] = []
    private var routeForAny: Int?

    var takesAny: Bool { routeForAny != nil }
    /// One of its routes, whatever the method.
    var anyRoute: Int? { routeByMethod.first ?? routeForAny }
    var hasRoutes: Bool { takesAny || !methods.isEmpty }

    mutating func add(_ method: HTTPMethod?, route: Int, pattern: String) {
        if let method {
            precondition(
                method != .other && !methods.contains(method),
                "a second route for \(method.name) \(pattern)")
            methods.append(method)
            routeByMethod.append(route)
        } else {
            precondition(routeForAny == nil, "a second route for any method of \(pattern)")
            routeForAny = route
        }
        allow = Self.allow(methods: methods, takesAny: takesAny)
    }

    /// The route that serves a method; `GET` serves `HEAD` (RFC 9110, section 9.3.2).
    func route(for method: HTTPMethod) -> Int? {
        if let index = methods.firstIndex(of: method) { return routeByMethod[index] }
        if method == .head, let index = methods.firstIndex(of: .get) { return routeByMethod[index] }
        // OPTIONS is the server's own unless a route names it, and a message can't be passed to
        // the handlers of routes in answer to CONNECT or TRACE.
        switch method {
        case .options, .connect, .trace: return nil
        case .get, .head, .post, .put, .patch, .delete, .other: return routeForAny
        }
    }

    /// The value of `Allow` (RFC 9110, section 10.2.1).
    static func allow(methods: [HTTPMethod], takesAny: Bool) -> String {
        var allowed = Set(methods)
        if takesAny { allowed.formUnion([.get, .post, .put, .patch, .delete]) }
        if allowed.contains(.get) { allowed.insert(.head) }
        allowed.insert(.options)
        let order: [HTTPMethod] = [
            .get, .head, .post, .put, .patch, .delete, .options, .connect, .trace,
        ]
        return order.filter(allowed.contains).map(\.name).joined(separator: ", ")
    }
}
