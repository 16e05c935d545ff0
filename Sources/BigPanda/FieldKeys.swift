import JSON

/// The things that are read from one kind of object, each with the names it goes by.
protocol FieldKey: RawRepresentable<Int>, CaseIterable {
    /// The preferred name first.
    var names: [StaticString] { get }
    /// The names of all.
    static var all: JSONNames { get }
}

extension FieldKey {
    static func gathered() -> JSONNames { JSONNames(allCases.map(\.names)) }
}

extension JSONFields {
    /// What the first of the key's names that is there and that `read` can use amounts to.
    func first<Field>(_ key: some FieldKey, read: (JSONValue) -> Field?) -> Field? {
        var passed = 0
        while let value = next(of: key.rawValue, &passed) {
            if let field = read(value) { return field }
        }
        return nil
    }

    /// The value of the first of the key's names that is there.
    subscript(key: some FieldKey) -> JSONValue? {
        var passed = 0
        return next(of: key.rawValue, &passed)
    }
}

/// What a webhook's body holds beside the incident.
enum BodyKey: Int, FieldKey {
    case incident, event, environmentID, environment

    static let all = gathered()

    var names: [StaticString] {
        switch self {
        case .incident: ["incident"]
        // The event's name: nowhere documented for the native payload, so all likely places count.
        case .event: ["event", "event_type", "eventType", "trigger", "u_bp_event_type"]
        case .environmentID: ["environment_id", "environmentId", "env_id"]
        case .environment: ["environment"]
        }
    }
}

/// What an incident holds, in webhooks (v1 names) and in API replies (v2 names) alike.
///
/// Source: docs/bigpanda.md, "Incident object"; BigPanda, API reference "Incidents V2".
enum IncidentKey: Int, FieldKey {
    case id, active, resolved, status, severity, flapping, changedOn, updatedOn, snoozed
    case environmentID, environment, environments, links, alerts, alertCount
    case title, description, tags

    static let all = gathered()

    var names: [StaticString] {
        switch self {
        case .id: ["id"]
        case .active: ["active", "is_active", "isActive"]
        case .resolved: ["resolved", "is_resolved", "isResolved"]
        case .status: ["status"]
        case .severity: ["severity"]
        case .flapping: ["flapping", "is_flapping", "isFlapping"]
        case .changedOn: ["changedOn", "changed_on", "changed_at", "changedAt"]
        case .updatedOn: ["updatedOn", "updated_on", "updated_at", "updatedAt"]
        case .snoozed: ["snooze", "snoozed", "is_snoozed", "isSnoozed"]
        case .environmentID: ["environment_id", "environmentId", "env_id"]
        case .environment: ["environment"]
        case .environments: ["environments"]
        case .links: ["links"]
        case .alerts: ["alerts"]
        case .alertCount: ["alert_count", "alertCount", "alerts_count", "alertsCount"]
        case .title: ["title"]
        case .description: ["description"]
        case .tags: ["incidentTags", "incident_tags", "tags"]
        }
    }
}

/// What an alert of an incident holds.
enum AlertKey: Int, FieldKey {
    case status, startedOn, description, tags, primary, secondary

    static let all = gathered()

    var names: [StaticString] {
        switch self {
        case .status: ["status"]
        case .startedOn: ["startedOn", "started_on", "started_at", "start"]
        case .description: ["description"]
        case .tags: ["tags"]
        case .primary: ["primary_property", "primaryProperty", "primary"]
        case .secondary: ["secondary_property", "secondaryProperty", "secondary"]
        }
    }
}

/// What a tag in a list of tags holds.
enum TagKey: Int, FieldKey {
    case name, value

    static let all = gathered()

    var names: [StaticString] {
        switch self {
        case .name: ["name", "object", "tag_name", "tagName", "key", "tag_id", "tagId", "id"]
        case .value: ["value", "tag_value", "tagValue"]
        }
    }
}
