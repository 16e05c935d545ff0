package import Alerts
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

    /// Answers a request that changes something, and says who made it.
    package typealias ChangeHandler =
        @LoopActor (HTTPRequest, RouteParameters, Caller) async throws -> HTTPResponse

    /// Adds a route that everybody with a token may read.
    package mutating func add(_ pattern: String, handler: @escaping Handler) {
        add(.get, pattern, needs: .viewer) { request, parameters, _ in
            try await handler(request, parameters)
        }
    }

    /// Adds a route that changes something, or has BigPanda asked, and needs a role for that.
    package mutating func add(
        _ method: HTTPMethod, _ pattern: String, needs role: Role,
        handler: @escaping ChangeHandler
    ) {
        let authenticator = authenticator
        routes.addAsync(
            method, pattern, bodyBytesMax: Limits.adminBodyBytesMax,
            onHead: { head, _ in
                authenticator.verdict(
                    onRequestOfAPI: head, bodyBytesMax: Limits.adminBodyBytesMax, needs: role)
            },
            handler: { request, parameters in
                let response = await answer {
                    let caller = try await authenticator.admit(request.head, needs: role)
                    return try await handler(request, parameters, caller)
                }
                return response.withGuards(SecurityFields.api)
            })
    }

    /// Adds a route without content whose handler answers through the responder.
    package mutating func add(_ pattern: String, handler: @escaping HTTPHandler) {
        let authenticator = authenticator
        routes.add(
            .get, pattern,
            onHead: { head, _ in
                authenticator.verdict(onRequestOfAPI: head, bodyBytesMax: 0, needs: .viewer)
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
        add("/v1/{rest...}") { _, _ in
            throw APIProblem(.notFound, "not_found", "There is no such path.")
        }
    }
}
