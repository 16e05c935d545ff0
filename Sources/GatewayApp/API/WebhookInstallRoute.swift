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

    /// Makes a secret, has BigPanda use it, and lets the old ones end once it does.
    ///
    /// Until BigPanda has answered, all of them open the source: whichever it uses works.
    private func apply(
        _ plan: WebhookPlan, to source: Source, _ fields: RequestFields, _ caller: Caller
    ) async throws {
        guard let (text, secret) = identifiers.makeSecret(at: clock.now) else {
            throw APIProblem(.serviceUnavailable, "no_randomness", "The system gave no randomness.")
        }
        var opened = source
        opened.secrets.insert(secret, at: 0)
        opened.updatedAt = clock.now
        let written = opened
        try await caller.changing(
            .sourceRotate, source.id.text,
            fields: fields.names(among: ["apply", "trigger_key"]), at: clock.now
        ) { () async throws(StoreError) in try await directory.update(written) }
        switch await installer.apply(plan, secret: text, for: source.integrationID) {
        case .success:
            let end = clock.now + .seconds(Self.overlapSeconds)
            for index in opened.secrets.indices.dropFirst() {
                opened.secrets[index].expiresAt = min(opened.secrets[index].expiresAt ?? end, end)
            }
            try await directory.update(opened)
        case .failure(.unknown(let reason)):
            throw APIProblem(
                .serviceUnavailable, "bigpanda_unreachable",
                "\(reason) It is unknown whether BigPanda made the change; both secrets work. "
                    + "Ask again.")
        case .failure(let failure):
            try await directory.update(source)
            throw WebhookInstaller.problem(failure)
        }
    }

    /// What is under way with an old secret arrives within a day.
    private static let overlapSeconds: Int64 = 86_400
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
