import Alerts
import EventLoop
import HTTPServer
import JSON
import TLS

/// `/v1/webhook-endpoints`: make, look after and remove endpoints, and see what they were told.
@LoopActor
final class EndpointRoutes {
    private let store: any OutboundStore
    private let directory: Directory
    private let identifiers: IdentifierSource
    private let policy: AddressPolicy
    private let clock: WallClock
    /// Called after an endpoint was made, changed or removed.
    var onChanged: (@LoopActor () -> Void)?

    /// Makes the routes; `directory` waits until other gateways know of a change.
    init(
        store: any OutboundStore, directory: Directory, identifiers: IdentifierSource,
        policy: AddressPolicy, clock: WallClock
    ) {
        self.store = store
        self.directory = directory
        self.identifiers = identifiers
        self.policy = policy
        self.clock = clock
    }

    /// Adds the routes.
    func add(to routes: inout AdminRoutes) {
        let (all, one) = ("/v1/webhook-endpoints", "/v1/webhook-endpoints/{id}")
        routes.add(.get, all, needs: .viewer) { [self] request, _, caller in
            let (items, next) = try PageParameters(request.head).cut(await store.endpoints())
            return .page(items, next: next) { $0.endpoint($1, to: caller.identity.role) }
        }
        routes.add(.post, all, needs: .admin) { [self] request, _, caller in
            try await create(request, caller)
        }
        routes.add(.get, one, needs: .viewer) { [self] _, parameters, caller in
            let id = Self.id(parameters)
            guard let endpoint = try await store.endpoints().first(where: { $0.id == id }) else {
                throw Self.unknown
            }
            return .json { $0.endpoint(endpoint, to: caller.identity.role) }
        }
        routes.add(.patch, one, needs: .admin) { [self] request, parameters, caller in
            try await change(Self.id(parameters), request, caller)
        }
        routes.add(.delete, one, needs: .admin) { [self] _, parameters, caller in
            try await remove(Self.id(parameters), caller)
        }
        routes.add(.post, "/v1/webhook-endpoints/{id}/rotate-secret", needs: .admin) {
            [self] request, parameters, caller in
            try await rotate(Self.id(parameters), request, caller)
        }
        addMessages(to: &routes)
    }

    private func addMessages(to routes: inout AdminRoutes) {
        routes.add(.post, "/v1/webhook-endpoints/{id}/test", needs: .operator) {
            [self] _, parameters, caller in
            let (id, now) = (Self.id(parameters), clock.now)
            let result = try await caller.changing(.endpointTest, id.text, at: now) {
                () async throws(StoreError) in try await store.sendTest(to: id, at: now)
            }
            return try Self.answer(result, .accepted, of: id, missing: Self.unknown)
        }
        routes.add("/v1/webhook-endpoints/{id}/deliveries") { [self] request, parameters in
            try await list(Self.id(parameters), request.head)
        }
        routes.add("/v1/webhook-endpoints/{id}/deliveries/{delivery_id}") {
            [self] _, parameters in
            let id = Self.id(parameters)
            let messageID = MessageID(parameters["delivery_id"] ?? "")
            guard let kept = try await store.message(messageID, of: id) else {
                throw APIProblem.notFound("delivery")
            }
            return .json { $0.message(kept.message, of: id, body: kept.body) }
        }
        routes.add(
            .post, "/v1/webhook-endpoints/{id}/deliveries/{delivery_id}/replay", needs: .operator
        ) { [self] _, parameters, caller in
            let (id, now) = (Self.id(parameters), clock.now)
            let messageID = MessageID(parameters["delivery_id"] ?? "")
            let result = try await caller.changing(.messageReplay, messageID.text, at: now) {
                () async throws(StoreError) in
                try await store.replay(messageID, of: id, at: now)
            }
            return try Self.answer(
                result, .accepted, of: id, missing: APIProblem.notFound("delivery"))
        }
    }

    private static func id(_ parameters: RouteParameters) -> EndpointID {
        EndpointID(parameters["id"] ?? "")
    }

    private static let unknown = APIProblem.notFound("webhook endpoint")

    private func create(_ request: HTTPRequest, _ caller: Caller) async throws -> HTTPResponse {
        let fields = try RequestFields(request)
        let name = try fields.requiredText("name", charactersMax: Limits.nameCharactersMax)
        let url = try fields.requiredText("url", charactersMax: EndpointURL.bytesMax)
        try check(url)
        let events = try Self.events(fields) ?? OutboundEvent.standard
        guard try await store.endpoints().count < OutboundEndpoint.countMax else {
            throw APIProblem(
                .conflict, "too_many_endpoints", "Remove webhook endpoints that are not used.")
        }
        let (secret, now) = (try Self.newSecret(), clock.now)
        let endpoint = OutboundEndpoint(
            id: EndpointID(identifiers.make(.endpoint)), name: name, url: url, events: events,
            at: now)
        try await caller.changing(
            .endpointCreate, endpoint.id.text,
            fields: fields.names(among: ["name", "url", "events"]), at: now
        ) { () async throws(StoreError) in try await store.insert(endpoint, secret: secret) }
        directory.note(secret)
        await changed()
        return .json(.created) {
            $0.endpoint(endpoint, to: caller.identity.role, newSecret: secret)
        }.with("Location", "/v1/webhook-endpoints/\(endpoint.id)")
    }

