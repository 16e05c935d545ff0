import Alerts
package import EventLoop
package import HTTPServer
package import TLS

/// Lets in who holds the admin token.
@LoopActor
package final class AdminAuthenticator {
    /// Kept as its SHA-256: what is compared then has one length, and memory shows no token.
    private let tokenHash: [UInt8]
    private let previousHash: [UInt8]?
    /// Whether and when the previous token was used; `nil` when there is none.
    package let previousUse: PreviousTokenUse?
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

    /// The head hook of every admin route: 401 before any body is read.
    package func verdict(
        on head: HTTPRequestHead, bodyBytesMax: Int = 0
    ) -> HeadVerdict {
        isAdmin(head) ? .proceed(bodyBytesMax: bodyBytesMax) : .refuse(Self.refusal)
    }

    private func isAdmin(_ head: HTTPRequestHead) -> Bool {
        head.withField("authorization") { field in
            let hash = BearerToken.token(in: field).withBytes { Digest.sha256($0) }
            guard !constantTimeEquals(hash, tokenHash) else { return true }
            guard let previousHash, constantTimeEquals(hash, previousHash) else { return false }
            previousUse?.note()
            return true
        }
    }

    private static let refusal = HTTPResponse.problem(
        .unauthorized, code: "unauthorized",
        detail: "Send the admin token: Authorization: Bearer TOKEN."
    ).with("WWW-Authenticate", "Bearer realm=\"bigpanda-gateway\"")
}
