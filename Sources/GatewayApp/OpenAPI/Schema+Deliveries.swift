import Alerts
import BigPanda
import JSON

extension Schema {
    /// Webhooks as they come in, and what was made of them.
    static var webhooks: [JSONTree.Member] {
        [
            JSONTree.Member("Incident", incident),
            JSONTree.Member("Webhook", webhook),
            JSONTree.Member(
                "WebhookResult",
                object([
                    "outcome": webhookOutcome, "alert_id": id("alt_"), "status": status,
                ])),
        ]
    }

    /// Deliveries as `Representation+Delivery.swift` writes them, and replays.
    static var deliveries: [JSONTree.Member] {
        [
            JSONTree.Member("Delivery", delivery),
            JSONTree.Member(
                "DeliveryWithBody",
                [
                    "allOf": [
                        named("Delivery"),
                        object(
                            [
                                "headers": ["type": "object", "additionalProperties": text],
                                "body": optionalText,
                            ],
                            optional: ["body_base64": text]),
                    ]
                ]),
            JSONTree.Member("Replay", replay),
            JSONTree.Member("DryReplay", dryReplay),
        ]
    }

    /// What a delivery may come to, `refused` included.
    static var deliveryOutcome: JSONTree {
        word(Outcome.ofWebhooks.map(\.rawValue) + [Delivery.Verdict.refusedText])
    }

    private static var webhookOutcome: JSONTree { word(Outcome.ofWebhooks.map(\.rawValue)) }

    private static var status: JSONTree { word(AlertStatus.allCases.map(\.rawValue)) }

    private static var incident: JSONTree {
        [
            "type": "object",
            "required": ["id"],
            "properties": [
                "id": [
                    "type": "string", "minLength": 1,
                    "maxLength": .integer(Int64(PayloadLimits.incidentIDBytesMax)),
                    "description": "Bytes, not characters, are what is counted.",
                ],
                "status": ["description": "BigPanda's word for the state."],
                "active": ["description": "Whether the incident is open."],
                "changedOn": [
                    "description": "Seconds or milliseconds, as a number or in a string."
                ],
            ],
            "description": """
            As BigPanda sends it, in camelCase or snake_case. All but the id may be left out; what \
            is unknown or has an unexpected type counts as left out.
            """,
        ]
    }

    private static var webhook: JSONTree {
        [
            "type": "object",
            "anyOf": [
                [
                    "required": ["incident"],
                    "properties": [
                        "incident": named("Incident"),
                        "event": ["description": "Such as `incident#new`."],
                    ],
                ],
                named("Incident"),
            ],
        ]
    }

    private static var delivery: JSONTree {
        object(
            [
                "id": ["type": "string", "examples": ["dlv_4711"]],
                "received_at": moment,
                "source_id": optionalText,
                "outcome": deliveryOutcome,
                "peer": text,
                "secret_id": optionalText,
                "bytes": count,
            ],
            optional: [
                "reason": word(DeliveryRefusal.allCases.map(\.rawValue)),
                "incident_id": text,
                "alert_id": id("alt_"),
                "replay_of": text,
            ])
    }

    private static var replay: JSONTree {
        object([
            "dry_run": constant(false),
            "outcome": webhookOutcome,
            "alert_id": id("alt_"),
            "status": status,
            "delivery_id": text,
            "replay_of": text,
        ])
    }

    private static var dryReplay: JSONTree {
        object([
            "dry_run": constant(true),
            "outcome": webhookOutcome,
            "alert_id": optionalText,
            "previous_status": [
                "enum": .array(AlertStatus.allCases.map { .string($0.rawValue) } + [.null])
            ],
            "status": status,
            "replay_of": text,
        ])
    }
}
