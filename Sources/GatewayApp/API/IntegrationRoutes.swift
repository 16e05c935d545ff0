import Alerts
import BigPanda
package import EventLoop
import HTTPServer
import JSON

/// `/v1/integrations`: connect, list, show, change, check, remove.
///
/// A key is checked against BigPanda before it is stored; one that fails is never stored.
@LoopActor
package final class IntegrationRoutes {
    private let directory: Directory
    private let connections: Connections
    private let identifiers: IdentifierSource
    private let clock: WallClock

    /// Makes the routes.
    package init(
        directory: Directory, connections: Connections, identifiers: IdentifierSource,
        clock: WallClock
    ) {
        self.directory = directory
        self.connections = connections
        self.identifiers = identifiers
        self.clock = clock
    }

    /// Adds the routes.
    package func add(to routes: inout AdminRoutes) {
        let one = "/v1/integrations/{id}"
        routes.add(.get, "/v1/integrations") { [self] request, _ in
            let (items, next) = try PageParameters(request.head).cut(directory.integrations)
            return .page(items, next: next) { $0.integration($1) }
        }
        routes.add(.post, "/v1/integrations") { [self] request, _ in try await create(request) }
        routes.add(.get, one) { [self] _, parameters in
            let integration = try stored(parameters)
            return .json { $0.integration(integration) }
        }
        routes.add(.patch, one) { [self] request, parameters in
            try await change(stored(parameters), request)
        }
        routes.add(.delete, one) { [self] _, parameters in try await remove(stored(parameters)) }
        routes.add(.post, one + "/check") { [self] _, parameters in
            try await check(stored(parameters))
        }
    }

    private func stored(_ parameters: RouteParameters) throws -> Integration {
        guard let integration = directory.integration(IntegrationID(parameters["id"] ?? "")) else {
            throw APIProblem.notFound("integration")
        }
        return integration
    }

    private func create(_ request: HTTPRequest) async throws -> HTTPResponse {
        let fields = try RequestFields(request)
        let wish = try IntegrationWish(fields)
        let name = try fields.requiredText("name", charactersMax: Limits.nameCharactersMax)
        guard let key = wish.key else { throw APIProblem.invalid("api_key", "is required.") }
        guard let endpoint = wish.endpoint else {
            throw APIProblem.invalid("region", "is required (us or eu), or base_url instead.")
        }
        guard directory.integrations.count < Limits.directoryEntriesMax else {
            throw APIProblem(.conflict, "too_many_integrations", "Remove one that is not used.")
        }
        let id = IntegrationID(identifiers.make(.integration))
        do {
            let environments = try await checked(id, endpoint, key)
            let integration = Integration(
                id: id, name: name, endpoint: endpoint,
                environmentID: try wish.environmentID(among: environments),
                environments: environments, keySuffix: key.suffix,
                keyExpiresAt: wish.keyExpiresAt.optional, at: clock.now)
            try await directory.insert(integration, key: key)
            return .json(.created) { $0.integration(integration) }
                .with("Location", "/v1/integrations/\(id)")
        } catch {
            connections.forget(id)
            throw error
        }
    }

    private func change(
        _ integration: Integration, _ request: HTTPRequest
    ) async throws -> HTTPResponse {
        let fields = try RequestFields(request)
        let wish = try IntegrationWish(fields)
        let name = try changedName(fields)
        var environments: [Integration.Environment]?
        if wish.key != nil || wish.endpoint != nil {
            guard let key = wish.key ?? directory.key(of: integration.id) else {
                throw APIProblem.notFound("integration")
            }
            environments = try await checked(
                integration.id, wish.endpoint ?? integration.endpoint, key)
        }
        let change = IntegrationChange(
            name: name, wish: wish, environments: environments,
            environmentID: try wish.environmentID(
                among: environments ?? integration.environments),
            now: clock.now)
        // As it is by now: while BigPanda was asked, somebody may have changed something else.
        let changed = try await directory.change(integration.id, key: wish.key) { integration in
            change.apply(to: &integration)
            return true
        }
        guard let changed else { throw APIProblem.notFound("integration") }
        return .json { $0.integration(changed) }
    }

    /// The name that a change asks for, if it does.
    private func changedName(_ fields: RequestFields) throws -> String? {
        switch try fields.text("name", charactersMax: Limits.nameCharactersMax) {
        case .missing: nil
        case .null: throw APIProblem.invalid("name", "must not be null.")
        case .value:
            try fields.requiredText("name", charactersMax: Limits.nameCharactersMax)
        }
    }

    private func check(_ integration: Integration) async throws -> HTTPResponse {
        guard let key = directory.key(of: integration.id) else {
            throw APIProblem.notFound("integration")
        }
        let check = await connections.check(
            integration.id, endpoint: integration.endpoint, key: key)
        // Somebody may have changed the integration while BigPanda was asked.
        let recorded = try await directory.record(check, of: key, for: integration.id)
        guard let changed = recorded ?? directory.integration(integration.id) else {
            throw APIProblem.notFound("integration")
        }
        return .json { $0.integration(changed) }
    }

    private func remove(_ integration: Integration) async throws -> HTTPResponse {
        switch try await directory.removeIntegration(integration.id) {
        case .removed:
            connections.forget(integration.id)
            return .noContent
        case .notFound:
            throw APIProblem.notFound("integration")
        case .hasSources(let count):
            throw APIProblem(
                .conflict, "integration_in_use",
                "\(count) source(s) belong to this integration; remove them first.")
        case .owesCloses(let count):
            throw APIProblem(
                .conflict, "closes_owed",
                "\(count) close(s) are still owed; wait for them or cancel them first.")
        }
    }

    /// Asks BigPanda; returns only when the key is good.
    private func checked(
        _ id: IntegrationID, _ endpoint: Integration.Endpoint, _ key: APIKey
    ) async throws -> [Integration.Environment] {
        let check = await connections.check(id, endpoint: endpoint, key: key)
        let reason = check.state.reason ?? ""
        switch check {
        case .good(let environments): return environments
        case .rejected:
            throw APIProblem(.unprocessableContent, "key_rejected", reason)
        case .forbidden:
            throw APIProblem(
                .unprocessableContent, "key_forbidden",
                "\(reason) Grant it Environments View and Incident Actions.")
        case .notBigPanda:
            throw APIProblem(.unprocessableContent, "not_bigpanda", reason)
        case .unreachable:
            throw APIProblem(
                .serviceUnavailable, "bigpanda_unreachable", "\(reason) Nothing was stored.")
        }
    }
}

