import Alerts
import JSON

/// What a Webhook v2 integration of BigPanda has to be for a source.
///
/// Source: docs/bigpanda.md, "Notifications Webhook v2", the schema `WorkflowConfig` and the
/// triggers and variables that are named there; no others are used.
struct WebhookWish: Sendable, Equatable {
    /// What it is called in BigPanda; only for a new one.
    let name: String
    /// The source's callback URL.
    let callbackURL: String
    /// Where its incidents are closed, if the integration says so.
    let environmentID: String?
    /// The member of an entry of `events` that names its trigger.
    ///
    /// No public document tells it.
    let triggerKey: String

    /// What `default` stands for is every trigger that has no entry of its own.
    static let triggers = [
        "default", "incident#new", "incident#updated", "incident#closed", "incident#reopen",
    ]
    /// All triggers that there are, to tell by their names which member names them.
    static let knownTriggers = Set(
        triggers + [
            "incident#snoozed", "incident#commented", "incident#become-flapping",
            "incident-tag#upserted", "incident-tag#removed", "manual",
        ])
    /// What stands for the secret wherever people see it.
    static let hiddenSecret = "Bearer (a new secret)"

    /// The configuration, with `authorization` for each trigger.
    func configuration(authorization: String) -> JSONTree {
        [
            "config": ["base_url": .string(callbackURL), "expects_callbacks": false],
            "events": .array(
                Self.triggers.map { trigger in
                    .object([
                        JSONTree.Member(triggerKey, .string(trigger)),
                        JSONTree.Member("enabled", true), JSONTree.Member("method", "POST"),
                        JSONTree.Member("authorization", .string(authorization)),
                        JSONTree.Member("body", body(of: trigger)),
                    ])
                }),
        ]
    }

    /// The body that BigPanda sends for a trigger: the native shape, with the event's name and the
    /// environment written out, as variables for these are not known.
    func body(of trigger: String) -> JSONTree {
        var members = [JSONTree.Member("event", .string(trigger))]
        if let environmentID {
            members.append(JSONTree.Member("environment_id", .string(environmentID)))
        }
        var incident: [JSONTree.Member] = [
            JSONTree.Member("id", "{{incident.id}}"),
            JSONTree.Member("start", "{{incident.start}}"),
            JSONTree.Member("updated_at", "{{incident.updated_at}}"),
        ]
        incident.append(
            JSONTree.Member(
                "alerts",
                [
                    [
                        "id": "{{primaryAlert.id}}", "status": "{{primaryAlert.status}}",
                        "description": "{{primaryAlert.description}}",
                        "primary_property": "{{primaryAlert.primary_property}}",
                        "source_system": "{{primaryAlert.source_system}}",
                    ]
                ]))
        members.append(JSONTree.Member("incident", .object(incident)))
        return .object(members)
    }

    /// The body of the call that makes a new one.
    func creation(authorization: String) -> JSONTree {
        [
            "name": .string(name), "parent_system_id": "webhook_v2",
            "workflow_config": configuration(authorization: authorization),
        ]
    }

    /// The body of the call that changes one.
    func change(authorization: String) -> JSONTree {
        ["workflow_config": configuration(authorization: authorization)]
    }
}
