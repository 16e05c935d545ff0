package import EventLoop
package import HTTPServer

/// Collects the routes of the admin API; each lets in only who holds the token or is signed in.
@LoopActor
package struct AdminRoutes {
    /// Answers one request; what it throws becomes a problem+json.
    package typealias Handler =
        @LoopActor (HTTPRequest, RouteParameters) async throws -> HTTPResponse

    /// The routes so far.
    package private(set) var routes: HTTPRoutes
    private let authenticator: AdminAuthenticator

    /// Adds to `routes`.
    package init(_ routes: HTTPRoutes, authenticator: AdminAuthenticator) {
        self.routes = routes
        self.authenticator = authenticator
    }

    /// Adds a route.
    package mutating func add(
        _ method: HTTPMethod, _ pattern: String, handler: @escaping Handler
    ) {
        let authenticator = authenticator
        routes.addAsync(
            method, pattern, bodyBytesMax: Limits.adminBodyBytesMax,
            onHead: { head, _ in
                authenticator.verdict(
                    onRequestOfAPI: head, bodyBytesMax: Limits.adminBodyBytesMax)
            },
            handler: { request, parameters in
                let response = await answer {
                    try await authenticator.admit(request.head)
                    return try await handler(request, parameters)
                }
                return response.withGuards(SecurityFields.api)
            })
    }

    /// Adds a route without content whose handler answers through the responder.
    package mutating func add(
        _ method: HTTPMethod, _ pattern: String, handler: @escaping HTTPHandler
    ) {
        let authenticator = authenticator
        routes.add(
            method, pattern,
            onHead: { head, _ in
                authenticator.verdict(onRequestOfAPI: head, bodyBytesMax: 0)
            },
            handler: { request, parameters, responder in
                guard authenticator.hasToAdmit(request.head) else {
                    return handler(request, parameters, responder)
                }
                LoopActor.spawn {
                    if let refusal = await authenticator.refusal(of: request.head) {
                        return responder.respond(refusal)
                    }
                    handler(request, parameters, responder)
                }
            })
    }

    /// Answers every other path below `/v1` with 401 to strangers and 404 to who may look.
    package mutating func addUnknown() {
        add(.get, "/v1/{rest...}") { _, _ in
            throw APIProblem(.notFound, "not_found", "There is no such path.")
        }
    }
}
