import EventLoop
import HTTPServer
import Logging

/// Keeps admin tokens from being guessed, at sign-in and with each request of the API: both count
/// into one `SignInLimiter`.
@LoopActor
final class TokenGuard {
    private var limiter = SignInLimiter(at: .now)
    private let metrics: Metrics
    private let trustedProxies: [AddressRange]
    private let log: Logger

    /// Makes one that knows of no failures.
    init(metrics: Metrics, trustedProxies: [AddressRange], log: Logger) {
        self.metrics = metrics
        self.trustedProxies = trustedProxies
        self.log = log
    }

    /// The answer to somebody whose address has shown too many wrong tokens; `nil` for others.
    ///
    /// At sign-in the failures of all addresses together count as well.
    func refusal(of head: HTTPRequestHead, atSignIn: Bool = false) -> HTTPResponse? {
        let sender = sender(of: head)
        guard let wait = limiter.wait(of: sender, at: .now, isAlone: !atSignIn) else { return nil }
        metrics.countLimitedToken()
        return .problem(
            .tooManyRequests, code: "too_many_attempts",
            detail: "Too many wrong tokens; try again in \(wait.components.seconds) s."
        ).with("Retry-After", "\(wait.components.seconds)")
    }

    /// Notes that a wrong token was shown.
    ///
    /// - Parameters:
    ///   - head: Of the request that it came with.
    ///   - digest: The token's SHA-256 where a program may show the same one again and again;
    ///     people who do are guessing.
    ///   - what: What the log is told.
    func failed(_ head: HTTPRequestHead, digest: [UInt8]?, doing what: String) {
        metrics.countWrongToken()
        let peer = sender(of: head)
        guard limiter.failed(peer, at: .now, guess: digest) else { return }
        log.warning("\(what)", metadata: RequestMarks(head).on(["peer": "\(peer)"]))
    }

    /// The sender's address, as far as proxies are believed.
    func sender(of head: HTTPRequestHead) -> String {
        PeerAddress.sender(
            connection: head.peer, hops: trustedProxies.isEmpty ? .none : ForwardedHops(head),
            trusted: trustedProxies)
    }
}
