import Alerts
import HTTPServer
import JSON

extension OpenAPIDocument {
    /// `/v1/tokens` and `/v1/audit`.
    static var tokenOperations: [Operation] {
        [
            token(.get, "/v1/tokens", id: "listTokens", "All named tokens, by name")
                .paged()
                .answers(
                    .ok, "A page of tokens", Schema.page(of: "Token"),
                    example: Examples.page(of: Examples.token)
                )
                .refusesAsAdmin(Operation.badPage),
            token(.post, "/v1/tokens", id: "createToken", "Make a named token")
                .body(
                    Schema.wish(
                        ["name": Schema.tokenName, "role": Schema.role],
                        required: ["name", "role"]),
                    isRequired: true, example: ["name": "ann", "role": "operator"]
                )
                .answers(
                    .created, "The token; it is shown this once", Schema.named("NewToken"),
                    example: Examples.newToken, headers: Operation.location
                )
                .refusesAsAdmin(
                    Operation.badBody, unavailable: ["store_unavailable", "no_randomness"]
                )
                .refusesBody().refuses(.conflict, ["name_taken", "too_many_tokens"]),
            token(
                .delete, "/v1/tokens/{id}", id: "revokeToken",
                "Revoke a token and end its sessions, at once"
            )
            .answersNothing("It opens nothing any more").refusesAsAdmin()
            .refuses(.notFound, ["not_found"]),
            token(.get, "/v1/audit", id: "listAudit", "Who did what, newest first")
                .paged()
                .query("action", filter(AuditAction.allCases.map(\.rawValue)), "Only this.")
                .query("object_id", Schema.text, "Only what was done to this.")
                .query("actor", Schema.text, "Only what was done under this name.")
                .answers(
                    .ok, "A page of the audit log", Schema.page(of: "AuditEntry"),
                    example: Examples.page(of: Examples.auditEntry)
                )
                .refusesAsAdmin(Operation.badPage + ["invalid_filter"]),
        ]
    }

    private static func token(
        _ method: HTTPMethod, _ path: String, id: String, _ summary: String
    ) -> Operation {
        Operation(method, path, id: id, tag: "tokens", summary)
    }
}

extension Schema {
    /// What somebody may do.
    static let role = word(Role.allCases.map(\.rawValue))

    /// A token's name: not one that stands for somebody else.
    static var tokenName: JSONTree {
        let reserved = TokenRoutes.reservedNames.joined(separator: "|")
        return [
            "type": "string", "minLength": 1,
            "maxLength": .integer(Int64(Limits.nameCharactersMax)), "pattern": #"[^\s]"#,
            "not": ["pattern": .string(#"^\s*(\#(reserved))\s*$"#)], "examples": ["ann"],
        ]
    }

    /// Named tokens and the audit log.
    static var access: [JSONTree.Member] {
        [
            JSONTree.Member(
                "Token",
                object([
                    "id": id("tok_"), "name": text, "role": role, "created_at": moment,
                    "last_used_at": optionalMoment,
                ])),
            JSONTree.Member(
                "NewToken",
                [
                    "allOf": [named("Token"), object(["token": text])],
                    "description": "The token is shown this once.",
                ]),
            JSONTree.Member(
                "AuditEntry",
                object([
                    "id": text, "at": moment,
                    "actor": object([
                        "kind": word(AuditActor.Kind.allCases.map(\.rawValue)), "name": text,
                        "session_id": optionalText, "peer": text,
                    ]),
                    "action": word(AuditAction.allCases.map(\.rawValue)), "object_id": text,
                    "fields": list(of: text),
                    "outcome": word(AuditOutcome.allCases.map(\.rawValue)),
                ])),
        ]
    }
}

extension Examples {
    /// A named token.
    static var token: JSONTree {
        [
            "id": "tok_01kq3x8m2f9s7v4d6h0j5n1p8z", "name": "ann", "role": "operator",
            "created_at": "2026-03-01T12:00:00.000Z", "last_used_at": .null,
        ]
    }

    /// A token that was just made.
    static var newToken: JSONTree {
        .object((token.object ?? []) + [JSONTree.Member("token", "bpgw_k3yP…")])
    }

    /// Somebody changed an integration's key.
    static var auditEntry: JSONTree {
        [
            "id": "17", "at": "2026-03-01T12:00:00.000Z",
            "actor": [
                "kind": "session", "name": "ann", "session_id": "ses_01kq3x8m2f9s7v4d6h0j5n1p8y",
                "peer": "203.0.113.9",
            ],
            "action": "integration.update", "object_id": "int_01kq3x8m2f9s7v4d6h0j5n1p8s",
            "fields": ["api_key"], "outcome": "done",
        ]
    }
}
