import Alerts
import BigPanda
import JSON

extension Schema {
    /// Integrations and sources as `Representation+Directory.swift` writes them.
    static var directory: [JSONTree.Member] {
        [
            JSONTree.Member("Integration", integration),
            JSONTree.Member("NewIntegration", newIntegration),
            JSONTree.Member("IntegrationChange", wish(integrationMembers(isNew: false))),
            JSONTree.Member("Source", object(sourceMembers)),
            JSONTree.Member(
                "SourceWithSecret",
                [
                    "allOf": [named("Source"), object(["secret": text])],
                    "description": "The secret is shown this once.",
                ]),
            JSONTree.Member("SourceSecret", sourceSecret),
            JSONTree.Member("SourceTraffic", sourceTraffic),
        ]
    }

    private static var integration: JSONTree {
        object([
            "id": id("int_"),
            "name": text,
            "region": optionalText,
            "base_url": text,
            "environment_id": optionalText,
            "environments": list(of: object(["id": text, "name": text])),
            "key_suffix": text,
            "key_expires_at": optionalMoment,
            "state": word(
                [
                    IntegrationState.connected, .keyRejected, .keyForbidden, .unreachable,
                ].map(\.rawValue)),
            "state_reason": optionalText,
            "checked_at": moment,
            "created_at": moment,
            "updated_at": moment,
        ])
    }

    /// What may be said of an integration; of a new one the key must be.
    private static func integrationMembers(
        isNew: Bool
    ) -> KeyValuePairs<String, JSONTree> {
        [
            "name": name("production"),
            "api_key": [
                "type": isNew ? "string" : ["string", "null"], "minLength": 1,
                "maxLength": .integer(Int64(Limits.keyBytesMax)), "pattern": "^[!-~]+$",
                "description": "Of BigPanda; it is checked first and never shown.",
            ],
            "region": [
                "enum": .array(BigPandaRegion.allCases.map { .string($0.rawValue) } + [.null])
            ],
            "base_url": [
                "type": ["string", "null"], "format": "uri",
                "maxLength": .integer(Int64(BaseURL.bytesMax)), "pattern": "^https?://[^?#@]+$",
                "description": "`https`, or `http` to this machine itself; instead of a region.",
                "examples": ["https://api.bigpanda.io"],
            ],
            "environment_id": text(upTo: 64, orNull: true),
            "key_expires_at": optionalMoment,
        ]
    }

    private static var newIntegration: JSONTree {
        let wish = wish(integrationMembers(isNew: true), required: ["name", "api_key"])
        let byRegion: JSONTree = [
            "required": ["region"],
            "properties": ["region": ["type": "string"], "base_url": ["type": "null"]],
        ]
        let byAddress: JSONTree = [
            "required": ["base_url"],
            "properties": ["base_url": ["type": "string"], "region": ["type": "null"]],
        ]
        return .object(
            (wish.object ?? []) + [JSONTree.Member("oneOf", [byRegion, byAddress])])
    }

    private static var sourceMembers: KeyValuePairs<String, JSONTree> {
        [
            "id": id("src_"),
            "name": text,
            "integration_id": id("int_"),
            "enabled": bool,
            "callback_url": text,
            "last_delivery_at": optionalMoment,
            "delivery_count": count,
            "quiet_watch": bool,
            "traffic": optional("SourceTraffic"),
            "secrets": list(of: named("SourceSecret")),
            "created_at": moment,
            "updated_at": moment,
        ]
    }

    /// What is known of a source's webhooks; `null` while it is switched off.
    private static var sourceTraffic: JSONTree {
        object([
            "state": word(TrafficJudgement.State.allCases.map(\.rawValue)),
            "days_learned": count,
            "silent_spans": count,
            "missed_spans": count,
        ])
    }

    private static var sourceSecret: JSONTree {
        object([
            "id": id("sec_"),
            "created_at": moment,
            "expires_at": optionalMoment,
            "last_used_at": optionalMoment,
        ])
    }
}
