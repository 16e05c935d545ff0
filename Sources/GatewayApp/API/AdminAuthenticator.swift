package import Alerts
package import EventLoop
package import HTTPServer
package import TLS

/// Lets in who holds the admin token or a named one, and browsers that were signed in with it.
@LoopActor
package final class AdminAuthenticator {
    /// Kept as its SHA-256: what is compared then has one length, and memory shows no token.
    let tokenHash: [UInt8]
    private let previousHash: [UInt8]?
    /// Whether and when the previous token was used; `nil` when there is none.
    package let previousUse: PreviousTokenUse?
    /// Whose cookies are believed by the admin API; nobody's when there are none.
    var sessions: Sessions?
    /// Knows the named tokens; there are none without it.
    var directory: Directory?
    /// Whose word is taken for where a request comes from.
    var trustedProxies: [AddressRange] = []
    /// Holds up who guesses; nobody when there is none.
    var tokenGuard: TokenGuard?
    /// For keeping the token out of what is stored.
    let tokenMarks: SecretMarks
    /// The name under which the holder of the one token acts.
    nonisolated package static let name = "admin"

    /// Makes one for a token, and for another that is accepted as well while tokens are changed.
    package init(token: Secret, previous: (token: Secret, use: PreviousTokenUse)? = nil) {
        tokenHash = Digest.sha256(token)
        previousHash = previous.map { Digest.sha256($0.token) }
        previousUse = previous?.use
        var marks = SecretMarks()
        token.withBytes { marks.insert($0) }
        previous?.token.withBytes { marks.insert($0) }
        tokenMarks = marks
    }

    /// The head hook of what only a token opens: 401 before any body is read, and 429 to an
    /// address that has shown too many wrong ones, whatever it shows now.
    package func verdict(
        on head: HTTPRequestHead, bodyBytesMax: Int = 0, needs role: Role = .viewer
    ) -> HeadVerdict {
        let shown = head.withField("authorization") { BearerToken.token(in: $0) }
        // Without a token nothing is guessed.
        guard !shown.isEmpty else { return .refuse(Self.refusal) }
        if let refusal = tokenGuard?.refusal(of: head) { return .refuse(refusal) }
        let digest = shown.withBytes { Digest.sha256($0) }
        guard let holder = identity(of: digest) else {
            tokenGuard?.failed(head, digest: digest, doing: "An admin token was refused.")
            return .refuse(Self.refusal)
        }
        guard holder.role >= role else { return .refuse(Self.refusal(of: holder, needs: role)) }
        return .proceed(bodyBytesMax: bodyBytesMax)
    }

    /// The head hook of what a session opens too; `admit` has the last word on those.
    ///
    /// Whether a session is known stands in the store, which is not asked here. That a write comes
    /// from one of our own pages is seen before its body is read.
    func verdict(
        onRequestOfAPI head: HTTPRequestHead, bodyBytesMax: Int, needs role: Role
    ) -> HeadVerdict {
        guard !head.hasAuthorization, let sessions, let token = sessions.token(in: head) else {
            return verdict(on: head, bodyBytesMax: bodyBytesMax, needs: role)
        }
        if let refusal = sessions.refusal(of: head, by: token) { return .refuse(refusal) }
        return .proceed(bodyBytesMax: bodyBytesMax)
    }

    /// Whether `admit` has a say on a request, which came with a cookie then.
    func hasToAdmit(_ head: HTTPRequestHead) -> Bool { !head.hasAuthorization }

    /// Lets a request through that the head hook let through.
    ///
    /// - Throws: `APIProblem` when there is no such session or token, or none any more, or when it
    ///   may not do what needs `role`; `StoreError`.
    func admit(_ head: HTTPRequestHead, needs role: Role = .viewer) async throws -> Caller {
        let caller = try await caller(of: head)
        guard caller.identity.role >= role else {
            throw APIProblem(Self.refusal(of: caller.identity, needs: role))
        }
        return caller
    }

    /// Why a request that the head hook let through is refused all the same, or is so by now; `nil`
    /// when it isn't.
    func refusal(of head: HTTPRequestHead) async -> HTTPResponse? {
        let refused = await answer {
            _ = try await admit(head)
            return .noContent
        }
        return refused.status == .noContent ? nil : refused.withGuards(SecurityFields.api)
    }

    /// Whose token `text` is; `nil` for nobody's.
    func identity(ofToken text: String) -> AdminIdentity? { identity(of: Digest.sha256(text)) }

    /// What a session may do; `nil` once the token that it was signed in with is revoked.
    func identity(of session: Session) -> AdminIdentity? {
        guard let id = session.tokenID else { return Self.admin }
        guard let token = directory?.adminToken(id) else { return nil }
        directory?.noteUse(of: token)
        return AdminIdentity(token)
    }

    /// Whose a session is, without counting as a use; `nil` once its token is revoked.
    func identity(named session: Session) -> AdminIdentity? {
        guard let id = session.tokenID else { return Self.admin }
        return directory?.adminToken(id).map { AdminIdentity($0) }
    }

    private func caller(of head: HTTPRequestHead) async throws -> Caller {
        if head.hasAuthorization {
            guard let holder = holder(of: head) else { throw APIProblem(Self.refusal) }
            let isCommand = head.field("user-agent")?.hasPrefix(CommandAgent.prefix) ?? false
            let actor = AuditActor(
                isCommand ? .command : .token, name: holder.name, peer: sender(of: head))
            return Caller(identity: holder, actor: actor)
        }
        guard let sessions, let token = sessions.token(in: head),
            let session = try await sessions.session(of: token),
            let identity = identity(of: session)
        else { throw APIProblem(Self.refusal) }
        let actor = AuditActor(
            .session, name: identity.name, sessionID: session.id, peer: sender(of: head))
        return Caller(identity: identity, actor: actor)
    }

    /// Where a request comes from, without port.
    func sender(of head: HTTPRequestHead) -> String {
        PeerAddress.sender(
            connection: head.peer, hops: trustedProxies.isEmpty ? .none : ForwardedHops(head),
            trusted: trustedProxies)
    }

    private func holder(of head: HTTPRequestHead) -> AdminIdentity? {
        head.withField("authorization") { field in
            identity(of: BearerToken.token(in: field).withBytes { Digest.sha256($0) })
        }
    }

    /// Named tokens are found by their hashes: what a stranger learns from the time that takes is
    /// about a hash of something that nobody can choose.
    private func identity(of hash: [UInt8]) -> AdminIdentity? {
        if isHashOfToken(hash) { return Self.admin }
        guard let directory, let token = directory.adminToken(hash: hash) else { return nil }
        directory.noteUse(of: token)
        return AdminIdentity(token)
    }

    private func isHashOfToken(_ hash: [UInt8]) -> Bool {
        guard !constantTimeEquals(hash, tokenHash) else { return true }
        guard let previousHash, constantTimeEquals(hash, previousHash) else { return false }
        previousUse?.note()
        return true
    }

    private static let admin = AdminIdentity(name: name, role: .admin, tokenID: nil)

    private static let refusal = HTTPResponse.problem(
        .unauthorized, code: "unauthorized",
        detail: "Send the admin token: Authorization: Bearer TOKEN."
    ).with("WWW-Authenticate", "Bearer realm=\"bigpanda-gateway\"")

    private static func refusal(of holder: AdminIdentity, needs role: Role) -> HTTPResponse {
        .problem(
            .forbidden, code: role.refusalCode,
            detail: "This needs the role \(role.rawValue); this token has \(holder.role.rawValue).")
    }
}

extension Role {
    /// The code of 403 for somebody whose role is not enough.
    var refusalCode: String { "\(rawValue)_required" }
}

extension AdminIdentity {
    fileprivate init(_ token: AdminToken) {
        self.init(name: token.name, role: token.role, tokenID: token.id)
    }
}

extension HTTPRequestHead {
    fileprivate var hasAuthorization: Bool { withField("authorization") { $0 != nil } }
}
