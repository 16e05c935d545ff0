import Alerts
import EventLoop
import Logging

/// Removes resolved alerts that are past their retention, a few at a time.
@LoopActor
final class Pruner {
    private let store: any AlertStore & ActivityStore & AuditStore & OutboundStore
    private let retention: Duration
    private let clock: WallClock
    private let log: Logger
    private let delay: Duration
    private let timer = Timer()
    private var isStopped = false
    /// Whether that is this gateway's to do.
    private let isOnDuty: @LoopActor () -> Bool
    /// Between two looks: retention is counted in days, so an hour more or less is no matter.
    private static let interval = Duration.seconds(3600)
    /// Between two looks whether it has become this gateway's to do.
    private static let dutyInterval = Duration.seconds(60)
    /// Between two batches, so that webhooks come first.
    private static let pause = Duration.milliseconds(200)

    /// Makes one that looks first `delay` after its start.
    init(
        store: any AlertStore & ActivityStore & AuditStore & OutboundStore, retention: Duration,
        clock: WallClock, log: Logger, after delay: Duration = .seconds(60),
        isOnDuty: @escaping @LoopActor () -> Bool
    ) {
        self.delay = delay
        self.isOnDuty = isOnDuty
        self.store = store
        self.retention = retention
        self.clock = clock
        self.log = log
    }

    /// Looks now and then for what is too old; the first time a while after the start.
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
        guard isOnDuty() else { return schedule(after: Self.dutyInterval) }
        LoopActor.spawn { [self] in
            do throws(StoreError) {
                let count = try await store.prune(
                    resolvedBefore: clock.now + (.zero - retention), limit: Limits.pruneBatch)
                if count > 0 {
                    log.info("Old alerts were removed.", metadata: ["count": "\(count)"])
                }
                try await store.pruneActivity(beforeHour: clock.now.hour - Activity.hoursKept)
                // A day more than the store keeps them for, as its clock may be another.
                _ = try await store.pruneAudit(
                    before: clock.now + (.zero - AuditEntry.age - .seconds(86_400)),
                    limit: Limits.pruneBatch)
                let told = try await store.pruneMessages(
                    before: clock.now - min(retention, Limits.outboundRetentionMax),
                    beyond: Limits.outboundMessagesMax, limit: Limits.pruneBatch)
                schedule(after: max(count, told) == Limits.pruneBatch ? Self.pause : Self.interval)
            } catch {
                log.storeFailed("Old alerts could not be removed.", error)
                schedule(after: Self.interval)
            }
        }
    }
}
