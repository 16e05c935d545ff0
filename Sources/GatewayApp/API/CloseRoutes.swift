import AlertJSON
package import Alerts
package import EventLoop
import HTTPServer
import JSON
package import Logging

/// `/v1/closes`: list, retry, cancel.
@LoopActor
package final class CloseRoutes {
    private let store: any AlertStore
    private let clock: WallClock
    /// Called after a close was made due.
    package var onCloseOwed: (@LoopActor () -> Void)?
    /// Called before that with the trace of the request that did it, if it has one.
    package var onTraced: (@LoopActor (CloseID, TraceContext) -> Void)?
    private let log: Logger

    /// Makes the routes.
    package init(
        store: any AlertStore, clock: WallClock,
        log: Logger = Logger(label: "closes") { _ in SwiftLogNoOpLogHandler() }
    ) {
        self.log = log
        self.store = store
        self.clock = clock
    }

    /// Adds the routes.
    package func add(to routes: inout AdminRoutes) {
        routes.add("/v1/closes") { [self] request, _ in try await list(request.head) }
        routes.add(.post, "/v1/closes/{id}/retry", needs: .operator) {
            [self] request, parameters, caller in
            let (id, now) = (CloseID(parameters["id"] ?? ""), clock.now)
            let actor = Actor(.user, name: caller.name)
            let result = try await caller.changing(.closeRetry, id.text, at: now) {
                () async throws(StoreError) in
                try await store.retryClose(id, by: actor, at: now)
            }
            let trace = tell("A close is tried at somebody's wish.", result, request.head)
            if let trace { onTraced?(trace.close, trace.context) }
            defer { onCloseOwed?() }
            return try Self.answer(result)
        }
        routes.add(.post, "/v1/closes/{id}/cancel", needs: .operator) {
            [self] request, parameters, caller in
            let (id, now) = (CloseID(parameters["id"] ?? ""), clock.now)
            let actor = Actor(.user, name: caller.name)
            let result = try await caller.changing(.closeCancel, id.text, at: now) {
                () async throws(StoreError) in
                try await store.cancelClose(id, by: actor, at: now)
            }
            _ = tell("A close was cancelled.", result, request.head)
            return try Self.answer(result)
        }
    }

    /// Tells the log what somebody did to a close.
    ///
    /// - Returns: The close and the trace of the request, where there are both.
    private func tell(
        _ message: Logger.Message,
        _ result: Result<AlertMachine.Change, CloseMachine.Refusal>?, _ head: HTTPRequestHead
    ) -> (close: CloseID, context: TraceContext)? {
        guard case .success(let change) = result, let close = change.subject.close else {
            return nil
        }
        let (marks, alert) = (RequestMarks(head), change.subject.alert)
        log.info(
            message,
            metadata: marks.on([
                "close": "\(close.id)", "alert": "\(alert.id)", "source": "\(alert.sourceID)",
                "incident": "\(alert.incidentID)",
            ]))
        return marks.trace.map { (close.id, $0) }
    }

    private func list(_ head: HTTPRequestHead) async throws -> HTTPResponse {
        let page = try PageParameters(head)
        var query = CloseQuery(limit: page.limit)
        query.cursor = page.cursor
        if let text = head.filter("state") {
            guard let state = CloseState(rawValue: text) else {
                let known = CloseState.allCases.map(\.rawValue).joined(separator: ", ")
                throw APIProblem(.badRequest, "invalid_filter", "state must be one of \(known).")
            }
            query.state = state
        }
        let found = try await store.closes(query)
        return .page(found.items, next: found.next.map(CursorText.encode)) { $0.close($1) }
    }

    private static func answer(
        _ result: Result<AlertMachine.Change, CloseMachine.Refusal>?
    ) throws -> HTTPResponse {
        switch result {
        case nil:
            throw APIProblem.notFound("close")
        case .failure(.alreadyConfirmed):
            throw APIProblem(
                .conflict, "already_confirmed", "BigPanda has already closed the incident.")
        case .failure(.alertIsFiring):
            throw APIProblem(
                .conflict, "alert_is_firing",
                "The alert fires again; resolve it to close its incident.")
        case .failure(.superseded):
            throw APIProblem(
                .conflict, "superseded", "A newer close of the same alert has taken its place.")
        case .success(let change):
            guard let close = change.subject.close else { throw APIProblem.notFound("close") }
            return .json { $0.close(close) }
        }
    }
}
