import Alerts
package import EventLoop
import HTTPServer

/// `GET /v1/stream`: what changes, as it changes, as server-sent events.
@LoopActor
package final class StreamRoute {
    private let hub: ChangeHub
    /// Whether somebody who was let in is so still; asked now and then while a stream is open.
    var isStillAdmitted: (@LoopActor (HTTPRequestHead) async -> Bool)?

    /// Makes the route.
    package init(hub: ChangeHub) {
        self.hub = hub
    }

    /// Adds the route for those whom `admin` lets in.
    package func add(to routes: inout AdminRoutes) {
        routes.add("/v1/stream") { [self] request, _, responder in
            open(request.head, responder)
        }
    }

    private func open(_ head: HTTPRequestHead, _ responder: HTTPResponder) {
        do throws(APIProblem) {
            let kinds = try Self.kinds(head)
            guard hub.hasRoom else { throw Self.tooMany }
            switch Self.start(head) {
            case .after(let number):
                begin(responder, head, kinds, position: number, isTold: false)
            case .now: beginNow(responder, head, kinds, reset: nil)
            case .unknown: beginNow(responder, head, kinds, reset: .unknown)
            }
        } catch {
            responder.respond(error.response)
        }
    }

    private func beginNow(
        _ responder: HTTPResponder, _ head: HTTPRequestHead, _ kinds: Set<Change.Kind>,
        reset: StreamReset?
    ) {
        LoopActor.spawn { [self] in
            do throws(StoreError) {
                let position = try await hub.latestChange()
                guard hub.hasRoom else { return responder.respond(Self.tooMany.response) }
                let client = begin(
                    responder, head, kinds, position: position, isTold: reset == nil)
                if let reset { client?.reset(reset, at: position) }
            } catch {
                responder.respond(APIProblem.store(error).response)
            }
        }
    }

    @discardableResult
    private func begin(
        _ responder: HTTPResponder, _ head: HTTPRequestHead, _ kinds: Set<Change.Kind>,
        position: Int64, isTold: Bool
    ) -> StreamClient? {
        guard let stream = responder.stream(Self.head) else { return nil }
        let client = StreamClient(stream, kinds: kinds, position: position, isTold: isTold)
        if let isStillAdmitted { client.isStillAdmitted = { await isStillAdmitted(head) } }
        hub.add(client)
        return client
    }

    /// Not to be kept by anybody, nor held back by a proxy (nginx heeds the last field).
    private static let head = HTTPResponse(
        .ok, contentType: "text/event-stream",
        fields: [HTTPField("Cache-Control", "no-store"), HTTPField("X-Accel-Buffering", "no")])

    private static let tooMany = APIProblem.retryable(
        "too_many_streams", "\(Limits.streamsMax) streams are open; close some, or try again.")

    private enum Start {
        case now
        case after(Int64)
        case unknown
    }

    /// Where a reader goes on: a browser that connects again says so in a field, and repeats the
    /// query with which it first came.
    private static func start(_ head: HTTPRequestHead) -> Start {
        let text = head.field("last-event-id").flatMap { $0.isEmpty ? nil : $0 }
        guard let text = text ?? head.filter("last_event_id") else { return .now }
        guard text.utf8.allSatisfy({ (48...57).contains($0) }), let number = Int64(text) else {
            return .unknown
        }
        return .after(number)
    }

    private static func kinds(_ head: HTTPRequestHead) throws(APIProblem) -> Set<Change.Kind> {
        guard let text = head.filter("kinds") else { return Set(Change.Kind.allCases) }
        var kinds: Set<Change.Kind> = []
        for word in text.split(separator: ",") {
            guard let kind = Change.Kind(rawValue: String(word)) else {
                let known = Change.Kind.allCases.map(\.rawValue).joined(separator: ",")
                throw APIProblem(
                    .badRequest, "invalid_filter", "kinds must be some of \(known).")
            }
            kinds.insert(kind)
        }
        guard !kinds.isEmpty else {
            throw APIProblem(.badRequest, "invalid_filter", "kinds must not be empty.")
        }
        return kinds
    }
}
