import Alerts
import EventLoop
import HTTPServer
import JSON

/// `POST /v1/sources/{id}/install-webhook`: what BigPanda has to post, shown or set up.
@LoopActor
final class WebhookInstallRoute {
    private let directory: Directory
    private let installer: WebhookInstaller
    private let identifiers: IdentifierSource
    private let clock: WallClock
    private let publicURL: String
    // Whose webhook is being set up. Two at once could make two integrations of one, and could have
    // the secret end that BigPanda uses: which of them it took last, no answer tells.
    private var underWay: Set<SourceID> = []

    init(
        directory: Directory, connections: Connections, identifiers: IdentifierSource,
        clock: WallClock, publicURL: String
    ) {
        self.directory = directory
        installer = WebhookInstaller(connections: connections)
        self.identifiers = identifiers
        self.clock = clock
        self.publicURL = publicURL
    }

    func add(to routes: inout AdminRoutes) {
        routes.add(.post, "/v1/sources/{id}/install-webhook", needs: .admin) {
            [self] request, parameters, caller in
            try await install(parameters["id"] ?? "", request, caller)
        }
    }

    private func install(
        _ id: String, _ request: HTTPRequest, _ caller: Caller
    ) async throws -> HTTPResponse {
        let fields = try RequestFields(request)
        let isMeant = try fields.bool("apply") ?? false
        let key = try fields.text("trigger_key", charactersMax: 64).optional
        guard let source = try await directory.sources().first(where: { $0.id.text == id }),
            let integration = directory.integration(source.integrationID)
        else { throw APIProblem.notFound("source") }
        if isMeant {
            guard underWay.insert(source.id).inserted else { throw Self.alreadyUnderWay }
        }
        defer { if isMeant { underWay.remove(source.id) } }
        let callbackURL = SourceRoutes.callbackURL(of: source.id, under: publicURL)
        let plan = try await installer.plan(
            for: source, of: integration, callbackURL: callbackURL,
            triggerKey: key.flatMap { $0.isEmpty ? nil : $0 })
        guard isMeant, plan.step != .nothing else {
            return .json { $0.plan(plan, isApplied: false) }
        }
        try await apply(plan, to: source, fields, caller)
        return .json { $0.plan(plan, isApplied: true) }
    }

    private static let alreadyUnderWay = APIProblem(
        .conflict, "conflict",
        "This source's webhook is being set up already; ask again when that has ended.")

    /// Makes a secret, has BigPanda use it, and lets the old ones end once it does.
    ///
    /// Until BigPanda has answered, all of them open the source: whichever it uses works. What
    /// somebody changes in the source meanwhile stays.
    private func apply(
        _ plan: WebhookPlan, to source: Source, _ fields: RequestFields, _ caller: Caller
    ) async throws {
        guard let (text, secret) = identifiers.makeSecret(at: clock.now) else {
            throw APIProblem(.serviceUnavailable, "no_randomness", "The system gave no randomness.")
        }
        let opened = try await caller.changing(
            .sourceRotate, source.id.text,
            fields: fields.names(among: ["apply", "trigger_key"]), at: clock.now
        ) { () async throws(StoreError) in
            try await change(source.id) { $0.secrets.insert(secret, at: 0) }
        }
        guard let opened else { throw APIProblem.notFound("source") }
        let older = Set(opened.secrets.map(\.id)).subtracting([secret.id])
        switch await installer.apply(plan, secret: text, for: source.integrationID) {
        case .success:
            let end = clock.now + .seconds(Self.overlapSeconds)
            let installed = try await change(source.id) {
                $0.open(with: secret)
                $0.end(older, by: end)
            }
            guard installed != nil else { throw Self.gone("posts", plan) }
        case .failure(.unknown(let reason)):
            guard try await change(source.id, { $0.open(with: secret) }) != nil else {
                throw Self.gone("may post", plan)
            }
            throw APIProblem(
                .serviceUnavailable, "bigpanda_unreachable",
                "\(reason) It is unknown whether BigPanda made the change; both secrets work. "
                    + "Ask again.")
        case .failure(let failure):
            let closed = try await change(source.id) { source in
                source.secrets.removeAll { $0.id == secret.id }
            }
            guard closed != nil else { throw APIProblem.notFound("source") }
            throw WebhookInstaller.problem(failure)
        }
    }

    /// Changes the source as it is by now; `nil` when it is gone.
    private func change(
        _ id: SourceID, _ change: @LoopActor (inout Source) -> Void
    ) async throws(StoreError) -> Source? {
        try await directory.change(id) { [now = clock.now] source in
            change(&source)
            source.updatedAt = now
        }
    }

    /// The source was removed while BigPanda was asked to post to it.
    private static func gone(_ posts: String, _ plan: WebhookPlan) -> APIProblem {
        APIProblem(
            .notFound, "not_found",
            "There is no source with this id any more: it was removed while BigPanda was asked. "
                + "BigPanda's integration for \(plan.wish.callbackURL) \(posts) to it all the "
                + "same: remove that, too.")
    }

    /// What is under way with an old secret arrives within a day.
    private static let overlapSeconds: Int64 = 86_400
}

extension Source {
    /// Has a secret that BigPanda uses open the source, whatever a rotation meanwhile made of it:
    /// what BigPanda posts would be refused, and lost.
    fileprivate mutating func open(with secret: SourceSecret) {
        guard let index = secrets.firstIndex(where: { $0.id == secret.id }) else {
            let place = secrets.firstIndex { $0.createdAt <= secret.createdAt }
            return secrets.insert(secret, at: place ?? secrets.endIndex)
        }
        secrets[index].expiresAt = nil
    }

    /// Lets some of the secrets end by `end`, unless they end sooner.
    fileprivate mutating func end(_ ids: Set<SecretID>, by end: Timestamp) {
        for index in secrets.indices where ids.contains(secrets[index].id) {
            secrets[index].expiresAt = min(secrets[index].expiresAt ?? end, end)
        }
    }
}

extension JSONWriter {
    fileprivate mutating func plan(_ plan: WebhookPlan, isApplied: Bool) {
        object { json in
            json.member("applied", isApplied)
            json.name("differences")
            json.array { json in
                for difference in plan.differences { json.value(difference) }
            }
            json.name("request")
            let hidden = WebhookWish.hiddenSecret
            switch plan.step {
            case .nothing: json.null()
            case .create:
                json.call(
                    "POST", "/resources/v2.1/integrations",
                    plan.wish.creation(authorization: hidden))
            case .change(let id):
                json.call(
                    "PATCH", "/resources/v2.1/integrations/\(id)",
                    plan.wish.change(authorization: hidden))
            }
        }
    }

    private mutating func call(_ method: String, _ path: String, _ body: JSONTree) {
        object { json in
            json.member("method", method)
            json.member("path", path)
            json.name("body")
            json.raw(body.compact)
        }
    }
}
