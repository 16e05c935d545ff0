import Alerts
import HTTPServer
import JSON

extension OpenAPIDocument {
    /// `/v1/integrations`.
    static var integrationOperations: [Operation] {
        let one = "/v1/integrations/{id}"
        return [
            integration(.get, "/v1/integrations", id: "listIntegrations", "All integrations")
                .paged()
                .answers(
                    .ok, "A page of integrations", Schema.page(of: "Integration"),
                    example: Examples.page(of: Examples.integration)
                )
                .refusesAsAdmin(Operation.badPage),
            integration(.post, "/v1/integrations", id: "createIntegration", "Connect to BigPanda")
                .body(
                    Schema.named("NewIntegration"), isRequired: true,
                    example: ["name": "production", "api_key": "BPU-0123456789", "region": "us"]
                )
                .answers(
                    .created, "The integration", Schema.named("Integration"),
                    example: Examples.integration, headers: Operation.location
                )
                .refusesAsAdmin(Operation.badBody, unavailable: unavailableBigPanda)
                .refusesBody(refusedKey)
                .refuses(.conflict, ["too_many_integrations", "conflict"]),
            integration(.get, one, id: "getIntegration", "An integration, without its key")
                .answersIntegration().refusesAsAdmin().refuses(.notFound, ["not_found"]),
            integration(.patch, one, id: "changeIntegration", "Change it; a new key is checked")
                .body(
                    Schema.named("IntegrationChange"), isRequired: false,
                    example: ["name": "production"]
                )
                .answersIntegration()
                .refusesAsAdmin(Operation.badBody, unavailable: unavailableBigPanda)
                .refusesBody(refusedKey).refuses(.notFound, ["not_found"])
                .refuses(.conflict, ["conflict"]),
            integration(.delete, one, id: "removeIntegration", "Remove an integration")
                .answersNothing("It is gone").refusesAsAdmin().refuses(.notFound, ["not_found"])
                .refuses(.conflict, ["integration_in_use", "closes_owed", "conflict"]),
            integration(.post, one + "/check", id: "checkIntegration", "Check the stored key now")
                .answersIntegration().refusesAsAdmin(needs: .operator)
                .refuses(.notFound, ["not_found"])
                .refuses(.conflict, ["conflict"]),
        ]
    }

    private static let refusedKey = [
        "key_rejected", "key_forbidden", "not_bigpanda", "unknown_environment",
    ]
    private static let unavailableBigPanda = ["bigpanda_unreachable", "store_unavailable"]

    private static func integration(
        _ method: HTTPMethod, _ path: String, id: String, _ summary: String
    ) -> Operation {
        Operation(method, path, id: id, tag: "integrations", summary)
    }

    /// `/v1/sources`.
    static var sourceOperations: [Operation] {
        let one = "/v1/sources/{id}"
        return [
            source(.get, "/v1/sources", id: "listSources", "All sources")
                .paged()
                .answers(
                    .ok, "A page of sources", Schema.page(of: "Source"),
                    example: Examples.page(of: Examples.source)
                )
                .refusesAsAdmin(Operation.badPage),
            newSource,
            source(.get, one, id: "getSource", "A source, without its secret")
                .answersSource().refusesAsAdmin().refuses(.notFound, ["not_found"]),
            source(.patch, one, id: "changeSource", "Rename it, switch it on or off")
                .body(
                    Schema.wish([
                        "name": Schema.name("BigPanda"), "enabled": Schema.bool,
                        "quiet_watch": Schema.bool,
                    ]),
                    isRequired: false, example: ["enabled": false]
                )
                .answersSource().refusesAsAdmin(Operation.badBody).refusesBody()
                .refuses(.notFound, ["not_found"]).refuses(.conflict, ["conflict"]),
            source(.delete, one, id: "removeSource", "Remove it; its alerts stay")
                .answersNothing("It is gone").refusesAsAdmin().refuses(.notFound, ["not_found"])
                .refuses(.conflict, ["conflict"]),
            source(.post, one + "/rotate-secret", id: "rotateSecret", "Make a new secret")
                .body(
                    Schema.wish(["overlap_seconds": Schema.overlap]),
                    isRequired: false, example: ["overlap_seconds": 3600]
                )
                .answers(
                    .ok, "The source with its new secret", Schema.named("SourceWithSecret"),
                    example: Examples.sourceWithSecret
                )
                .refusesAsAdmin(Operation.badBody, unavailable: unavailableSecret).refusesBody()
                .refuses(.notFound, ["not_found"]).refuses(.conflict, ["conflict"]),
        ]
    }

    private static let unavailableSecret = ["store_unavailable", "no_randomness"]

    private static var newSource: Operation {
        source(.post, "/v1/sources", id: "createSource", "Make a webhook endpoint")
            .body(
                Schema.wish(
                    [
                        "name": Schema.name("BigPanda"),
                        "integration_id": [
                            "type": "string", "minLength": 1, "maxLength": 64,
                            "pattern": #"[^\s]"#,
                        ],
                    ], required: ["name", "integration_id"]),
                isRequired: true,
                example: ["name": "BigPanda", "integration_id": "int_01kq3x8m2f9s7v4d6h0j5n1p8s"]
            )
            .answers(
                .created, "The source with its secret", Schema.named("SourceWithSecret"),
                example: Examples.sourceWithSecret, headers: Operation.location
            )
            .refusesAsAdmin(Operation.badBody, unavailable: unavailableSecret)
            .refusesBody(["unknown_integration"])
            .refuses(.conflict, ["too_many_sources", "conflict"])
    }

    private static func source(
        _ method: HTTPMethod, _ path: String, id: String, _ summary: String
    ) -> Operation {
        Operation(method, path, id: id, tag: "sources", summary)
    }
}

extension Operation {
    fileprivate func answersIntegration() -> Operation {
        answers(
            .ok, "The integration", Schema.named("Integration"), example: Examples.integration)
    }

    fileprivate func answersSource() -> Operation {
        answers(.ok, "The source", Schema.named("Source"), example: Examples.source)
    }
}
