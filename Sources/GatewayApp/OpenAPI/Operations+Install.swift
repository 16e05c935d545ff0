import HTTPServer
import JSON

extension OpenAPIDocument {
    /// `/v1/sources/{id}/install-webhook`.
    static var installOperation: Operation {
        Operation(
            .post, "/v1/sources/{id}/install-webhook", id: "installWebhook", tag: "sources",
            "Show what BigPanda's Webhook v2 lacks to post to it, or set it up"
        )
        .body(
            Schema.wish([
                "apply": [
                    "type": "boolean", "default": false,
                    "description": "Make the call that is shown, with a new secret.",
                ],
                "trigger_key": [
                    "type": ["string", "null"], "maxLength": 64,
                    "description": "What names an event's trigger, if no integration shows it.",
                ],
            ]),
            isRequired: false, example: ["apply": false]
        )
        .answers(
            .ok, "What differs, and the call that puts it right",
            Schema.object([
                "applied": Schema.bool,
                "differences": Schema.list(of: Schema.text),
                "request": [
                    "anyOf": [
                        Schema.object([
                            "method": Schema.word(["POST", "PATCH"]), "path": Schema.text,
                            "body": ["type": "object"],
                        ]),
                        ["type": "null"],
                    ]
                ],
            ]),
            example: ["applied": false, "differences": [], "request": .null]
        )
        .refusesAsAdmin(
            Operation.badBody,
            unavailable: ["bigpanda_unreachable", "store_unavailable", "no_randomness"]
        )
        .refusesBody(["key_rejected", "key_forbidden", "not_bigpanda", "bigpanda_refused"])
        .refuses(.notFound, ["not_found"])
        .refuses(.conflict, ["unknown_trigger_key", "conflict"])
    }
}
