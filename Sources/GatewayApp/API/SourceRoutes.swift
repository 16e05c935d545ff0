package import Alerts
package import EventLoop
import HTTPServer
import JSON

/// `/v1/sources`: create, list, show, change, rotate the secret, remove.
@LoopActor
package final class SourceRoutes {
    private let directory: Directory
    private let identifiers: IdentifierSource
    private let clock: WallClock
    private let publicURL: String
    /// What is known of each source's webhooks.
    private let traffic: @LoopActor (Source) -> TrafficJudgement?

    /// Makes the routes; `publicURL` is what callback URLs begin with.
    package init(
        directory: Directory, identifiers: IdentifierSource, clock: WallClock, publicURL: String,
        traffic: @escaping @LoopActor (Source) -> TrafficJudgement? = { _ in nil }
    ) {
        self.traffic = traffic
        self.directory = directory
        self.identifiers = identifiers
        self.clock = clock
        self.publicURL = publicURL
    }

    /// Adds the routes.
    package func add(to routes: inout AdminRoutes) {
        routes.add("/v1/sources") { [self] request, _ in try await list(request.head) }
        routes.add(.post, "/v1/sources", needs: .admin) { [self] request, _, caller in
            try await create(request, caller)
        }
        routes.add("/v1/sources/{id}") { [self] _, parameters in
            let source = try await stored(parameters)
            return answer(source)
        }
        let one = "/v1/sources/{id}"
        routes.add(.patch, one, needs: .admin) { [self] request, parameters, caller in
            try await change(stored(parameters), request, caller)
        }
        routes.add(.delete, one, needs: .admin) { [self] _, parameters, caller in
            let id = SourceID(parameters["id"] ?? "")
            guard !id.isCanary else { throw APIProblem.notFound("source") }
            let isRemoved = try await caller.changing(.sourceDelete, id.text, at: clock.now) {
                () async throws(StoreError) in
                try await directory.removeSource(id)
            }
            guard isRemoved else { throw APIProblem.notFound("source") }
            return .noContent
        }
        routes.add(.post, one + "/rotate-secret", needs: .admin) {
            [self] request, parameters, caller in
            try await rotate(stored(parameters), request, caller)
        }
    }

    private func answer(_ source: Source) -> HTTPResponse {
        .json { [self] in
            $0.source(source, callbackURL: callbackURL(of: source), traffic: traffic(source))
        }
    }

    private func callbackURL(of source: Source) -> String {
        Self.callbackURL(of: source.id, under: publicURL)
    }

    /// Where a source's webhooks go.
    static func callbackURL(of id: SourceID, under publicURL: String) -> String {
        "\(publicURL)/webhooks/bigpanda/\(id)"
    }

    private func stored(_ parameters: RouteParameters) async throws -> Source {
        let id = parameters["id"] ?? ""
        guard directory.source(id) != nil,
            let source = try await directory.sources().first(where: { $0.id.text == id })
        else { throw APIProblem.notFound("source") }
        return source
    }

    private func list(_ head: HTTPRequestHead) async throws -> HTTPResponse {
        let page = try PageParameters(head)
        let all = try await directory.sources()
        let (items, next) = page.cut(all)
        return .page(items, next: next) { [self] in
            $0.source($1, callbackURL: callbackURL(of: $1), traffic: traffic($1))
        }
    }

    private func create(_ request: HTTPRequest, _ caller: Caller) async throws -> HTTPResponse {
        let fields = try RequestFields(request)
        let name = try fields.requiredText("name", charactersMax: Limits.nameCharactersMax)
        let integrationID = IntegrationID(
            try fields.requiredText("integration_id", charactersMax: 64))
        guard directory.integration(integrationID) != nil else {
            throw APIProblem(
                .unprocessableContent, "unknown_integration",
                "integration_id: there is no integration with this id.")
        }
        guard directory.sourceCount < Limits.directoryEntriesMax else {
            throw APIProblem(.conflict, "too_many_sources", "Remove sources that are not used.")
        }
        let (text, secret) = try newSecret()
        let source = Source(
            id: SourceID(identifiers.make(.source)), integrationID: integrationID, name: name,
            secret: secret, at: clock.now)
        try await caller.changing(
            .sourceCreate, source.id.text, fields: ["name", "integration_id"], at: clock.now
        ) { () async throws(StoreError) in try await directory.insert(source) }
        return .json(.created) {
            $0.source(
                source, callbackURL: callbackURL(of: source), newSecret: text,
                traffic: traffic(source))
        }.with("Location", "/v1/sources/\(source.id)")
    }

    private func change(
        _ source: Source, _ request: HTTPRequest, _ caller: Caller
    ) async throws -> HTTPResponse {
        let fields = try RequestFields(request)
        let name = try fields.textIfGiven("name", charactersMax: Limits.nameCharactersMax)
        let isEnabled = try fields.bool("enabled")
        let isWatchedForQuiet = try fields.bool("quiet_watch")
        let now = clock.now
        let changed = try await caller.changing(
            .sourceUpdate, source.id.text,
            fields: fields.names(among: ["name", "enabled", "quiet_watch"]), at: now
        ) { () async throws(StoreError) in
            try await directory.change(source.id) { source in
                source.name = name ?? source.name
                source.isEnabled = isEnabled ?? source.isEnabled
                source.isWatchedForQuiet = isWatchedForQuiet ?? source.isWatchedForQuiet
                source.updatedAt = now
            }
        }
        guard let changed else { throw APIProblem.notFound("source") }
        return answer(changed)
    }

    private func rotate(
        _ source: Source, _ request: HTTPRequest, _ caller: Caller
    ) async throws -> HTTPResponse {
        let fields = try RequestFields(request)
        let overlap = try fields.integer("overlap_seconds", in: 0...2_592_000) ?? 86_400
        let (text, secret) = try newSecret()
        let now = clock.now
        let end = now + .seconds(overlap)
        let changed = try await caller.changing(
            .sourceRotate, source.id.text, fields: fields.names(among: ["overlap_seconds"]), at: now
        ) { () async throws(StoreError) in
            try await directory.change(source.id) { source in
                // Older secrets end with the overlap at the latest; what has ended is dropped.
                source.secrets = source.secrets.compactMap { old in
                    var old = old
                    old.expiresAt = min(old.expiresAt ?? end, end)
                    return old.expiresAt.map { $0 > now } == true ? old : nil
                }
                source.secrets.insert(secret, at: 0)
                source.updatedAt = now
            }
        }
        guard let changed else { throw APIProblem.notFound("source") }
        return .json {
            $0.source(
                changed, callbackURL: callbackURL(of: changed), newSecret: text,
                traffic: traffic(changed))
        }
    }

    private func newSecret() throws -> (text: String, secret: SourceSecret) {
        guard let made = identifiers.makeSecret(at: clock.now) else {
            throw APIProblem(.serviceUnavailable, "no_randomness", "The system gave no randomness.")
        }
        return made
    }
}

extension PageParameters {
    /// Cuts a page out of a list that is held in memory; the cursor counts its items.
    func cut<Item>(_ all: [Item]) -> (items: [Item], next: String?) {
        let start = Int(clamping: cursor?.sequence ?? 0)
        let items = Array(all.dropFirst(start).prefix(limit))
        let end = start + items.count
        let next = end < all.count ? PageCursor(sequence: Int64(end)) : nil
        return (items, next.map(CursorText.encode))
    }
}
