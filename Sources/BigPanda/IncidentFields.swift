import Alerts
import JSON

/// The fields that an incident has in webhooks (v1 names) and in API replies (v2 names) alike.
///
/// Source: docs/bigpanda.md, "Incident object"; BigPanda, API reference "Incidents V2".
struct IncidentFields {
    private let incident: JSONValue

    init(_ incident: JSONValue) { self.incident = incident }

    var active: Bool? { incident.first("active", "is_active", "isActive", read: \.flag) }

    var resolved: Bool? { incident.first("resolved", "is_resolved", "isResolved", read: \.flag) }

    var status: String? { incident.first("status", read: \.word) }

    var severity: String? { incident.first("severity", read: \.word) }

    var flapping: Bool? { incident.first("flapping", "is_flapping", "isFlapping", read: \.flag) }

    var times: EventTimes {
        EventTimes(
            changedOn: incident.first(
                "changedOn", "changed_on", "changed_at", "changedAt", read: \.moment),
            updatedOn: incident.first(
                "updatedOn", "updated_on", "updated_at", "updatedAt", read: \.moment))
    }

    /// Whether somebody hid it: an object with `snoozed`, or that alone; `null` says it isn't.
    var snoozed: Bool? {
        incident.first("snooze", "snoozed", "is_snoozed", "isSnoozed") { value in
            switch value.kind {
            case .object: value["snoozed"]?.flag
            case .null: false
            case .bool, .string, .number, .array: value.flag
            }
        }
    }
}
