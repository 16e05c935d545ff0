import JSON

/// Where webhooks go and what they look like.
struct WebhookTarget: Equatable {
    /// Empty for nowhere.
    var url = ""
    var secret = ""
    var times = Times.number
    var naming = Naming.camel
    var envelope = Envelope.wrapped
    var namesEnvironments = true

    enum Times: String, CaseIterable { case number, string, ms }
    enum Naming: String, CaseIterable { case camel, snake }
    enum Envelope: String, CaseIterable { case wrapped, bare }

    /// Whether webhooks can be sent there, or are to go nowhere.
    var isUsable: Bool {
        let scheme = url.prefix(8).lowercased()
        let hasScheme = scheme.hasPrefix("http://") || scheme == "https://"
        // What goes into the head of a request must not end a line of it.
        return (url.isEmpty || hasScheme) && (url + secret).utf8.allSatisfy { 0x21...0x7E ~= $0 }
    }

    /// The body that tells of an event, after docs/bigpanda.md, "Example payloads".
    func body(_ event: String, _ incident: StubIncident) -> [UInt8] {
        let members = members(incident)
        let root: [JSONTree.Member] =
            switch envelope {
            case .wrapped: [.init("incident", .object(members))]
            case .bare: members
            }
        return JSONTree.object([.init("event", .string(event))] + root).compact
    }

    private func members(_ incident: StubIncident) -> [JSONTree.Member] {
        let snooze: JSONTree = .object([
            .init("snoozed", .bool(incident.snoozed)), .init("end_time", .null),
            .init(name("autoCancel", "auto_cancel"), .bool(false)),
        ])
        var members: [JSONTree.Member] = [
            .init("id", .string(incident.id)), .init("status", .string(incident.status.rawValue)),
            .init("severity", .string(incident.severity.rawValue)),
            .init("active", .bool(incident.isActive)), .init("flapping", .bool(incident.flapping)),
            .init("resolved", .bool(!incident.isActive)), .init("snooze", snooze),
        ]
        members += times(incident)
        if namesEnvironments {
            members.append(.init("environments", [.string(incident.environmentID)]))
        }
        members += [
            .init("folders", .array(incident.folders.map { .string($0) })),
            .init(name("incidentTags", "incident_tags"), []), .init("assignee", .null),
            .init("links", links(incident)), .init("alerts", [alert(incident)]),
        ]
        return members
    }

    private func alert(_ incident: StubIncident) -> JSONTree {
        let facts = incident.alertFacts
        let head: [JSONTree.Member] = [
            .init("id", .string(incident.alertID)),
            .init("status", .string(incident.status.rawValue)),
            .init("active", .bool(incident.isActive)),
        ]
        let tail: [JSONTree.Member] = [
            .init("primary_property", facts.primary), .init("secondary_property", facts.secondary),
            .init("source_system", "nagios.nagios_east"), .init("description", facts.description),
            .init("tags", facts.tags),
        ]
        return .object(head + times(incident) + tail)
    }

    private func times(_ incident: StubIncident) -> [JSONTree.Member] {
        [
            .init(name("startedOn", "started_on"), time(incident.startedOn)),
            .init(name("changedOn", "changed_on"), time(incident.changedOn)),
            .init(name("updatedOn", "updated_on"), time(incident.updatedOn)),
            .init(name("endedOn", "ended_on"), incident.endedOn.map { time($0) } ?? .null),
        ]
    }

    private func links(_ incident: StubIncident) -> JSONTree {
        let folder = incident.isActive ? "active" : "resolved"
        let console = "https://a.bigpanda.io/#/app/overview"
        return [
            [
                "rel": "self",
                "href": .string(
                    "https://api.bigpanda.io/resources/v1.0/incidents/\(incident.id)"),
            ],
            [
                "rel": "incident",
                "href": .string(
                    "\(console)/\(incident.environmentID)/\(folder)/incidents/\(incident.id)"),
            ],
        ]
    }

    private func name(_ camel: String, _ snake: String) -> String {
        naming == .camel ? camel : snake
    }

    private func time(_ seconds: Int64) -> JSONTree {
        switch times {
        case .number: .integer(seconds)
        case .string: .string("\(seconds)")
        case .ms: .integer(seconds * 1000)
        }
    }
}