    private func change(
        _ id: EndpointID, _ request: HTTPRequest, _ caller: Caller
    ) async throws -> HTTPResponse {
        let fields = try RequestFields(request)
        var change = EndpointChange()
        change.name = try fields.textIfGiven("name", charactersMax: Limits.nameCharactersMax)
        change.url = try fields.textIfGiven("url", charactersMax: EndpointURL.bytesMax)
        if let url = change.url { try check(url) }
        change.events = try Self.events(fields)
        change.isEnabled = try fields.bool("enabled")
        let (wanted, now) = (change, clock.now)
        let endpoint = try await caller.changing(
            .endpointUpdate, id.text,
            fields: fields.names(among: ["name", "url", "events", "enabled"]), at: now
        ) { () async throws(StoreError) in try await store.change(id, wanted, at: now) }
        guard let endpoint else { throw Self.unknown }
        await changed()
        return .json { $0.endpoint(endpoint, to: caller.identity.role) }
    }

    private func remove(_ id: EndpointID, _ caller: Caller) async throws -> HTTPResponse {
        let isRemoved = try await caller.changing(.endpointDelete, id.text, at: clock.now) {
            () async throws(StoreError) in try await store.removeEndpoint(id)
        }
        guard isRemoved else { throw Self.unknown }
        await changed()
        return .noContent
    }

    private func rotate(
        _ id: EndpointID, _ request: HTTPRequest, _ caller: Caller
    ) async throws -> HTTPResponse {
        let fields = try RequestFields(request)
        let overlap = try fields.integer("overlap_seconds", in: 0...2_592_000) ?? 86_400
        let (secret, now) = (try Self.newSecret(), clock.now)
        let endpoint = try await caller.changing(
            .endpointRotate, id.text, fields: fields.names(among: ["overlap_seconds"]), at: now
        ) { () async throws(StoreError) in
            try await store.rotate(
                id, to: secret, overlapEndsAt: now + .seconds(overlap), at: now)
        }
        guard let endpoint else { throw Self.unknown }
        directory.note(secret)
        await changed()
        return .json { $0.endpoint(endpoint, to: caller.identity.role, newSecret: secret) }
    }

    private func list(_ id: EndpointID, _ head: HTTPRequestHead) async throws -> HTTPResponse {
        let page = try PageParameters(head)
        var query = MessageQuery(of: id, limit: page.limit)
        query.cursor = page.cursor
        if let text = head.filter("state") {
            guard let state = MessageState(rawValue: text) else {
                let known = MessageState.allCases.map(\.rawValue).joined(separator: ", ")
                throw APIProblem(.badRequest, "invalid_filter", "state must be one of \(known).")
            }
            query.state = state
        }
        guard try await store.endpoints().contains(where: { $0.id == id }) else {
            throw Self.unknown
        }
        let found = try await store.messages(query)
        return .page(found.items, next: found.next.map(CursorText.encode)) {
            $0.message($1, of: id)
        }
    }

    private func changed() async {
        await directory.settle()
        onChanged?()
    }

    private func check(_ url: String) throws {
        do throws(EndpointURL.Problem) {
            try EndpointURL.check(url, policy)
        } catch {
            throw APIProblem(.unprocessableContent, error.code, "url: \(error.reason)")
        }
    }

    private static func events(_ fields: RequestFields) throws -> [OutboundEvent]? {
        let known = OutboundEvent.choices.map(\.rawValue)
        guard let words = try fields.words("events", among: known) else { return nil }
        return OutboundEvent.choices.filter { words.contains($0.rawValue) }
    }

    private static func newSecret() throws -> SigningSecret {
        do throws(CryptoError) {
            return try OutboundSignature.newSecret()
        } catch {
            throw APIProblem(.serviceUnavailable, "no_randomness", "The system gave no randomness.")
        }
    }

    private static func answer(
        _ result: Result<OutboundMessage, OutboundRefusal>?, _ status: HTTPStatus,
        of id: EndpointID, missing: APIProblem
    ) throws -> HTTPResponse {
        switch result {
        case nil: throw missing
        case .failure(.disabled):
            throw APIProblem(
                .conflict, "endpoint_disabled", "The webhook endpoint is disabled; enable it first."
            )
        case .success(let message): return .json(status) { $0.message(message, of: id) }
        }
    }
}
