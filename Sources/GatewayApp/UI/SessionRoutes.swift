import AlertJSON
import Alerts
import EventLoop
import HTTPServer
import JSON
import Logging

/// `/v1/session` and `/v1/sessions`: sign in with the admin token, look, sign out.
@LoopActor
final class SessionRoutes {
    private let sessions: Sessions
    private let authenticator: AdminAuthenticator
    private let site: SiteAddress
    private let tokenGuard: TokenGuard
    private let log: Logger

    init(
        sessions: Sessions, authenticator: AdminAuthenticator, site: SiteAddress,
        tokenGuard: TokenGuard, log: Logger
    ) {
        self.sessions = sessions
        self.authenticator = authenticator
        self.site = site
        self.tokenGuard = tokenGuard
        self.log = log
    }

    /// Adds the routes that need neither token nor session.
    func add(to routes: inout HTTPRoutes) {
        routes.addAsync(.get, "/v1/session") { [self] request, _ in
            await answer { try await own(request.head) }.withGuards(SecurityFields.api)
        }
        routes.addAsync(
            .post, "/v1/session", bodyBytesMax: Limits.signInBodyBytesMax,
            onHead: { [self] head, _ in
                let refusal =
                    Sessions.refusalOfSite(head) ?? tokenGuard.refusal(of: head, atSignIn: true)
                if let refusal { return .refuse(refusal) }
                return .proceed(bodyBytesMax: Limits.signInBodyBytesMax)
            },
            handler: { [self] request, _ in
                await answer { try await signIn(request) }.withGuards(SecurityFields.api)
            })
    }

    /// Adds the others.
    func add(to routes: inout AdminRoutes) {
        routes.add(.delete, "/v1/session", needs: .viewer) { [self] request, _, caller in
            try await signOut(request.head, caller)
        }
        routes.add("/v1/sessions") { [self] request, _ in try await list(request.head) }
        routes.add(.delete, "/v1/sessions", needs: .admin) { [self] request, _, caller in
            try await signOutAll(request.head, caller)
        }
    }

    /// Says who is signed in with this browser; nothing when nobody is: a page asks first thing.
    private func own(_ head: HTTPRequestHead) async throws -> HTTPResponse {
        guard let token = sessions.token(in: head) else { return .noContent }
        let session = try await sessions.session(of: token)
        guard let session, let identity = authenticator.identity(of: session) else {
            return .noContent
        }
        return .json { $0.session(session, identity, token: token) }
    }

    private func signOut(
        _ head: HTTPRequestHead, _ caller: Caller
    ) async throws -> HTTPResponse {
        guard let token = sessions.token(in: head) else { throw APIProblem.notFound("session") }
        try await sessions.signOut(token, by: caller)
        return takingCookie(.noContent, head)
    }

    private func list(_ head: HTTPRequestHead) async throws -> HTTPResponse {
        let token = sessions.token(in: head)
        let (items, next) = try PageParameters(head).cut(try await sessions.current())
        return .page(items, next: next) { [self] json, session in
            json.session(
                session, authenticator.identity(named: session),
                isOwn: sessions.isSession(session, of: token))
        }
    }

    private func signOutAll(
        _ head: HTTPRequestHead, _ caller: Caller
    ) async throws -> HTTPResponse {
        let count = try await sessions.signOutAll(by: caller)
        log.notice("All sessions were ended.", metadata: ["count": "\(count)"])
        return takingCookie(.noContent, head)
    }

    private func signIn(_ request: HTTPRequest) async throws -> HTTPResponse {
        let text = try RequestFields(request).requiredText(
            "token", charactersMax: Limits.tokenCharactersMax)
        // Once more: others of the same address may have tried while the body was read.
        let refusal = tokenGuard.refusal(of: request.head, atSignIn: true)
        if let refusal { return refusal }
        guard let identity = authenticator.identity(ofToken: text) else {
            tokenGuard.failed(request.head, digest: nil, doing: "Somebody tried to sign in.")
            throw APIProblem(
                .unauthorized, "wrong_token",
                "This is not the admin token of this gateway, nor another.")
        }
        let peer = tokenGuard.sender(of: request.head)
        let (token, session) = try await sessions.signIn(
            identity, replacing: sessions.token(in: request.head), peer: peer)
        log.notice(
            "Somebody signed in.",
            metadata: RequestMarks(request.head).on([
                "peer": "\(peer)", "session": "\(session.id)", "token": "\(identity.name)",
            ]))
        return HTTPResponse.json { $0.session(session, identity, token: token) }
            .withGuards([SessionCookie.field(token, isSecure: site.isSecure(for: request.head))])
    }

    private func takingCookie(_ response: HTTPResponse, _ head: HTTPRequestHead) -> HTTPResponse {
        response.withGuards([SessionCookie.removal(isSecure: site.isSecure(for: head))])
    }
}

/// How browsers reach the pages.
struct SiteAddress {
    /// Whether the public URL, and so what is served with it, is reached by https.
    let isPublicSecure: Bool
    /// Whether the pages are served with what the public URL leads to.
    let isPublic: Bool

    /// Whether a cookie may be for https alone.
    ///
    /// A browser says in `Origin` how it came here. What is behind the public URL is so whatever
    /// the browser says; an admin listener of its own may be reached in another way.
    func isSecure(for head: HTTPRequestHead) -> Bool {
        let origin = head.field("origin").map { $0.hasPrefix("https://") }
        return isPublic ? isPublicSecure || origin == true : origin ?? isPublicSecure
    }
}

extension JSONWriter {
    /// Writes somebody's own session, with what its page has to show when it writes.
    fileprivate mutating func session(
        _ session: Session, _ identity: AdminIdentity, token: SessionToken
    ) {
        object { json in
            json.members(of: session, identity)
            json.member("csrf_token", token.csrfToken)
        }
    }

    /// Writes one of all sessions.
    fileprivate mutating func session(
        _ session: Session, _ identity: AdminIdentity?, isOwn: Bool
    ) {
        object { json in
            json.members(of: session, identity)
            json.member("current", isOwn)
        }
    }

    private mutating func members(of session: Session, _ identity: AdminIdentity?) {
        member("id", session.id)
        member("token_name", identity?.name)
        member("role", identity?.role.rawValue)
        member("peer", session.peer)
        member("created_at", session.createdAt)
        member("last_used_at", session.lastUsedAt)
        member(
            "expires_at",
            min(session.lastUsedAt + Session.idleMax, session.createdAt + Session.ageMax))
    }
}
