import Alerts
import JSON

/// The fields that an incident has in webhooks and in API replies alike.
struct IncidentFields {
    /// All that is looked for in it.
    let members: JSONFields

    init(_ incident: JSONValue) { members = JSONFields(incident, IncidentKey.all) }

    var active: Bool? { members.first(IncidentKey.active, read: \.flag) }

    var resolved: Bool? { members.first(IncidentKey.resolved, read: \.flag) }

    var status: String? { members.first(IncidentKey.status, read: \.word) }

    var severity: String? { members.first(IncidentKey.severity, read: \.word) }

    var flapping: Bool? { members.first(IncidentKey.flapping, read: \.flag) }

    var times: EventTimes {
        EventTimes(
            changedOn: members.first(IncidentKey.changedOn, read: \.moment),
            updatedOn: members.first(IncidentKey.updatedOn, read: \.moment))
    }

    /// Whether somebody hid it: an object with `snoozed`, or that alone; `null` says it isn't.
    var snoozed: Bool? {
        members.first(IncidentKey.snoozed) { value in
            switch value.kind {
            case .object: value["snoozed"]?.flag
            case .null: false
            case .bool, .string, .number, .array: value.flag
            }
        }
    }
}
