package import Alerts
package import EventLoop
import HTTPServer
import JSON

/// `/v1/closes`: list, retry, cancel.
@LoopActor
package final class CloseRoutes {
    private let store: any AlertStore
    private let clock: WallClock
    /// Called after a close was made due.
    package var onCloseOwed: (@LoopActor () -> Void)?

    /// Makes the routes.
    package init(store: any AlertStore, clock: WallClock) {
        self.store = store
        self.clock = clock
    }

    /// Adds the routes.
    package func add(to routes: inout AdminRoutes) {
        routes.add("/v1/closes") { [self] request, _ in try await list(request.head) }
        routes.add(.post, "/v1/closes/{id}/retry", needs: .operator) {
            [self] _, parameters, caller in
            let (id, now) = (CloseID(parameters["id"] ?? ""), clock.now)
            let actor = Actor(.user, name: caller.name)
            let result = try await caller.changing(.closeRetry, id.text, at: now) {
                () async throws(StoreError) in
                try await store.retryClose(id, by: actor, at: now)
            }
            defer { onCloseOwed?() }
            return try Self.answer(result)
        }
        routes.add(.post, "/v1/closes/{id}/cancel", needs: .operator) {
            [self] _, parameters, caller in
            let (id, now) = (CloseID(parameters["id"] ?? ""), clock.now)
            let actor = Actor(.user, name: caller.name)
            let result = try await caller.changing(.closeCancel, id.text, at: now) {
                () async throws(StoreError) in
                try await store.cancelClose(id, by: actor, at: now)
            }
            return try Self.answer(result)
        }
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
