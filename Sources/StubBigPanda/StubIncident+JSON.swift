import JSON

extension StubIncident {
    /// The incident as the v2 API gives it.
    ///
    /// Source: docs/bigpanda-openapi.yaml, `IncidentV2`; the API begins statuses with a capital.
    func v2(expandsAlerts: Bool) -> JSONTree {
        .object(v2Members(expandsAlerts: expandsAlerts, isCapital: true))
    }

    /// The incident as the control API gives it: v2, plain words, and what tests ask for.
    var controlled: JSONTree {
        .object(
            v2Members(expandsAlerts: true, isCapital: false) + [
                .init("title", .optional(title)),
                .init("environment_id", .string(environmentID)),
                .init("snoozed", .bool(snoozed)),
                .init("closes_accepted", .integer(Int64(closesAccepted))),
                .init("tags", .object(tags.map { .init($0.name, .string($0.value)) })),
            ])
    }

    private func v2Members(expandsAlerts: Bool, isCapital: Bool) -> [JSONTree.Member] {
        func word(_ status: StubStatus) -> JSONTree {
            let word = status.rawValue
            return .string(isCapital ? word.prefix(1).uppercased() + word.dropFirst() : word)
        }
        return [
            .init("id", .string(id)), .init("status", word(status)),
            .init("severity", word(severity)), .init("active", .bool(isActive)),
            .init("flapping", .bool(flapping)), .init("shared", .bool(isShared)),
            .init(
                "snooze",
                [
                    "snoozed": .bool(snoozed), "end_time": .null,
                    "cancel_on_incident_updates": .null,
                ]),
            .init("maintenance", .null), .init("start", .integer(startedOn)),
            .init("changed_at", .integer(changedOn)), .init("updated_at", .integer(updatedOn)),
            .init("end", .optional(endedOn)),
            .init("alerts", [expandsAlerts ? v2Alert : ["alert_id": .string(alertID)]]),
            .init("environments", [.string(environmentID)]),
            .init("folders", .array(folders.map { .string($0) })),
            .init("incident_tags", []), .init("correlation_matchers_log", []),
            .init("assignee", .null), .init("assigner", .null),
        ]
    }

    private var v2Alert: JSONTree {
        let facts = alertFacts
        return [
            "id": .string(alertID), "status": .string(status.rawValue), "active": .bool(isActive),
            "started_at": .integer(startedOn), "changed_at": .integer(changedOn),
            "updated_at": .integer(updatedOn), "ended_at": .optional(endedOn),
            "primary_property": facts.primary, "secondary_property": facts.secondary,
            "source_system": "nagios.nagios_east", "description": facts.description,
            "tags": facts.tags,
        ]
    }

    /// What an alert says of itself, by whichever API.
    var alertFacts: (primary: JSONTree, secondary: JSONTree, description: JSONTree, tags: JSONTree)
    {
        func hasTag(_ name: String) -> Bool { self.tags.contains { $0.name == name } }
        func property(_ name: String) -> JSONTree {
            title == nil && hasTag(name) ? .string(name) : .null
        }
        let tags = self.tags.map { tag -> JSONTree in
            ["name": .string(tag.name), "value": .string(tag.value)]
        }
        // An incident's title is made from its alert's properties, else from its description.
        return (
            property("host"), property("check"),
            .string(title ?? "The check is \(status.rawValue)."), .array(tags)
        )
    }

    /// Where the console lists it.
    var folders: [String] {
        var folders = isActive ? ["active", "unhandled"] : ["resolved"]
        if isShared { folders.append("shared") }
        if snoozed { folders.append("snoozed") }
        return folders
    }
}
