import Alerts
import HTTPServer
import JSON

extension OpenAPIDocument {
    /// `/v1/session` and `/v1/sessions`.
    static var sessionOperations: [Operation] {
        [
            signIn,
            session(.get, "/v1/session", id: "getSession", "The session of the cookie")
                .opened(by: nil)
                .answers(
                    .ok, "The session", Schema.named("OwnSession"), example: Examples.ownSession
                )
                .answersNothing("Nobody is signed in")
                .refuses(.badRequest, [], also: "RequestFault")
                .refuses(.contentTooLarge, ["content_too_large"])
                .refuses(
                    .serviceUnavailable, ["store_unavailable", "unavailable"],
                    headers: Operation.retryAfter),
            session(.delete, "/v1/session", id: "signOut", "Sign out")
                .answersNothing("The session is over").refusesAsAdmin(needs: .viewer)
                .refuses(.notFound, ["not_found"]),
            session(.get, "/v1/sessions", id: "listSessions", "Who is signed in")
                .paged()
                .answers(
                    .ok, "A page of sessions", Schema.page(of: "Session"),
                    example: Examples.page(of: Examples.session)
                )
                .refusesAsAdmin(Operation.badPage),
            session(.delete, "/v1/sessions", id: "signOutEverywhere", "Sign everybody out")
                .answersNothing("All sessions are over").refusesAsAdmin(),
        ]
    }

    private static var signIn: Operation {
        session(.post, "/v1/session", id: "signIn", "Sign in with a token")
            .opened(by: nil)
            .body(
                Schema.wish(
                    [
                        "token": [
                            "type": "string", "minLength": 1,
                            "maxLength": .integer(Int64(Limits.tokenCharactersMax)),
                            "pattern": #"[^\s]"#,
                        ]
                    ], required: ["token"]),
                isRequired: true, example: ["token": "the content of admin-token"]
            )
            .answers(
                .ok, "The session; its cookie comes along", Schema.named("OwnSession"),
                example: Examples.ownSession,
                headers: ["Set-Cookie": ["required": true, "schema": Schema.text]]
            )
            .refuses(.badRequest, Operation.badBody, also: "RequestFault")
            .refuses(.unauthorized, ["wrong_token"])
            .refuses(.forbidden, ["cross_site"])
            .refuses(.contentTooLarge, ["content_too_large"])
            .refusesBody()
            .refuses(.tooManyRequests, ["too_many_attempts"], headers: Operation.retryAfter)
            .refuses(
                .serviceUnavailable, ["store_unavailable", "no_randomness", "unavailable"],
                headers: Operation.retryAfter)
    }

    private static func session(
        _ method: HTTPMethod, _ path: String, id: String, _ summary: String
    ) -> Operation {
        Operation(method, path, id: id, tag: "sessions", summary)
    }

    /// `/v1/statistics` and `/v1/about`.
    static var insightOperations: [Operation] {
        [
            Operation(
                .get, "/v1/statistics", id: "getStatistics", tag: "operation",
                "The last 24 hours in figures, a few seconds old"
            )
            .answers(
                .ok, "The figures", Schema.named("Statistics"), example: Examples.statistics
            )
            .refusesAsAdmin(),
            Operation(
                .get, "/v1/about", id: "getAbout", tag: "operation", "Which program this is"
            )
            .answers(.ok, "The program", Schema.named("About"), example: Examples.about)
            .refusesAsAdmin(),
            Operation(
                .get, "/v1/status", id: "getStatus", tag: "operation",
                "Whether the gateway is healthy and, if not, what to do"
            )
            .answers(.ok, "How it is", Schema.named("Status"), example: Examples.gatewayStatus)
            .refusesAsAdmin(),
        ]
    }

    /// `/v1/alerts/{id}/export`.
    static var exportOperation: Operation {
        Operation(
            .get, "/v1/alerts/{id}/export", id: "exportAlert", tag: "alerts",
            "All that is known of an alert, in one file"
        )
        .answers(
            .ok, "The file", Schema.named("AlertExport"), example: Examples.alertExport,
            headers: ["Content-Disposition": ["required": true, "schema": Schema.text]]
        )
        .refusesAsAdmin().refuses(.notFound, ["not_found"])
    }
}
