import EventLoop
import HTTPServer
import JSON

/// BigPanda's own API, as far as a gateway needs it.
///
/// Source: docs/bigpanda-openapi.yaml.
@LoopActor
final class VendorAPI {
    let world: StubWorld
    /// Finds the connection that a request came in on, so that a fault can break it off.
    private let transport: @LoopActor (_ peer: String) -> TappedTransport?
    private var inFlight = 0

    init(
        _ world: StubWorld, transport: @escaping @LoopActor (_ peer: String) -> TappedTransport?
    ) {
        self.world = world
        self.transport = transport
    }

    /// What a call asks for, once it may.
    typealias Operation = @LoopActor (VendorCall) throws(StubRefusal) -> HTTPResponse

    func addRoutes(to routes: inout HTTPRoutes) {
        let environment = "/resources/v2.0/environments/{environment}"
        let incident = "\(environment)/incidents/{incident}"
        add(.get, "/resources/v2.0/environments", .environments, to: &routes, listEnvironments)
        add(.get, environment, .environments, to: &routes, showEnvironment)
        add(.get, "\(environment)/incidents", .incidents, to: &routes, listIncidents)
        add(.get, incident, .incident, to: &routes, showIncident)
        add(.post, "\(incident)/resolve", .resolve, to: &routes, resolve)
        add(.post, "\(incident)/comments", .any, to: &routes, comment)
        let activities = "/resources/v2.0/incidents/{incident}/activities"
        add(.get, activities, .any, to: &routes, listActivities)
        addOutbound(to: &routes)
        add(nil, "/{rest...}", .any, to: &routes) { (_) throws(StubRefusal) in
            throw .notFound("route")
        }
    }

    func add(
        _ method: HTTPMethod?, _ pattern: String, _ place: Fault.Place,
        to routes: inout HTTPRoutes, _ operation: @escaping Operation
    ) {
        routes.add(method, pattern, bodyBytesMax: StubLimits.bodyBytesMax) {
            [self] request, parameters, responder in
            take(
                VendorCall(request: request, parameters: parameters, route: pattern),
                at: place, responder, operation)
        }
    }

    /// Takes a call down and answers it, or lets happen what was ordered.
    private func take(
        _ call: VendorCall, at place: Fault.Place, _ responder: HTTPResponder,
        _ operation: @escaping Operation
    ) {
        inFlight += 1
        var call = call
        call.number = world.calls.add(call.logged(inFlight: inFlight))
        // Counted whether or not a fault answers: BigPanda's gate stands before everything.
        call.isWithinRate = world.admits(token: call.token, route: call.route)
        let fault = world.faults.take(at: place, key: call.token)
        switch fault?.kind {
        case .delay:
            world.delayed.after(milliseconds: fault?.delayMilliseconds ?? 0) { [self] in
                finish(call, responder, answer(call, operation))
            }
        case .drop: breakOff(call, responder, .end)
        case .garbage: breakOff(call, responder, .garbage)
        case .applyThenDrop:
            call.isAppliedAtOnce = true
            _ = answer(call, operation)
            breakOff(call, responder, .reset)
        case .truncated:
            _ = answer(call, operation)
            breakOff(call, responder, .truncated)
        case .status: finish(call, responder, ordered(fault))
        case .html: finish(call, responder, .html)
        case .ignore:
            call.isIgnored = true
            finish(call, responder, answer(call, operation))
        case .ok, .lost, .doubled, .reordered, .mix, nil:
            finish(call, responder, answer(call, operation))
        }
    }

    /// The answer without any fault.
    private func answer(_ call: VendorCall, _ operation: Operation) -> HTTPResponse {
        do throws(StubRefusal) {
            if world.forbiddenKeys.contains(call.token) { throw .forbidden }
            guard world.goodKeys.contains(call.token) else { throw .unauthorized }
            guard call.isWithinRate else { throw .tooManyRequests }
            return try operation(call)
        } catch {
            return error.response
        }
    }

    private func ordered(_ fault: Fault?) -> HTTPResponse {
        let statusCode = fault?.statusCode ?? 503
        let response = StubRefusal(statusCode, "ordered by a fault").response
        guard let retryAfter = fault?.retryAfter else { return response }
        return response.with("Retry-After", retryAfter)
    }

    private func finish(
        _ call: VendorCall, _ responder: HTTPResponder, _ response: HTTPResponse
    ) {
        inFlight -= 1
        world.calls.update(call.number) { $0.statusCode = response.status.code }
        responder.respond(response)
    }

    /// Ends the connection instead of answering; the log keeps status 0.
    private func breakOff(
        _ call: VendorCall, _ responder: HTTPResponder, _ cut: TappedTransport.Cut
    ) {
        inFlight -= 1
        transport(call.request.peer)?.cut(cut)
        // Goes nowhere any more, but tells the server that the exchange is over.
        var response = HTTPResponse(.serviceUnavailable)
        response.closesConnection = true
        responder.respond(response)
    }
}

/// One call to the vendor's API.
struct VendorCall {
    let request: HTTPRequest
    let parameters: RouteParameters
    /// The pattern that it matched, by which it is counted.
    let route: String
    /// Its place in the log.
    var number = 0
    var isWithinRate = true
    /// Whether it is to be accepted and forgotten.
    var isIgnored = false
    /// Whether it is carried out before it would be answered.
    var isAppliedAtOnce = false

    /// What follows `Bearer` in its `Authorization`; empty without.
    var token: String {
        guard let field = request.head.field("authorization") else { return "" }
        let parts = field.split(separator: " ", maxSplits: 1)
        guard parts.count == 2, parts[0].lowercased() == "bearer" else { return "" }
        return String(parts[1])
    }

    /// The call as the log has it until it is answered.
    func logged(inFlight: Int) -> CallLog.Call {
        CallLog.Call(
            atMilliseconds: SystemClock.wallMilliseconds(), method: request.head.methodName,
            path: request.path, query: request.head.query ?? "",
            keySuffix: String(token.suffix(4)), inFlight: inFlight,
            traceparent: request.head.field("traceparent"),
            tracestate: request.head.field("tracestate"))
    }
}

extension HTTPResponse {
    /// What a captive portal or a proxy answers in the API's place.
    fileprivate static let html = HTTPResponse(
        .ok, contentType: "text/html; charset=utf-8",
        body: Array("<!doctype html><title>Sign in</title><p>Sign in to the network.\n".utf8))
}
