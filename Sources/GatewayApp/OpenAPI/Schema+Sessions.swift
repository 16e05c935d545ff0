import Alerts
import JSON

extension Schema {
    /// Sessions, statistics, the program and exports.
    static var insights: [JSONTree.Member] {
        [
            JSONTree.Member("Session", object(sessionMembers, optional: ["current": bool])),
            JSONTree.Member(
                "OwnSession",
                ["allOf": [named("Session"), object(["csrf_token": text])]]),
            JSONTree.Member("Statistics", statistics),
            JSONTree.Member(
                "About",
                object([
                    "version": text, "store": word(["sqlite", "postgresql"]),
                    "schema_version": count, "public_url": text, "started_at": moment,
                    "uptime_seconds": count, "at": moment,
                ])),
            JSONTree.Member("Status", gatewayStatus),
            JSONTree.Member(
                "AlertExport",
                object([
                    "exported_at": moment, "gateway_version": text,
                    "alert": named("AlertWithTimeline"), "source": optional("Source"),
                    "integration": optional("Integration"),
                    "deliveries": list(of: named("DeliveryWithBody")),
                    "deliveries_gone": list(of: text), "deliveries_left_out": list(of: text),
                ])),
        ]
    }

    private static var sessionMembers: KeyValuePairs<String, JSONTree> {
        [
            "id": id("ses_"), "token_name": optionalText,
            "role": ["enum": .array(Role.allCases.map { .string($0.rawValue) } + [.null])],
            "peer": text, "created_at": moment, "last_used_at": moment,
            "expires_at": moment,
        ]
    }

    private static var statistics: JSONTree {
        object([
            "at": moment,
            "alerts": object(["firing": count, "resolved": count]),
            "closes": .object([
                JSONTree.Member("type", "object"),
                JSONTree.Member(
                    "required", .array(CloseState.allCases.map { .string($0.rawValue) })),
                JSONTree.Member(
                    "properties",
                    .object(CloseState.allCases.map { JSONTree.Member($0.rawValue, count) })),
            ]),
            "oldest_owed_close_at": optionalMoment,
            "hours": list(
                of: object([
                    "starts_at": moment, "webhooks": count, "refused": count, "firing": count,
                ])),
            "sources": list(
                of: object(["source_id": id("src_"), "webhooks": list(of: count)])),
        ])
    }
}

extension Examples {
    private static let moment: JSONTree = "2026-03-01T12:00:00.000Z"

    /// A browser that is signed in.
    static var session: JSONTree {
        [
            "id": "ses_01kq3x8m2f9s7v4d6h0j5n1p8y", "token_name": "ann", "role": "operator",
            "peer": "203.0.113.9", "created_at": moment,
            "last_used_at": moment, "expires_at": "2026-03-02T00:00:00.000Z",
        ]
    }

    /// One's own session.
    static var ownSession: JSONTree {
        .object((session.object ?? []) + [JSONTree.Member("csrf_token", "m0Zr…")])
    }

    /// One hour of the last day, and one source.
    static var statistics: JSONTree {
        [
            "at": moment, "alerts": ["firing": 3, "resolved": 40],
            "closes": .object(
                CloseState.allCases.map { JSONTree.Member($0.rawValue, .integer(0)) }),
            "oldest_owed_close_at": .null,
            "hours": [["starts_at": moment, "webhooks": 12, "refused": 1, "firing": 3]],
            "sources": [["source_id": "src_01kq3x8m2f9s7v4d6h0j5n1p8v", "webhooks": [12]]],
        ]
    }

    /// The program.
    static var about: JSONTree {
        [
            "version": .string(Version.current), "store": "sqlite", "schema_version": 5,
            "public_url": "https://gateway.example", "started_at": moment, "uptime_seconds": 3600,
            "at": "2026-03-01T13:00:00.000Z",
        ]
    }

    /// An alert with all that belongs to it.
    static var alertExport: JSONTree {
        [
            "exported_at": moment, "gateway_version": .string(Version.current),
            "alert": alertWithTimeline, "source": source, "integration": integration,
            "deliveries": [deliveryWithBody], "deliveries_gone": [], "deliveries_left_out": [],
        ]
    }
}