/// What a request changes, once BigPanda was asked what it had to be asked.
private struct IntegrationChange: Sendable {
    let name: String?
    let wish: IntegrationWish
    /// What the key sees, if it was checked.
    let environments: [Integration.Environment]?
    let environmentID: String?
    let now: Timestamp

    func apply(to integration: inout Integration) {
        integration.name = name ?? integration.name
        integration.endpoint = wish.endpoint ?? integration.endpoint
        integration.keySuffix = wish.key?.suffix ?? integration.keySuffix
        if let environments {
            integration.environments = environments
            integration.state = .connected
            integration.stateReason = nil
            integration.checkedAt = now
        }
        switch wish.environment {
        case .missing: break
        case .null: integration.environmentID = nil
        case .value: integration.environmentID = environmentID
        }
        switch wish.keyExpiresAt {
        case .missing: break
        case .null: integration.keyExpiresAt = nil
        case .value(let moment): integration.keyExpiresAt = moment
        }
        integration.updatedAt = now
    }
}

/// What a request wants an integration to be; members that it leaves out stay as they are.
struct IntegrationWish {
    let key: APIKey?
    let endpoint: Integration.Endpoint?
    let environment: RequestFields.Presence<String>
    let keyExpiresAt: RequestFields.Presence<Timestamp>

    init(_ fields: RequestFields) throws(APIProblem) {
        key = try Self.key(in: fields)
        endpoint = try Self.endpoint(in: fields)
        environment = try fields.text("environment_id", charactersMax: 64)
        keyExpiresAt = try fields.moment("key_expires_at")
    }

    /// The environment asked for, or the only one there is; `nil` when it has to be looked up.
    func environmentID(among known: [Integration.Environment]) throws(APIProblem) -> String? {
        guard case .value(let wanted) = environment, !wanted.isEmpty else {
            return known.count == 1 ? known.first?.id : nil
        }
        guard known.contains(where: { $0.id == wanted }) else {
            let names = known.prefix(20).map { "\($0.id) (\($0.name))" }.joined(separator: ", ")
            throw APIProblem(
                .unprocessableContent, "unknown_environment",
                "environment_id: the key does not see this environment. It sees: "
                    + (names.isEmpty ? "none" : names) + ".")
        }
        return wanted
    }

    private static func key(in fields: RequestFields) throws(APIProblem) -> APIKey? {
        guard case .value(let text) = try fields.text("api_key", charactersMax: Limits.keyBytesMax)
        else { return nil }
        let trimmed = text.trimmingBlanks
        guard !trimmed.isEmpty, trimmed.utf8.allSatisfy({ (0x21...0x7e).contains($0) }) else {
            throw .invalid("api_key", "must be visible ASCII characters without blanks.")
        }
        return APIKey(trimmed)
    }

    private static func endpoint(
        in fields: RequestFields
    ) throws(APIProblem) -> Integration.Endpoint? {
        let region = try fields.text("region", charactersMax: 16).optional
        let baseURL = try fields.text("base_url", charactersMax: 2048).optional
        switch (region, baseURL) {
        case (nil, nil): return nil
        case (.some, .some):
            throw .invalid("base_url", "give either region or base_url, not both.")
        case (let region?, nil):
            guard let url = BigPandaRegion(rawValue: region.lowercased()) else {
                throw .invalid("region", "must be us or eu.")
            }
            return Integration.Endpoint(region: url.rawValue, baseURL: url.baseURL)
        case (nil, let text?):
            do throws(BaseURLError) {
                let url = try BaseURL(text.trimmingBlanks)
                return Integration.Endpoint(region: nil, baseURL: url.text)
            } catch {
                throw .invalid("base_url", error.description)
            }
        }
    }
}

extension RequestFields.Presence {
    /// The value, if there is one.
    var optional: Value? {
        switch self {
        case .missing, .null: nil
        case .value(let value): value
        }
    }
}
