import JSON

extension Schema {
    /// What `GET /v1/status` tells.
    static var gatewayStatus: JSONTree {
        object([
            "status": word(Diagnosis.Verdict.allCases.map(\.rawValue)),
            "at": moment, "version": text,
            "store": object([
                "kind": word(["sqlite", "postgresql"]), "problem": optionalText,
                "free_bytes": optionalCount,
            ]),
            "closes": [
                "anyOf": [
                    object([
                        "owed": count, "failed": count, "oldest_owed_at": optionalMoment,
                        "oldest_owed_seconds": optionalCount,
                    ]), ["type": "null"],
                ]
            ],
            "webhooks_waiting": count, "other_gateways": optionalCount,
            "findings": list(
                of: object([
                    "code": word(HealthFinding.Code.allCases.map(\.rawValue)),
                    "severity": word(HealthFinding.Severity.allCases.map(\.rawValue)),
                    "subject": text, "seen": text, "action": text,
                ])),
        ])
    }

    private static let optionalCount: JSONTree = ["type": ["integer", "null"]]
}

extension Examples {
    /// A gateway with one thing to do.
    static var gatewayStatus: JSONTree {
        [
            "status": "failing", "at": "2026-03-01T12:00:00.000Z",
            "version": .string(Version.current),
            "store": ["kind": "sqlite", "problem": .null, "free_bytes": 21_474_836_480],
            "closes": [
                "owed": 2, "failed": 0, "oldest_owed_at": "2026-03-01T11:00:00.000Z",
                "oldest_owed_seconds": 3600,
            ],
            "webhooks_waiting": 0, "other_gateways": .null,
            "findings": [
                [
                    "code": "integration_paused", "severity": "error", "subject": "production",
                    "seen": "Its closes wait. BigPanda answered 401.",
                    "action": "Give it a good key: bigpanda-gateway integration replace-key.",
                ]
            ],
        ]
    }
}
