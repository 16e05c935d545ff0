import Alerts
import JSON

extension Schema {
    /// An alert, its close and its timeline, as `Representation+Alert.swift` writes them.
    static var alerts: [JSONTree.Member] {
        [
            JSONTree.Member("Alert", object(alertMembers, optional: ["canary": bool])),
            JSONTree.Member(
                "AlertWithTimeline",
                [
                    "allOf": [
                        named("Alert"),
                        object(["timeline": list(of: named("TimelineEntry"))]),
                    ]
                ]),
            JSONTree.Member("Close", close),
            JSONTree.Member("Actor", actor),
            JSONTree.Member("TimelineEntry", timelineEntry),
        ]
    }

    private static var alertMembers: KeyValuePairs<String, JSONTree> {
        [
            "id": id("alt_"),
            "source_id": id("src_"),
            "incident_id": text,
            "title": text,
            "description": optionalText,
            "status": word(AlertStatus.allCases.map(\.rawValue)),
            "severity": optionalText,
            "bigpanda_status": optionalText,
            "environment_id": optionalText,
            "flapping": bool,
            "snoozed": bool,
            "tags": ["type": "object", "additionalProperties": text],
            "source_url": optionalText,
            "alert_count": ["type": ["integer", "null"]],
            "created_at": moment,
            "fired_at": optionalMoment,
            "resolved_at": optionalMoment,
            "resolved_by": optional("Actor"),
            "updated_at": moment,
            "close": optional("Close"),
        ]
    }

    private static var close: JSONTree {
        object([
            "id": id("cls_"),
            "alert_id": id("alt_"),
            "state": word(CloseState.allCases.map(\.rawValue)),
            "attempts": count,
            "last_error": optionalText,
            "next_attempt_at": optionalMoment,
            "requested_by": text,
            "comment": optionalText,
            "created_at": moment,
            "sent_at": optionalMoment,
            "updated_at": moment,
        ])
    }

    private static var actor: JSONTree {
        object(["kind": word(Actor.Kind.allCases.map(\.rawValue)), "name": text])
    }

    private static var timelineEntry: JSONTree {
        object(
            [
                "at": moment,
                "outcome": word(Outcome.allCases.map(\.rawValue)),
                "status": word(AlertStatus.allCases.map(\.rawValue)),
                "cause": named("Actor"),
            ],
            optional: ["comment": text, "delivery_id": text, "changed_on": moment])
    }
}
