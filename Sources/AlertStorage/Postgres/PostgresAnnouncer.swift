import Alerts
import EventLoop
import Postgres

/// Tells other replicas that something was committed, ten times a second at most.
///
/// In transactions of its own: one that notifies holds a lock of the whole server from before its
/// commit is written until it is on the disk, so that webhooks would wait for each other's disks.
/// What is lost on the way is found by `PostgresWatch` a little later.
@LoopActor
final class PostgresAnnouncer {
    private let send: @LoopActor (String) async -> Void
    private let replica: String
    private let timer = Timer()
    private var pending: PostgresNews = []
    private var isWaiting = false
    private var isSending = false
    private var lastSent: ContinuousClock.Instant?

    static let notify = PostgresText(
        "SELECT pg_notify(\(PostgresSchema.channel), $1)::text")

    /// Makes one that hands payloads to `send`.
    init(replica: String, send: @escaping @LoopActor (String) async -> Void) {
        self.replica = replica
        self.send = send
    }

    /// Tells of `news`, at once or a moment later together with other news.
    func announce(_ news: PostgresNews) {
        guard !news.isEmpty else { return }
        pending.formUnion(news)
        guard !isWaiting, !isSending else { return }
        let since = lastSent.map { $0.duration(to: .now) } ?? PostgresStoreLimits.noticeInterval
        guard since < PostgresStoreLimits.noticeInterval else { return sendPending() }
        isWaiting = true
        timer.start(after: PostgresStoreLimits.noticeInterval - since) { [weak self] in
            self?.isWaiting = false
            self?.sendPending()
        }
    }

    /// Tells nothing more.
    func stop() { timer.stop() }

    private func sendPending() {
        let payload = pending.payload(from: replica)
        pending = []
        isSending = true
        lastSent = .now
        LoopActor.spawn { [self] in
            await send(payload)
            isSending = false
            announce(pending)
        }
    }
}
