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
        routes.add("/v1/integrations") { [self] request, _ in
            let (items, next) = try PageParameters(request.head).cut(directory.integrations)
            return .page(items, next: next) { $0.integration($1) }
        }
        routes.add(.post, "/v1/integrations", needs: .admin) { [self] request, _, caller in
            try await create(request, caller)
        }
        routes.add(one) { [self] _, parameters in
            let integration = try stored(parameters)
            return .json { $0.integration(integration) }
        }
        routes.add(.patch, one, needs: .admin) { [self] request, parameters, caller in
            try await change(stored(parameters), request, caller)
        }
        routes.add(.delete, one, needs: .admin) { [self] _, parameters, caller in
            try await remove(stored(parameters), caller)
        }
        routes.add(.post, one + "/check", needs: .operator) { [self] _, parameters, caller in
            try await check(stored(parameters), caller)
        }
    }

    private func stored(_ parameters: RouteParameters) throws -> Integration {
        guard let integration = directory.integration(IntegrationID(parameters["id"] ?? "")) else {
            throw APIProblem.notFound("integration")
        }
        return integration
    }

    private func create(_ request: HTTPRequest, _ caller: Caller) async throws -> HTTPResponse {
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
            try await caller.changing(
                .integrationCreate, id.text, fields: fields.names(among: IntegrationWish.names),
                at: clock.now
            ) { () async throws(StoreError) in
                try await directory.insert(integration, key: key)
            }
            return .json(.created) { $0.integration(integration) }
                .with("Location", "/v1/integrations/\(id)")
        } catch {
            connections.forget(id)
            throw error
        }
    }

    private func change(
        _ integration: Integration, _ request: HTTPRequest, _ caller: Caller
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
        let changed = try await caller.changing(
            .integrationUpdate, integration.id.text,
            fields: fields.names(among: IntegrationWish.names), at: clock.now
        ) { () async throws(StoreError) in
            try await directory.change(integration.id, key: wish.key) { integration in
                change.apply(to: &integration)
                return true
            }
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

    private func check(
        _ integration: Integration, _ caller: Caller
    ) async throws -> HTTPResponse {
        guard let key = directory.key(of: integration.id) else {
            throw APIProblem.notFound("integration")
        }
        let check = await connections.check(
            integration.id, endpoint: integration.endpoint, key: key)
        // Somebody may have changed the integration while BigPanda was asked.
        let recorded = try await caller.changing(
            .integrationCheck, integration.id.text, fields: ["state"], at: clock.now
        ) { () async throws(StoreError) in
            try await directory.record(check, of: key, for: integration.id)
        }
        guard let changed = recorded ?? directory.integration(integration.id) else {
            throw APIProblem.notFound("integration")
        }
        return .json { $0.integration(changed) }
    }

    private func remove(
        _ integration: Integration, _ caller: Caller
    ) async throws -> HTTPResponse {
        // The canary's source is the gateway's own; the next canary makes another if need be.
        try await directory.removeCanarySource(of: integration.id)
        let removal = try await caller.changing(
            .integrationDelete, integration.id.text, at: clock.now
        ) { () async throws(StoreError) in
            try await directory.removeIntegration(integration.id)
        }
        switch removal {
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
