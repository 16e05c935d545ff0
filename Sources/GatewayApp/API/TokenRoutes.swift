import AlertJSON
import Alerts
import EventLoop
import HTTPServer
import JSON
import TLS

/// `/v1/tokens`: make, list and revoke named tokens of the admin API.
@LoopActor
final class TokenRoutes {
    private let directory: Directory
    private let identifiers: IdentifierSource
    private let clock: WallClock

    init(directory: Directory, identifiers: IdentifierSource, clock: WallClock) {
        self.directory = directory
        self.identifiers = identifiers
        self.clock = clock
    }

    /// Adds the routes.
    func add(to routes: inout AdminRoutes) {
        routes.add("/v1/tokens") { [self] request, _ in
            let tokens = try await directory.adminTokens()
            let (items, next) = try PageParameters(request.head).cut(tokens)
            return .page(items, next: next) { $0.token($1) }
        }
        routes.add(.post, "/v1/tokens", needs: .admin) { [self] request, _, caller in
            try await create(request, caller)
        }
        routes.add(.delete, "/v1/tokens/{id}", needs: .admin) { [self] _, parameters, caller in
            let id = parameters["id"] ?? ""
            let isRemoved = try await caller.changing(.tokenRevoke, id, at: clock.now) {
                () async throws(StoreError) in try await directory.removeToken(id)
            }
            guard isRemoved else { throw APIProblem.notFound("token") }
            return .noContent
        }
    }

    private func create(_ request: HTTPRequest, _ caller: Caller) async throws -> HTTPResponse {
        let fields = try RequestFields(request)
        let name = try fields.requiredText("name", charactersMax: Limits.nameCharactersMax)
        let roles = Role.allCases.map(\.rawValue)
        guard let role = Role(rawValue: try fields.requiredText("role", charactersMax: 16)) else {
            throw APIProblem.invalid("role", "must be one of \(roles.joined(separator: ", ")).")
        }
        guard !Self.reservedNames.contains(name) else {
            throw APIProblem.invalid("name", "\(name) stands for somebody else; use another.")
        }
        guard directory.tokensByHash.values.allSatisfy({ $0.name != name }) else {
            throw Self.nameTaken
        }
        guard directory.tokenCount < AdminToken.countMax else {
            throw APIProblem(.conflict, "too_many_tokens", "Revoke tokens that are not used.")
        }
        let text: String
        do throws(CryptoError) {
            text = AdminToken.textPrefix + Base64.encodeURL(try SecureRandom.bytes(32))
        } catch {
            throw APIProblem(.serviceUnavailable, "no_randomness", "The system gave no randomness.")
        }
        let token = AdminToken(
            id: identifiers.make(.token), name: name, role: role, hash: Digest.sha256(text),
            at: clock.now)
        do throws(StoreError) {
            try await caller.changing(
                .tokenCreate, token.id, fields: ["name", "role"], at: clock.now
            ) { () async throws(StoreError) in try await directory.insert(token) }
        } catch {
            // Another gateway was quicker.
            throw error.kind == .conflict ? Self.nameTaken : APIProblem.store(error)
        }
        return .json(.created) { $0.token(token, text: text) }
            .with("Location", "/v1/tokens")
    }

    /// Who acts under these holds no named token.
    nonisolated static let reservedNames = [AdminAuthenticator.name, AuditActor.system.name]

    private static let nameTaken = APIProblem(
        .conflict, "name_taken", "There is a token of this name; revoke it first, or use another.")
}

/// `/v1/audit`: who did what.
@LoopActor
final class AuditRoute {
    private let store: any AuditStore

    init(store: any AuditStore) {
        self.store = store
    }

    /// Adds the route.
    func add(to routes: inout AdminRoutes) {
        routes.add("/v1/audit") { [self] request, _ in
            let page = try PageParameters(request.head)
            var query = AuditQuery(limit: page.limit)
            query.cursor = page.cursor
            if let text = request.head.filter("action") {
                guard let action = AuditAction(rawValue: text) else {
                    let known = AuditAction.allCases.map(\.rawValue).joined(separator: ", ")
                    throw APIProblem(
                        .badRequest, "invalid_filter", "action must be one of \(known).")
                }
                query.action = action
            }
            query.objectID = request.head.filter("object_id")
            query.actor = request.head.filter("actor")
            let found = try await store.audit(query)
            return .page(found.items, next: found.next.map(CursorText.encode)) {
                $0.auditEntry($1)
            }
        }
    }
}

extension JSONWriter {
    /// Writes a named token; `text` is shown once.
    fileprivate mutating func token(_ token: AdminToken, text: String? = nil) {
        object { json in
            json.member("id", token.id)
            json.member("name", token.name)
            json.member("role", token.role.rawValue)
            json.member("created_at", token.createdAt)
            json.member("last_used_at", token.lastUsedAt)
            if let text { json.member("token", text) }
        }
    }

    /// Writes an entry of the audit log.
    fileprivate mutating func auditEntry(_ entry: AuditEntry) {
        object { json in
            json.member("id", "\(entry.number)")
            json.member("at", entry.at)
            json.name("actor")
            json.object { json in
                json.member("kind", entry.actor.kind.rawValue)
                json.member("name", entry.actor.name)
                json.member("session_id", entry.actor.sessionID)
                json.member("peer", entry.actor.peer)
            }
            json.member("action", entry.action.rawValue)
            json.member("object_id", entry.objectID)
            json.name("fields")
            json.array { json in
                for field in entry.fields { json.value(field) }
            }
            json.member("outcome", entry.outcome.rawValue)
        }
    }
}
