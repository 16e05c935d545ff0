import Alerts
import HTTPServer
import JSON

extension OpenAPIDocument {
    /// `/v1/webhook-endpoints`.
    static var endpointOperations: [Operation] {
        endpointsThemselves + endpointMessages
    }

    private static let all = "/v1/webhook-endpoints"
    private static let one = "/v1/webhook-endpoints/{id}"

    private static var endpointsThemselves: [Operation] {
        [
            endpoint(.get, all, id: "listWebhookEndpoints", "All endpoints, by name")
                .paged()
                .answers(
                    .ok, "A page of endpoints", Schema.page(of: "WebhookEndpoint"),
                    example: Examples.page(of: Examples.endpoint)
                )
                .refusesAsAdmin(Operation.badPage),
            endpoint(.post, all, id: "createWebhookEndpoint", "Have somebody told of alerts")
                .body(
                    Schema.wish(Schema.endpointWish, required: ["name", "url"]), isRequired: true,
                    example: ["name": "paging", "url": "https://hooks.example.org/bigpanda"]
                )
                .answers(
                    .created, "The endpoint with its secret",
                    Schema.named("WebhookEndpointWithSecret"),
                    example: Examples.endpointWithSecret, headers: Operation.location
                )
                .refusesAsAdmin(
                    Operation.badBody, unavailable: ["store_unavailable", "no_randomness"]
                )
                .refusesBody(refusedURL).refuses(.conflict, ["too_many_endpoints", "conflict"]),
            endpoint(.get, one, id: "getWebhookEndpoint", "An endpoint, without its secret")
                .answersEndpoint().refusesAsAdmin().refuses(.notFound, ["not_found"]),
            endpoint(.patch, one, id: "changeWebhookEndpoint", "Change, disable or enable it")
                .body(
                    Schema.wish(Schema.endpointChange), isRequired: false,
                    example: ["enabled": false]
                )
                .answersEndpoint().refusesAsAdmin(Operation.badBody).refusesBody(refusedURL)
                .refuses(.notFound, ["not_found"]),
            endpoint(.delete, one, id: "removeWebhookEndpoint", "Remove it and its deliveries")
                .answersNothing("It is gone").refusesAsAdmin().refuses(.notFound, ["not_found"]),
            endpoint(
                .post, one + "/rotate-secret", id: "rotateWebhookEndpointSecret",
                "Make a new secret; both sign until the overlap ends"
            )
            .body(
                Schema.wish(["overlap_seconds": Schema.overlap]), isRequired: false,
                example: ["overlap_seconds": 3600]
            )
            .answers(
                .ok, "The endpoint with its new secret",
                Schema.named("WebhookEndpointWithSecret"), example: Examples.endpointWithSecret
            )
            .refusesAsAdmin(Operation.badBody, unavailable: ["store_unavailable", "no_randomness"])
            .refusesBody().refuses(.notFound, ["not_found"]),
        ]
    }

    private static var endpointMessages: [Operation] {
        let message = one + "/deliveries/{delivery_id}"
        return [
            endpoint(.post, one + "/test", id: "testWebhookEndpoint", "Post a test")
                .answersMessage(.accepted, "What is posted now")
                .refusesAsAdmin(needs: .operator).refuses(.notFound, ["not_found"])
                .refuses(.conflict, ["endpoint_disabled"]),
            endpoint(
                .get, one + "/deliveries", id: "listWebhookDeliveries",
                "What it was told, newest first"
            )
            .paged()
            .query("state", filter(MessageState.allCases.map(\.rawValue)), "Only these.")
            .answers(
                .ok, "A page of deliveries", Schema.page(of: "WebhookDelivery"),
                example: Examples.page(of: Examples.message)
            )
            .refusesAsAdmin(Operation.badPage + ["invalid_filter"])
            .refuses(.notFound, ["not_found"]),
            endpoint(.get, message, id: "getWebhookDelivery", "A delivery with what is posted")
                .answers(
                    .ok, "The delivery", Schema.named("WebhookDeliveryWithBody"),
                    example: Examples.messageWithBody
                )
                .refusesAsAdmin().refuses(.notFound, ["not_found"]),
            endpoint(
                .post, message + "/replay", id: "replayWebhookDelivery",
                "Post it again, under the same `webhook-id`"
            )
            .answersMessage(.accepted, "What is posted now")
            .refusesAsAdmin(needs: .operator).refuses(.notFound, ["not_found"])
            .refuses(.conflict, ["endpoint_disabled"]),
        ]
    }

    private static let refusedURL = ["insecure_url", "address_refused"]

    private static func endpoint(
        _ method: HTTPMethod, _ path: String, id: String, _ summary: String
    ) -> Operation {
        Operation(method, path, id: id, tag: "webhook-endpoints", summary)
    }
}

extension Operation {
    fileprivate func answersEndpoint() -> Operation {
        answers(
            .ok, "The endpoint", Schema.named("WebhookEndpoint"), example: Examples.endpoint)
    }

    fileprivate func answersMessage(_ status: HTTPStatus, _ description: String) -> Operation {
        answers(
            status, description, Schema.named("WebhookDelivery"), example: Examples.message)
    }
}

