import HTTPServer
import JSON

// Incidents and what is told of them.
extension ControlAPI {
    func addIncidentRoutes(to routes: inout HTTPRoutes) {
        add(.post, "/_stub/incidents", to: &routes, createIncident)
        add(.get, "/_stub/incidents", to: &routes, listIncidents)
        add(.get, "/_stub/incidents/{id}", to: &routes, showIncident)
        add(.patch, "/_stub/incidents/{id}", to: &routes, changeIncident)
        add(.delete, "/_stub/incidents/{id}", to: &routes, deleteIncident)
        add(.post, "/_stub/incidents/{id}/close", to: &routes, closeIncident)
        add(.post, "/_stub/incidents/{id}/reopen", to: &routes, reopenIncident)
    }

    private func createIncident(
        _ fields: RequestFields, _: RouteParameters
    ) throws(StubRefusal) -> HTTPResponse {
        let id = try fields.string("id") ?? world.newID()
        guard !id.isEmpty else { throw StubRefusal(400, "an id can't be empty") }
        guard let environmentID = try environment(in: fields) ?? world.environments.first?.id
        else { throw StubRefusal(400, "there is no environment") }
        let tags =
            try fields.tags("tags") ?? [
                StubTag(name: "host", value: "host-\(id.suffix(6))"),
                StubTag(name: "check", value: "cpu"),
            ]
        var incident = StubIncident(
            id: id, alertID: world.newID(),
            status: try fields.choice("status", of: StubStatus.self) ?? .critical,
            environmentID: environmentID, tags: tags, at: world.now)
        incident.title = try fields.string("title")
        incident.severity =
            try fields.choice("severity", of: StubStatus.self) ?? incident.severity
        incident.flapping = try fields.bool("flapping") ?? false
        incident.snoozed = try fields.bool("snoozed") ?? false
        let isShared = try fields.bool("share") ?? true
        try world.add(incident)
        if isShared { world.share("incident#new", id) }
        return try show(id, status: .created)
    }

    private func listIncidents(
        _: RequestFields, _: RouteParameters
    ) throws(StubRefusal) -> HTTPResponse { .items(world.inOrder.map(\.controlled)) }

    private func showIncident(
        _: RequestFields, _ parameters: RouteParameters
    ) throws(StubRefusal) -> HTTPResponse { try show(parameters["id"] ?? "") }

    private func changeIncident(
        _ fields: RequestFields, _ parameters: RouteParameters
    ) throws(StubRefusal) -> HTTPResponse {
        let environmentID = try environment(in: fields)
        return try change(fields, parameters, "incident#updated") {
            (incident, now) throws(StubRefusal) in
            incident.flapping = try fields.bool("flapping") ?? incident.flapping
            incident.snoozed = try fields.bool("snoozed") ?? incident.snoozed
            incident.tags = try fields.tags("tags") ?? incident.tags
            incident.title = try fields.string("title") ?? incident.title
            incident.environmentID = environmentID ?? incident.environmentID
            incident.touch(at: now)
            if let status = try fields.choice("status", of: StubStatus.self) {
                incident.take(status, at: now)
            }
            incident.severity =
                try fields.choice("severity", of: StubStatus.self) ?? incident.severity
        }
    }

    private func closeIncident(
        _ fields: RequestFields, _ parameters: RouteParameters
    ) throws(StubRefusal) -> HTTPResponse {
        try change(fields, parameters, "incident#closed") { (incident, now) throws(StubRefusal) in
            incident.close(by: "incident_resolved_ui_manually", at: now)
        }
    }

    private func reopenIncident(
        _ fields: RequestFields, _ parameters: RouteParameters
    ) throws(StubRefusal) -> HTTPResponse {
        try change(fields, parameters, "incident#reopen") { (incident, now) throws(StubRefusal) in
            incident.reopen(try fields.choice("status", of: StubStatus.self), at: now)
        }
    }

    private func deleteIncident(
        _: RequestFields, _ parameters: RouteParameters
    ) throws(StubRefusal) -> HTTPResponse {
        try world.remove(parameters["id"] ?? "")
        return .noContent
    }

    /// Changes an incident, and tells of it unless `share` is false.
    private func change(
        _ fields: RequestFields, _ parameters: RouteParameters, _ event: String,
        _ body: (inout StubIncident, _ now: Int64) throws(StubRefusal) -> Void
    ) throws(StubRefusal) -> HTTPResponse {
        let isShared = try fields.bool("share") ?? true
        let now = world.now
        let incident = try world.update(parameters["id"] ?? "") {
            (incident) throws(StubRefusal) in try body(&incident, now)
        }
        if isShared { world.share(event, incident.id) }
        return try show(incident.id)
    }

    private func show(_ id: String, status: HTTPStatus = .ok) throws(StubRefusal) -> HTTPResponse {
        guard let incident = world.incidents[id] else { throw .notFound("incident") }
        return .tree(incident.controlled, status: status)
    }

    private func environment(in fields: RequestFields) throws(StubRefusal) -> String? {
        guard let id = try fields.string("environment_id") else { return nil }
        guard world.environments.contains(where: { $0.id == id }) else {
            throw StubRefusal(400, "there is no such environment")
        }
        return id
    }

    // MARK: Webhooks

    func showWebhook(
        _: RequestFields, _: RouteParameters
    ) throws(StubRefusal) -> HTTPResponse {
        let target = world.webhooks.target
        return .tree([
            "url": .string(target.url), "secret": target.secret.isEmpty ? "" : "********",
            "times": .string(target.times.rawValue), "naming": .string(target.naming.rawValue),
            "envelope": .string(target.envelope.rawValue),
            "environments_in_payload": .bool(target.namesEnvironments),
        ])
    }

    func setWebhook(
        _ fields: RequestFields, _ parameters: RouteParameters
    ) throws(StubRefusal) -> HTTPResponse {
        var target = world.webhooks.target
        target.url = try fields.string("url") ?? target.url
        target.secret = try fields.string("secret") ?? target.secret
        guard target.isUsable else {
            throw StubRefusal(400, "url must be an http or https address, secret visible ASCII")
        }
        target.times = try fields.choice("times", of: WebhookTarget.Times.self) ?? target.times
        target.naming = try fields.choice("naming", of: WebhookTarget.Naming.self) ?? target.naming
        target.envelope =
            try fields.choice("envelope", of: WebhookTarget.Envelope.self) ?? target.envelope
        target.namesEnvironments =
            try fields.bool("environments_in_payload") ?? target.namesEnvironments
        world.webhooks.target = target
        return try showWebhook(fields, parameters)
    }

    func listDeliveries(
        _: RequestFields, _: RouteParameters
    ) throws(StubRefusal) -> HTTPResponse { .items(world.webhooks.json) }

    func repeatDelivery(
        _: RequestFields, _ parameters: RouteParameters
    ) throws(StubRefusal) -> HTTPResponse {
        try world.webhooks.repeatDelivery(at: parameters["index"].flatMap { Int($0) } ?? -1)
        return .tree([:], status: .accepted)
    }
}
