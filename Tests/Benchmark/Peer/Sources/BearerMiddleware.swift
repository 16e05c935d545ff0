import Hummingbird

/// Lets only those in who know the secret.
struct BearerMiddleware<Context: RequestContext>: RouterMiddleware {
    let secret: String

    func handle(
        _ request: Request, context: Context,
        next: (Request, Context) async throws -> Response
    ) async throws -> Response {
        guard let given = request.headers[.authorization], isSecret(given) else {
            throw HTTPError(.unauthorized)
        }
        return try await next(request, context)
    }

    /// Takes as long for every text of the same length.
    private func isSecret(_ given: String) -> Bool {
        let expected = "Bearer \(secret)"
        guard given.utf8.count == expected.utf8.count else { return false }
        return zip(given.utf8, expected.utf8).reduce(0) { $0 | ($1.0 ^ $1.1) } == 0
    }
}