extension Schema {
    /// For how long a secret that was replaced still works.
    static var overlap: JSONTree {
        [
            "type": "integer", "minimum": 0, "maximum": 2_592_000, "default": 86_400,
            "description": "How long the old secret still works.",
        ]
    }

    /// What may be said of a new endpoint.
    fileprivate static var endpointWish: KeyValuePairs<String, JSONTree> {
        ["name": name("paging"), "url": endpointURL, "events": eventList]
    }

    /// What may be changed of an endpoint.
    fileprivate static var endpointChange: KeyValuePairs<String, JSONTree> {
        ["name": name("paging"), "url": endpointURL, "events": eventList, "enabled": bool]
    }

    private static var eventList: JSONTree {
        [
            "type": "array", "minItems": 1,
            "items": word(OutboundEvent.choices.map(\.rawValue)),
            "description": "All but `alert.updated` unless it is given.",
        ]
    }

    private static var endpointURL: JSONTree {
        [
            "type": "string", "format": "uri", "maxLength": .integer(Int64(EndpointURL.bytesMax)),
            "pattern": .string(EndpointURL.pattern),
            "description": """
            `https`, or `http` to an address that `GATEWAY_WEBHOOK_ALLOW_PRIVATE` allows; a host \
            of no private address but those.
            """,
            "examples": ["https://hooks.example.org/bigpanda"],
        ]
    }

    /// Webhook endpoints and what they were told, as `Representation+Endpoint.swift` writes them.
    static var endpoints: [JSONTree.Member] {
        [
            JSONTree.Member("WebhookEndpoint", endpoint),
            JSONTree.Member(
                "WebhookEndpointWithSecret",
                [
                    "allOf": [named("WebhookEndpoint"), object(["secret": text])],
                    "description": "The secret is shown this once.",
                ]),
            JSONTree.Member("WebhookDelivery", message),
            JSONTree.Member(
                "WebhookDeliveryWithBody",
                ["allOf": [named("WebhookDelivery"), object(["body": text])]]),
        ]
    }

    private static var endpoint: JSONTree {
        object([
            "id": id("whe_"), "name": text,
            "url": [
                "type": "string",
                "description": "Without path and query for who may not change it.",
            ],
            "events": list(of: word(OutboundEvent.choices.map(\.rawValue))), "enabled": bool,
            "disabled_reason": [
                "enum": .array(
                    OutboundEndpoint.DisabledReason.allCases.map { .string($0.rawValue) }
                        + [.null])
            ],
            "failures": count, "failing_since": optionalMoment,
            "last_success_at": optionalMoment, "secret_created_at": moment,
            "previous_secret_expires_at": optionalMoment, "created_at": moment,
            "updated_at": moment,
        ])
    }

    private static var message: JSONTree {
        let attempt = object([
            "at": moment, "duration_ms": count, "status_code": ["type": ["integer", "null"]],
            "error": optionalText,
        ])
        return object([
            "id": ["type": "string", "examples": ["msg_4711_1k8x0v3b9q2fz"]],
            "endpoint_id": id("whe_"),
            "event": word(OutboundEvent.allCases.map(\.rawValue)), "alert_id": optionalText,
            "state": word(MessageState.allCases.map(\.rawValue)), "attempts": count,
            "created_at": moment, "next_attempt_at": optionalMoment,
            "last_attempt": ["anyOf": [attempt, ["type": "null"]]],
        ])
    }
}

extension Examples {
    /// An endpoint that works.
    static var endpoint: JSONTree {
        [
            "id": "whe_01kq3x8m2f9s7v4d6h0j5n1p8z", "name": "paging",
            "url": "https://hooks.example.org/bigpanda",
            "events": .array(OutboundEvent.standard.map { .string($0.rawValue) }),
            "enabled": true, "disabled_reason": .null, "failures": 0, "failing_since": .null,
            "last_success_at": "2026-03-01T12:00:01.000Z",
            "secret_created_at": "2026-03-01T11:00:00.000Z", "previous_secret_expires_at": .null,
            "created_at": "2026-03-01T11:00:00.000Z", "updated_at": "2026-03-01T11:00:00.000Z",
        ]
    }

    /// An endpoint that was just made.
    static var endpointWithSecret: JSONTree {
        .object((endpoint.object ?? []) + [JSONTree.Member("secret", "whsec_k3yP…")])
    }

    /// A webhook that was taken at once.
    static var message: JSONTree {
        [
            "id": "msg_4711_1k8x0v3b9q2fz", "endpoint_id": "whe_01kq3x8m2f9s7v4d6h0j5n1p8z",
            "event": "alert.created", "alert_id": "alt_01kq3x8m2f9s7v4d6h0j5n1p8t",
            "state": "delivered", "attempts": 1, "created_at": "2026-03-01T12:00:00.000Z",
            "next_attempt_at": .null,
            "last_attempt": [
                "at": "2026-03-01T12:00:00.010Z", "duration_ms": 84, "status_code": 204,
                "error": .null,
            ],
        ]
    }

    /// The same with what was posted.
    static var messageWithBody: JSONTree {
        .object(
            (message.object ?? []) + [JSONTree.Member("body", #"{"type":"alert.created",…}"#)])
    }
}
