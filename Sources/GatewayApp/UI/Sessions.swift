import Alerts
import EventLoop
import HTTPServer
import TLS

/// Who is signed in with a browser.
///
/// What a cookie holds is kept nowhere: the store has a hash of it and of the admin token together,
/// so that another admin token ends every session. The store is asked each time: whoever is signed
/// out at one replica is so at all of them.
@LoopActor
final class Sessions {
    private let store: any SessionStore
    private let identifiers: IdentifierSource
    private let clock: WallClock
    private let tokenHash: [UInt8]

    init(
        store: any SessionStore, identifiers: IdentifierSource, clock: WallClock,
        authenticator: AdminAuthenticator
    ) {
        self.store = store
        self.identifiers = identifiers
        self.clock = clock
        tokenHash = authenticator.tokenHash
    }

    /// Signs a browser in; the session that it had before, if any, is over.
    ///
    /// - Throws: `APIProblem`, `StoreError`.
    func signIn(
        _ identity: AdminIdentity, replacing old: SessionToken?, peer: String
    ) async throws -> (token: SessionToken, session: Session) {
        let token: SessionToken
        do throws(CryptoError) {
            token = SessionToken(text: Base64.encodeURL(try SecureRandom.bytes(32)))
        } catch {
            throw APIProblem(.serviceUnavailable, "no_randomness", "The system gave no randomness.")
        }
        let session = Session(
            id: identifiers.make(.session), hash: hash(of: token), peer: peer,
            tokenID: identity.tokenID, at: clock.now)
        let actor = AuditActor(.session, name: identity.name, sessionID: session.id, peer: peer)
        let caller = Caller(identity: identity, actor: actor)
        if let old { try await signOut(old, by: caller) }
        try await caller.changing(.sessionCreate, session.id, at: clock.now) {
            () async throws(StoreError) in try await store.insert(session)
        }
        return (token, session)
    }

    /// The session that a token opens, unless it is over.
    func session(of token: SessionToken) async throws(StoreError) -> Session? {
        let hash = hash(of: token)
        let now = clock.now
        guard var session = try await store.session(hash: hash), session.isCurrent(at: now) else {
            return nil
        }
        if now - session.lastUsedAt >= Limits.sessionUseInterval {
            do throws(StoreError) {
                try await store.noteUse(ofSession: hash, at: now)
                session.lastUsedAt = now
            } catch {
                // Whoever looks after a full disk must not be signed out by it.
            }
        }
        return session
    }

    /// Ends the session that a token opens.
    func signOut(_ token: SessionToken, by caller: Caller) async throws(StoreError) {
        let hash = hash(of: token)
        guard let session = try await store.session(hash: hash) else { return }
        _ = try await caller.changing(.sessionDelete, session.id, at: clock.now) {
            () async throws(StoreError) in try await store.removeSession(hash: hash)
        }
    }

    /// Ends all sessions; returns how many there were.
    func signOutAll(by caller: Caller) async throws(StoreError) -> Int {
        try await caller.changing(.sessionDeleteAll, "", at: clock.now) {
            () async throws(StoreError) in try await store.removeAllSessions()
        }
    }

    /// The sessions that are not over, the one used last first.
    func current() async throws(StoreError) -> [Session] {
        let now = clock.now
        return try await store.sessions().filter { $0.isCurrent(at: now) }
    }

    /// Whether it is this session that a token opens.
    func isSession(_ session: Session, of token: SessionToken?) -> Bool {
        token.map { constantTimeEquals(hash(of: $0), session.hash) } ?? false
    }

    /// The token in a request's cookie; nil when there is none.
    func token(in head: HTTPRequestHead) -> SessionToken? {
        for name in SessionCookie.names {
            for line in head.values(of: "cookie") {
                if let text = SessionCookie.value(of: name, in: line) {
                    return SessionToken(text: text)
                }
            }
        }
        return nil
    }

    /// Refuses a write that comes from elsewhere than our own pages; `nil` lets it through.
    func refusal(of head: HTTPRequestHead, by token: SessionToken) -> HTTPResponse? {
        switch head.method {
        case .get, .head, .options: return nil
        default: break
        }
        if let refusal = Self.refusalOfSite(head) { return refusal }
        let shown = head.field("x-csrf-token") ?? ""
        guard constantTimeEquals(Array(shown.utf8), Array(token.csrfToken.utf8)) else {
            return .problem(
                .forbidden, code: "csrf_token_wrong",
                detail: "With a session's cookie, send X-CSRF-Token as GET /v1/session gives it.")
        }
        return nil
    }

    /// Refuses what a browser says that another site's page has sent.
    ///
    /// Source: W3C, Fetch Metadata Request Headers, section 2.
    static func refusalOfSite(_ head: HTTPRequestHead) -> HTTPResponse? {
        switch head.field("sec-fetch-site") {
        case nil, "same-origin", "none": nil
        default:
            .problem(
                .forbidden, code: "cross_site", detail: "This is for the gateway's own pages.")
        }
    }

    private func hash(of token: SessionToken) -> [UInt8] {
        Digest.sha256(tokenHash + Array(token.text.utf8))
    }
}

/// What a session's cookie holds.
struct SessionToken {
    /// 32 random bytes in base 64, when it is one of ours.
    let text: String

    /// What a page shows with each write, to prove that it could read an answer of ours.
    ///
    /// Made from the cookie, which no script can read, in a way that can't be turned round.
    var csrfToken: String { Base64.encodeURL(Digest.sha256("csrf-token \(text)")) }
}

/// The cookie that carries a session.
enum SessionCookie {
    private static let plainName = "gateway_session"
    /// Browsers take a name that begins so only over TLS, for this host alone and all of its paths.
    ///
    /// Source: RFC 6265bis, section 4.1.3.2.
    private static let secureName = "__Host-gateway_session"
    static let names = [secureName, plainName]

    /// The value of a cookie in one line of `Cookie`; values that can't be ours are left out.
    static func value(of name: String, in line: String) -> String? {
        for pair in line.split(separator: ";") {
            let parts = pair.split(
                separator: "=", maxSplits: 1, omittingEmptySubsequences: false)
            guard parts.count == 2, String(parts[0]).trimmingBlanks == name else { continue }
            let value = String(parts[1]).trimmingBlanks
            guard value.utf8.count == valueBytesCount else { continue }
            return value
        }
        return nil
    }

    /// 32 bytes in base 64.
    private static let valueBytesCount = 43

    /// `Set-Cookie` for a session.
    static func field(_ token: SessionToken, isSecure: Bool) -> HTTPField {
        HTTPField(
            "Set-Cookie",
            "\(isSecure ? secureName : plainName)=\(token.text); \(attributes(isSecure))")
    }

    /// `Set-Cookie` that takes the session's cookie away.
    static func removal(isSecure: Bool) -> HTTPField {
        HTTPField(
            "Set-Cookie",
            "\(isSecure ? secureName : plainName)=; Max-Age=0; \(attributes(isSecure))")
    }

    private static func attributes(_ isSecure: Bool) -> String {
        "Path=/; HttpOnly; SameSite=Strict\(isSecure ? "; Secure" : "")"
    }
}
