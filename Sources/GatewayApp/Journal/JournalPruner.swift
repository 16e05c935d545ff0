import Alerts
import EventLoop
import Logging

/// Keeps the journal of deliveries within its age and its size, a few rows at a time.
@LoopActor
final class JournalPruner {
    private let store: any DeliveryStore
    private let retention: Duration
    private let bytesMax: Int
    private let clock: WallClock
    private let log: Logger
    private let delay: Duration
    private let timer = Timer()
    private var isStopped = false
    /// Whether that is this gateway's to do.
    private let isOnDuty: @LoopActor () -> Bool
    /// Between two looks: in two seconds a storm adds some 20 MB to the journal.
    static let interval = Duration.seconds(2)
    /// Between two batches, so that webhooks come first.
    private static let pause = Duration.milliseconds(20)
    /// After a failure, of which the log tells each time.
    private static let patience = Duration.seconds(60)

    /// Makes one that looks first `delay` after its start.
    init(
        store: any DeliveryStore, retention: Duration, bytesMax: Int, clock: WallClock, log: Logger,
        after delay: Duration = JournalPruner.interval, isOnDuty: @escaping @LoopActor () -> Bool
    ) {
        self.delay = delay
        self.isOnDuty = isOnDuty
        self.store = store
        self.retention = retention
        self.bytesMax = bytesMax
        self.clock = clock
        self.log = log
    }

    func start() {
        schedule(after: delay)
    }

    func stop() {
        isStopped = true
        timer.stop()
    }

    private func schedule(after delay: Duration) {
        guard !isStopped else { return }
        timer.start(after: delay) { [weak self] in self?.prune() }
    }

    private func prune() {
        guard isOnDuty() else { return schedule(after: Self.interval) }
        LoopActor.spawn { [self] in
            let bound = JournalBound(
                receivedBefore: clock.now + (.zero - retention), bytesMax: bytesMax)
            do throws(StoreError) {
                let count = try await store.pruneDeliveries(
                    bound, limit: Limits.journalPruneBatch)
                if count > 0 {
                    log.debug("Old deliveries were removed.", metadata: ["count": "\(count)"])
                }
                schedule(after: count == Limits.journalPruneBatch ? Self.pause : Self.interval)
            } catch {
                log.storeFailed("Old deliveries could not be removed.", error)
                schedule(after: Self.patience)
            }
        }
    }
}
