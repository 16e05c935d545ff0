import AlertJSON
package import Alerts
package import EventLoop
import HTTPServer
import JSON
package import Logging

/// `/v1/alerts`: list, show, resolve.
@LoopActor
package final class AlertRoutes {
    private let store: any AlertStore
    private let identifiers: IdentifierSource
    private let clock: WallClock
    /// Called after an alert was resolved and its close became owed.
    package var onCloseOwed: (@LoopActor () -> Void)?
    /// Called before that with the trace of the request that did it, if it has one.
    package var onTraced: (@LoopActor (CloseID, TraceContext) -> Void)?
    private let log: Logger

    /// Makes the routes.
    package init(
        store: any AlertStore, identifiers: IdentifierSource, clock: WallClock,
        log: Logger = Logger(label: "alerts") { _ in SwiftLogNoOpLogHandler() }
    ) {
        self.log = log
        self.store = store
        self.identifiers = identifiers
        self.clock = clock
    }

    /// Adds the routes for those whom `admin` lets in.
    package func add(to routes: inout AdminRoutes) {
        routes.add("/v1/alerts") { [self] request, _ in try await list(request.head) }
        routes.add("/v1/alerts/{id}") { [self] _, parameters in
            try await show(AlertID(parameters["id"] ?? ""))
        }
        routes.add(.post, "/v1/alerts/{id}/resolve", needs: .operator) {
            [self] request, parameters, caller in
            try await resolve(AlertID(parameters["id"] ?? ""), request, caller)
        }
    }

    private func list(_ head: HTTPRequestHead) async throws -> HTTPResponse {
        let page = try PageParameters(head)
        var query = AlertQuery(limit: page.limit)
        query.cursor = page.cursor
        if let text = head.filter("status") {
            guard let status = AlertStatus(rawValue: text) else {
                throw APIProblem(
                    .badRequest, "invalid_filter", "status must be firing or resolved.")
            }
            query.status = status
        }
        query.includesCanaries = try Self.includesCanaries(head)
        query.sourceID = head.filter("source_id").map { SourceID($0) }
        query.severity = head.filter("severity")?.lowercased()
        query.incidentID = head.filter("incident_id")
        query.text = head.filter("q")
        let found = try await store.alerts(query)
        return .page(found.items, next: found.next.map(CursorText.encode)) { $0.alert($1) }
    }

    private static func includesCanaries(_ head: HTTPRequestHead) throws(APIProblem) -> Bool {
        guard let text = head.filter("include") else { return false }
        guard text == "canary" else {
            throw APIProblem(.badRequest, "invalid_filter", "include must be canary.")
        }
        return true
    }

    private func show(_ id: AlertID) async throws -> HTTPResponse {
        guard let subject = try await store.alert(id) else { throw APIProblem.notFound("alert") }
        let timeline = try await store.timeline(of: id, limit: Limits.timelineEntriesMax)
        return .json { $0.alert(subject, timeline: timeline) }
    }

    private func resolve(
        _ id: AlertID, _ request: HTTPRequest, _ caller: Caller
    ) async throws -> HTTPResponse {
        let fields = try RequestFields(request)
        var comment: String?
        if case .value(let text) = try fields.text(
            "comment", charactersMax: Limits.commentCharactersMax)
        {
            comment = text.trimmingBlanks.isEmpty ? nil : text.trimmingBlanks
        }
        let wish = AlertMachine.ResolveRequest(
            alertID: id, requestedBy: caller.name, comment: comment,
            newCloseID: CloseID(identifiers.make(.close)))
        let now = clock.now
        let change = try await caller.changing(
            .alertResolve, id.text, fields: comment == nil ? [] : ["comment"], at: now
        ) { () async throws(StoreError) in try await store.resolve(wish, at: now) }
        guard let change else { throw APIProblem.notFound("alert") }
        tell(change, RequestMarks(request.head))
        let timeline = try await store.timeline(of: id, limit: Limits.timelineEntriesMax)
        return .json { $0.alert(change.subject, timeline: timeline) }
    }

    /// Tells the log what a resolve did, and the worker that a close is owed by it.
    private func tell(_ change: AlertMachine.Change, _ marks: RequestMarks) {
        guard change.outcome != .updated else { return }
        let (alert, close) = (change.subject.alert, change.subject.close)
        log.info(
            "An alert was resolved.",
            metadata: marks.on([
                "alert": "\(alert.id)", "source": "\(alert.sourceID)",
                "incident": "\(alert.incidentID)", "close": "\(close?.id.text ?? "none")",
            ]))
        if let close, let trace = marks.trace { onTraced?(close.id, trace) }
        onCloseOwed?()
    }
}

extension HTTPRequestHead {
    /// A filter of a list; an empty one counts as left out.
    func filter(_ name: String) -> String? {
        queryValue(name).flatMap { $0.isEmpty ? nil : $0 }
    }
}
