import Alerts
import HTTPServer
import JSON

extension OpenAPIDocument {
    /// `/v1/deliveries`.
    static var deliveryOperations: [Operation] {
        let word = "deliveries"
        let outcomes = filter((Schema.deliveryOutcome["enum"]?.array ?? []).compactMap(\.string))
        return [
            Operation(
                .get, "/v1/deliveries", id: "listDeliveries", tag: word, "Deliveries, newest first"
            )
            .paged()
            .query("source_id", Schema.text, "Only those of this source.")
            .query("outcome", outcomes, "Only those that came to this.")
            .answers(
                .ok, "A page of deliveries", Schema.page(of: "Delivery"),
                example: Examples.page(of: Examples.delivery)
            )
            .refusesAsAdmin(Operation.badPage + ["invalid_filter"]),
            Operation(
                .get, "/v1/deliveries/{id}", id: "getDelivery", tag: word,
                "A delivery as it came in"
            )
            .answers(
                .ok, "The delivery with its header and body", Schema.named("DeliveryWithBody"),
                example: Examples.deliveryWithBody
            )
            .refusesAsAdmin().refuses(.notFound, ["not_found"]),
            Operation(
                .post, "/v1/deliveries/{id}/replay", id: "replayDelivery", tag: word,
                "Take a delivery in again, or see what that would do"
            )
            .body(
                Schema.wish(["dry_run": Schema.bool]), isRequired: false,
                example: ["dry_run": true]
            )
            .answers(
                .ok, "What came of it, or would",
                ["oneOf": [Schema.named("Replay"), Schema.named("DryReplay")]],
                example: Examples.replay
            )
            .refusesAsAdmin(
                Operation.badBody, unavailable: ["store_unavailable", "overloaded"],
                needs: .operator
            )
            .refusesBody(["not_json", "no_incident_id", "bad_incident_id"])
            .refuses(.notFound, ["not_found"])
            .refuses(.conflict, ["body_not_kept", "source_gone", "conflict"]),
        ]
    }

    /// `/webhooks`.
    static var webhookOperations: [Operation] {
        [HTTPMethod.post, .put, .patch].map { method in
            Operation(
                method, "/webhooks/bigpanda/{source_id}",
                id: "\(method.name.lowercased())Webhook", tag: "webhooks",
                "BigPanda tells of an incident; 200 once that is durable"
            )
            .opened(by: "webhookSecret")
            .body(Schema.named("Webhook"), isRequired: true, example: Examples.webhook)
            .answers(
                .ok, "What came of it", Schema.named("WebhookResult"),
                example: Examples.webhookResult
            )
            .refuses(
                .badRequest, ["not_json", "no_incident_id", "bad_incident_id"],
                also: "RequestFault"
            )
            .refuses(.unauthorized, ["unauthorized"], headers: Operation.challenge)
            .refuses(.contentTooLarge, ["content_too_large"])
            .refuses(
                .unsupportedMediaType,
                ["unsupported_media_type", "unsupported_content_coding"]
            )
            .refuses(
                .serviceUnavailable, ["store_unavailable", "overloaded", "unavailable"],
                headers: Operation.retryAfter)
        }
    }
}
