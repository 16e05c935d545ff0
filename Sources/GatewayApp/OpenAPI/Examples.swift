import JSON

/// One of each thing, as it looks in an answer.
enum Examples {
    /// An alert that fires.
    static var alert: JSONTree {
        [
            "id": "alt_01kq3x8m2f9s7v4d6h0j5n1p8t", "source_id": "src_01kq3x8m2f9s7v4d6h0j5n1p8v",
            "incident_id": "63bd568809cb331300ffa111", "title": "db-prod-1: cpu",
            "description": "CPU above 95 %", "status": "firing", "severity": "critical",
            "bigpanda_status": "critical", "environment_id": "63bd568809cb331300ffa555",
            "flapping": false, "snoozed": false, "tags": ["host": "db-prod-1"], "source_url": .null,
            "alert_count": 1, "created_at": moment, "fired_at": moment, "resolved_at": .null,
            "resolved_by": .null, "updated_at": moment, "close": .null,
        ]
    }

    /// An alert with what happened to it.
    static var alertWithTimeline: JSONTree {
        adding(
            [
                "timeline": [
                    [
                        "at": moment, "outcome": "created", "status": "firing",
                        "cause": ["kind": "bigpanda", "name": "incident#new"],
                        "delivery_id": "dlv_4711",
                    ]
                ]
            ], to: alert)
    }

    /// A close that BigPanda has confirmed.
    static var close: JSONTree {
        [
            "id": "cls_01kq3x8m2f9s7v4d6h0j5n1p8w", "alert_id": "alt_01kq3x8m2f9s7v4d6h0j5n1p8t",
            "state": "confirmed", "attempts": 1, "last_error": .null, "next_attempt_at": .null,
            "requested_by": "admin", "comment": "Restarted it.", "created_at": moment,
            "sent_at": moment, "updated_at": moment,
        ]
    }

    /// A webhook.
    static var webhook: JSONTree {
        [
            "event": "incident#new",
            "incident": [
                "id": "63bd568809cb331300ffa111", "status": "critical", "active": true,
                "changedOn": 1_772_366_400,
            ],
        ]
    }

    /// What a webhook is answered.
    static var webhookResult: JSONTree {
        [
            "outcome": "created", "alert_id": "alt_01kq3x8m2f9s7v4d6h0j5n1p8t", "status": "firing",
        ]
    }

    /// A delivery that was taken in.
    static var delivery: JSONTree {
        [
            "id": "dlv_4711", "received_at": moment, "source_id": "src_01kq3x8m2f9s7v4d6h0j5n1p8v",
            "outcome": "created", "incident_id": "63bd568809cb331300ffa111",
            "alert_id": "alt_01kq3x8m2f9s7v4d6h0j5n1p8t", "peer": "203.0.113.7",
            "secret_id": "sec_01kq3x8m2f9s7v4d6h0j5n1p8x", "bytes": 48,
        ]
    }

    /// A delivery with what was sent.
    static var deliveryWithBody: JSONTree {
        adding(
            [
                "headers": ["Content-Type": "application/json"],
                "body": #"{"incident":{"id":"63bd568809cb331300ffa111"}}"#,
            ], to: delivery)
    }

    /// What a replay would do.
    static var replay: JSONTree {
        [
            "dry_run": true, "outcome": "duplicate", "alert_id": "alt_01kq3x8m2f9s7v4d6h0j5n1p8t",
            "previous_status": "firing", "status": "firing", "replay_of": "dlv_4711",
        ]
    }

    /// An integration that is connected.
    static var integration: JSONTree {
        [
            "id": "int_01kq3x8m2f9s7v4d6h0j5n1p8s", "name": "production", "region": "us",
            "base_url": "https://api.bigpanda.io", "environment_id": "63bd568809cb331300ffa555",
            "environments": [["id": "63bd568809cb331300ffa555", "name": "Production"]],
            "key_suffix": "9f3a", "key_expires_at": .null, "state": "connected",
            "state_reason": .null,
            "checked_at": moment, "created_at": moment, "updated_at": moment,
        ]
    }

    /// A source.
    static var source: JSONTree {
        [
            "id": "src_01kq3x8m2f9s7v4d6h0j5n1p8v", "name": "BigPanda",
            "integration_id": "int_01kq3x8m2f9s7v4d6h0j5n1p8s", "enabled": true,
            "callback_url":
                "https://gateway.example/webhooks/bigpanda/src_01kq3x8m2f9s7v4d6h0j5n1p8v",
            "last_delivery_at": .null, "delivery_count": 0, "quiet_watch": true,
            "traffic": [
                "state": "learning", "days_learned": 3, "silent_spans": 2, "missed_spans": 0,
            ],
            "secrets": [
                [
                    "id": "sec_01kq3x8m2f9s7v4d6h0j5n1p8x", "created_at": moment,
                    "expires_at": .null,
                    "last_used_at": .null,
                ]
            ],
            "created_at": moment, "updated_at": moment,
        ]
    }

    /// A source with the secret that it was just given.
    static var sourceWithSecret: JSONTree { adding(["secret": "k3yP…"], to: source) }

    /// A page with one item.
    static func page(of item: JSONTree) -> JSONTree { ["items": [item], "next_cursor": .null] }

    private static let moment: JSONTree = "2026-03-01T12:00:00.000Z"

    private static func adding(_ more: JSONTree, to tree: JSONTree) -> JSONTree {
        .object((tree.object ?? []) + (more.object ?? []))
    }
}
