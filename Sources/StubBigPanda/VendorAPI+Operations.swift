import HTTPServer
import JSON

// The operations, for calls that may be answered.
extension VendorAPI {
    func listEnvironments(_: VendorCall) throws(StubRefusal) -> HTTPResponse {
        .tree(.array(world.environments.map(\.json)))
    }

    func showEnvironment(_ call: VendorCall) throws(StubRefusal) -> HTTPResponse {
        .tree(try environment(of: call).json)
    }

    func listIncidents(_ call: VendorCall) throws(StubRefusal) -> HTTPResponse {
        let search = try IncidentSearch(call, in: try environment(of: call).id)
        let found = world.inOrder.filter(search.matches)
            .sorted { ($0.changedOn, $0.id) > ($1.changedOn, $1.id) }
        let page = found.dropFirst(search.offset).prefix(search.pageSize)
        return .tree([
            "total": .integer(Int64(found.count)),
            "items": .array(page.map { $0.v2(expandsAlerts: search.expandsAlerts) }),
        ])
    }

    func showIncident(_ call: VendorCall) throws(StubRefusal) -> HTTPResponse {
        let expands = call.request.head.queryValue("expand") == "alerts"
        return .tree(try incident(of: call).v2(expandsAlerts: expands))
    }

    /// Accepts a close; the incident turns inactive some time later.
    func resolve(_ call: VendorCall) throws(StubRefusal) -> HTTPResponse {
        let incident = try incident(of: call)
        guard let comments = try RequestFields(call.request.body).string("comments") else {
            throw StubRefusal(400, "comments is required")
        }
        world.calls.update(call.number) { $0.comments = comments }
        guard incident.isActive else { throw StubRefusal(409, "incident is already resolved") }
        _ = try world.update(incident.id) { (incident) throws(StubRefusal) in
            incident.closesAccepted += 1
        }
        if !call.isIgnored {
            let delay = call.isAppliedAtOnce ? 0 : world.settings.applyDelayMilliseconds
            world.closeIncident(incident.id, afterMilliseconds: delay)
        }
        return .tree(["status": 202, "data": [:]], status: .accepted)
    }

    func comment(_ call: VendorCall) throws(StubRefusal) -> HTTPResponse {
        let incident = try incident(of: call)
        guard let comment = try RequestFields(call.request.body).string("comment") else {
            throw StubRefusal(400, "comment is required")
        }
        world.calls.update(call.number) { $0.comments = comment }
        let now = world.now
        _ = try world.update(incident.id) { (incident) throws(StubRefusal) in
            incident.note("incident_commented", at: now)
        }
        return .noContent
    }

    /// What happened to an incident, newest first; needs no environment.
    func listActivities(_ call: VendorCall) throws(StubRefusal) -> HTTPResponse {
        guard let id = call.parameters["incident"], let incident = world.incidents[id] else {
            throw .notFound("incident")
        }
        let types = call.request.head.queryValue("types")?.split(separator: ",").map(String.init)
        let found = incident.activities.reversed().filter { types?.contains($0.type) ?? true }
        let page = try call.number("page", default: 1, max: 10_000)
        let pageSize = try call.number("per_page", default: 20, max: StubLimits.pageSizeMax)
        let items = found.dropFirst((page - 1) * pageSize).prefix(pageSize).map {
            ["type": .string($0.type), "created_at": .integer($0.at)] as JSONTree
        }
        return .items(items)
    }

    private func environment(of call: VendorCall) throws(StubRefusal) -> StubEnvironment {
        for environment in world.environments
        where environment.id == call.parameters["environment"] {
            return environment
        }
        throw .notFound("environment")
    }

    private func incident(of call: VendorCall) throws(StubRefusal) -> StubIncident {
        let environment = try environment(of: call)
        guard let id = call.parameters["incident"], let incident = world.incidents[id],
            incident.environmentID == environment.id
        else { throw .notFound("incident") }
        return incident
    }
}

extension VendorCall {
    /// A counting number from the query.
    func number(_ name: String, default missing: Int, max: Int) throws(StubRefusal) -> Int {
        guard let text = request.head.queryValue(name) else { return missing }
        guard let number = Int(text), (1...max).contains(number) else {
            throw StubRefusal(400, "\(name) must be a number of 1 to \(max)")
        }
        return number
    }
}

/// Which incidents a call asks to list.
private struct IncidentSearch {
    let expandsAlerts: Bool
    let pageSize: Int
    let offset: Int
    private let environmentID: String
    private let folder: String?
    private let from: Int64
    private let to: Int64

    private static let folders = [
        "active", "shared", "snoozed", "resolved", "unhandled", "maintenance",
    ]

    init(_ call: VendorCall, in environmentID: String) throws(StubRefusal) {
        self.environmentID = environmentID
        let head = call.request.head
        expandsAlerts = head.queryValue("expand") == "alerts"
        let sizeMax =
            expandsAlerts ? StubLimits.expandedPageSizeMax : StubLimits.pageSizeMax
        pageSize = try call.number("page_size", default: 10, max: sizeMax)
        offset = (try call.number("page", default: 1, max: 10_000_000) - 1) * pageSize
        folder = head.queryValue("folder")
        guard folder.map(Self.folders.contains) ?? true else {
            throw StubRefusal(400, "unknown folder")
        }
        let query = head.queryValue("query") ?? ""
        guard query.unicodeScalars.count <= StubLimits.queryScalarsMax else {
            throw StubRefusal(400, "query is too long")
        }
        from = try Self.time(head.queryValue("from"), default: .min)
        to = try Self.time(head.queryValue("to"), default: .max)
    }

    /// Whether it lies in the environment and folder, and was active at some time of the window.
    func matches(_ incident: StubIncident) -> Bool {
        incident.environmentID == environmentID
            && folder.map(incident.folders.contains) ?? true
            && incident.startedOn <= to && incident.endedOn ?? .max >= from
    }

    private static func time(
        _ text: String?, default missing: Int64
    ) throws(StubRefusal) -> Int64 {
        guard let text else { return missing }
        guard let seconds = Int64(text) else { throw StubRefusal(400, "a time is not a number") }
        return seconds
    }
}
