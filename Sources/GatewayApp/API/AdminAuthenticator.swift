import Alerts
package import EventLoop
package import HTTPServer
package import TLS

/// Lets in who holds the admin token, and browsers that were signed in with it.
@LoopActor
package final class AdminAuthenticator {
    /// Kept as its SHA-256: what is compared then has one length, and memory shows no token.
    let tokenHash: [UInt8]
    private let previousHash: [UInt8]?
    /// Whether and when the previous token was used; `nil` when there is none.
    package let previousUse: PreviousTokenUse?
    /// Whose cookies are believed by the admin API; nobody's when there are none.
    var sessions: Sessions?
    /// Holds up who guesses; nobody when there is none.
    var tokenGuard: TokenGuard?
    /// For keeping the token out of what is stored.
    let tokenMarks: SecretMarks
    /// The name under which the holder of the one token acts.
    package static let name = "admin"

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

    /// The head hook of what only the token opens: 401 before any body is read, and 429 to an
    /// address that has shown too many wrong ones, whatever it shows now.
    package func verdict(
        on head: HTTPRequestHead, bodyBytesMax: Int = 0
    ) -> HeadVerdict {
        let shown = head.withField("authorization") { BearerToken.token(in: $0) }
        // Without a token nothing is guessed.
        guard !shown.isEmpty else { return .refuse(Self.refusal) }
        if let refusal = tokenGuard?.refusal(of: head) { return .refuse(refusal) }
        let digest = shown.withBytes { Digest.sha256($0) }
        guard isHashOfToken(digest) else {
            tokenGuard?.failed(head, digest: digest, doing: "An admin token was refused.")
            return .refuse(Self.refusal)
        }
        return .proceed(bodyBytesMax: bodyBytesMax)
    }

    /// The head hook of what a session opens too; `admit` has the last word on those.
    ///
    /// Whether a session is known stands in the store, which is not asked here. That a write comes
    /// from one of our own pages is seen before its body is read.
    func verdict(
        onRequestOfAPI head: HTTPRequestHead, bodyBytesMax: Int
    ) -> HeadVerdict {
        guard !head.hasAuthorization, let sessions, let token = sessions.token(in: head) else {
            return verdict(on: head, bodyBytesMax: bodyBytesMax)
        }
        if let refusal = sessions.refusal(of: head, by: token) { return .refuse(refusal) }
        return .proceed(bodyBytesMax: bodyBytesMax)
    }

    /// Whether `admit` has a say on a request, which came with a cookie then.
    func hasToAdmit(_ head: HTTPRequestHead) -> Bool { !head.hasAuthorization }

    /// Lets a request through that the head hook let through because of its cookie.
    ///
    /// - Throws: `APIProblem` when there is no such session, or none any more; `StoreError`.
    func admit(_ head: HTTPRequestHead) async throws {
        guard hasToAdmit(head) else { return }
        guard let sessions, let token = sessions.token(in: head) else {
            throw APIProblem(Self.refusal)
        }
        let session = try await sessions.session(of: token)
        guard session != nil else { throw APIProblem(Self.refusal) }
    }

    /// Why a request that the head hook let through is refused all the same, or is so by now; `nil`
    /// when it isn't.
    func refusal(of head: HTTPRequestHead) async -> HTTPResponse? {
        guard hasToAdmit(head) else { return nil }
        let refused = await answer {
            try await admit(head)
            return .noContent
        }
        return refused.status == .noContent ? nil : refused.withGuards(SecurityFields.api)
    }

    /// Whether `text` is the admin token, or the previous one.
    func isToken(_ text: String) -> Bool { isHashOfToken(Digest.sha256(text)) }

    private func isHashOfToken(_ hash: [UInt8]) -> Bool {
        guard !constantTimeEquals(hash, tokenHash) else { return true }
        guard let previousHash, constantTimeEquals(hash, previousHash) else { return false }
        previousUse?.note()
        return true
    }

    private static let refusal = HTTPResponse.problem(
        .unauthorized, code: "unauthorized",
        detail: "Send the admin token: Authorization: Bearer TOKEN."
    ).with("WWW-Authenticate", "Bearer realm=\"bigpanda-gateway\"")
}

extension HTTPRequestHead {
    fileprivate var hasAuthorization: Bool { withField("authorization") { $0 != nil } }
}
