import EventLoop
import HTTPServer
import JSON

/// The stub's own API under `/_stub/`, by which tests and people play BigPanda.
@LoopActor
final class ControlAPI {
    let world: StubWorld

    init(_ world: StubWorld) { self.world = world }

    /// What a request comes to; its body and the names in its path.
    typealias Operation =
        @LoopActor (RequestFields, RouteParameters) throws(StubRefusal) -> HTTPResponse

    func addRoutes(to routes: inout HTTPRoutes) {
        addIncidentRoutes(to: &routes)
        add(.get, "/_stub/keys", to: &routes, showKeys)
        add(.put, "/_stub/keys", to: &routes, setKeys)
        add(.get, "/_stub/environments", to: &routes, listEnvironments)
        addArray(.put, "/_stub/environments", to: &routes, setEnvironments)
        add(.get, "/_stub/webhook", to: &routes, showWebhook)
        add(.put, "/_stub/webhook", to: &routes, setWebhook)
        add(.get, "/_stub/deliveries", to: &routes, listDeliveries)
        add(.post, "/_stub/deliveries/{index}/repeat", to: &routes, repeatDelivery)
        add(.get, "/_stub/calls", to: &routes, listCalls)
        add(.delete, "/_stub/calls", to: &routes, clearCalls)
        add(.get, "/_stub/faults", to: &routes, listFaults)
        add(.post, "/_stub/faults", to: &routes, orderFault)
        add(.delete, "/_stub/faults", to: &routes, clearFaults)
        add(.get, "/_stub/settings", to: &routes, showSettings)
        add(.put, "/_stub/settings", to: &routes, setSettings)
        routes.addSync(nil, "/_stub/{rest...}") { _, _ in StubRefusal.notFound("route").response }
    }

    func add(
        _ method: HTTPMethod, _ pattern: String, to routes: inout HTTPRoutes,
        _ operation: @escaping Operation
    ) {
        routes.addSync(method, pattern, bodyBytesMax: StubLimits.bodyBytesMax) {
            request, parameters in
            do throws(StubRefusal) {
                return try operation(try RequestFields(request.body), parameters)
            } catch {
                return error.response
            }
        }
    }

    /// As `add`, for a body that is an array of objects.
    private func addArray(
        _ method: HTTPMethod, _ pattern: String, to routes: inout HTTPRoutes,
        _ operation: @escaping @LoopActor ([RequestFields]) throws(StubRefusal) -> HTTPResponse
    ) {
        routes.addSync(method, pattern, bodyBytesMax: StubLimits.bodyBytesMax) { request, _ in
            do throws(StubRefusal) {
                return try operation(try RequestFields.array(request.body))
            } catch {
                return error.response
            }
        }
    }

    // MARK: Keys and environments

    private func showKeys(
        _: RequestFields, _: RouteParameters
    ) throws(StubRefusal) -> HTTPResponse {
        .tree([
            "good": .array(world.goodKeys.sorted().map { .string($0) }),
            "forbidden": .array(world.forbiddenKeys.sorted().map { .string($0) }),
        ])
    }

    private func setKeys(
        _ fields: RequestFields, _ parameters: RouteParameters
    ) throws(StubRefusal) -> HTTPResponse {
        let (good, forbidden) = (try fields.strings("good"), try fields.strings("forbidden"))
        if let good { world.goodKeys = Set(good) }
        if let forbidden { world.forbiddenKeys = Set(forbidden) }
        return try showKeys(fields, parameters)
    }

    private func listEnvironments(
        _: RequestFields, _: RouteParameters
    ) throws(StubRefusal) -> HTTPResponse {
        .items(world.environments.map(\.json))
    }

    private func setEnvironments(_ list: [RequestFields]) throws(StubRefusal) -> HTTPResponse {
        guard list.count <= StubLimits.environmentsMax else {
            throw StubRefusal(400, "too many environments")
        }
        var environments: [StubEnvironment] = []
        for fields in list {
            guard let id = try fields.string("id"), !id.isEmpty else {
                throw StubRefusal(400, "an environment needs an id")
            }
            environments.append(
                StubEnvironment(
                    id: id, name: try fields.string("name") ?? id,
                    filter: try fields.string("filter") ?? ""))
        }
        world.environments = environments
        return .items(environments.map(\.json))
    }

    // MARK: Settings

    private func showSettings(
        _: RequestFields, _: RouteParameters
    ) throws(StubRefusal) -> HTTPResponse { .tree(world.settings.json) }

    private func setSettings(
        _ fields: RequestFields, _ parameters: RouteParameters
    ) throws(StubRefusal) -> HTTPResponse {
        var settings = world.settings
        let delays = 0...StubLimits.delayMillisecondsMax
        if let delay = try fields.integer("apply_delay_ms", in: delays) {
            settings.applyDelayMilliseconds = delay
        }
        if let rate = try fields.integer("rate_per_second", in: 0...1_000_000) {
            settings.callsPerSecondMax = Int(rate)
        }
        settings.echoes = try fields.bool("echo") ?? settings.echoes
        world.settings = settings
        return .tree(settings.json)
    }

    // MARK: Calls and faults

    private func listCalls(
        _: RequestFields, _: RouteParameters
    ) throws(StubRefusal) -> HTTPResponse { .items(world.calls.json) }

    private func clearCalls(
        _: RequestFields, _: RouteParameters
    ) throws(StubRefusal) -> HTTPResponse {
        world.calls.clear()
        return .noContent
    }

    private func listFaults(
        _: RequestFields, _: RouteParameters
    ) throws(StubRefusal) -> HTTPResponse { .items(world.faults.faults.map(\.json)) }

    private func orderFault(
        _ fields: RequestFields, _: RouteParameters
    ) throws(StubRefusal) -> HTTPResponse {
        let fault = try fields.fault()
        try world.faults.order(fault)
        return .tree(fault.json, status: .created)
    }

    private func clearFaults(
        _: RequestFields, _: RouteParameters
    ) throws(StubRefusal) -> HTTPResponse {
        world.faults.clear()
        return .noContent
    }
}
