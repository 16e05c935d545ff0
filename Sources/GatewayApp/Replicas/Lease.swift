package import Alerts
package import EventLoop
package import Logging

/// What one of the gateways on a store does at a time, as long as this one may do it.
///
/// Renewed three times in its duration. By this process's own steady clock it ends a second sooner
/// than by the store's, so that no two gateways ever believe they hold it.
@LoopActor
package final class Lease {
    private let name: LeaseName
    private let coordination: any Coordination
    private let replica: ReplicaID
    private let duration: Duration
    private let log: Logger
    private let timer = Timer()
    private var renewal: Task<Void, Never>?
    private var heldUntil: ContinuousClock.Instant?
    private var isStopped = false
    /// Is told each time that it has become this gateway's.
    package var onGained: @LoopActor () -> Void = {}

    /// Makes one that is not held before `start`.
    package init(
        _ name: LeaseName, by coordination: any Coordination, for replica: ReplicaID,
        lasting duration: Duration = Limits.leaseDuration, log: Logger
    ) {
        self.duration = duration
        self.name = name
        self.coordination = coordination
        self.replica = replica
        self.log = log
    }

    /// Whether this gateway may do now what the lease is for.
    package var isHeld: Bool {
        guard !isStopped, let heldUntil else { return false }
        return !coordination.isShared || heldUntil > .now
    }

    /// Takes it as soon as nobody else holds it, and keeps it.
    package func start() {
        guard coordination.isShared else {
            heldUntil = .now
            return onGained()
        }
        renewal = LoopActor.spawn { [self] in await renew() }
    }

    /// Gives it up, for another to take it at once.
    package func stop() async {
        let wasHeld = isHeld
        isStopped = true
        timer.stop()
        await renewal?.value
        guard wasHeld, coordination.isShared else { return }
        do throws(StoreError) {
            try await coordination.giveLease(name, of: replica)
        } catch {
            log.notice(
                "A lease could not be given back; it ends by itself.",
                metadata: ["lease": "\(name.rawValue)", "error": "\(error)"])
        }
    }

    private func renew() async {
        let (askedAt, wasHeld) = (ContinuousClock.now, isHeld)
        do throws(StoreError) {
            let isOurs = try await coordination.takeLease(
                name, for: replica, lasting: duration)
            heldUntil = isOurs ? askedAt + duration - Limits.leaseMargin : nil
        } catch {
            // What is held is held until its end; the store's trouble is told elsewhere.
        }
        guard !isStopped else { return }
        if wasHeld != isHeld {
            log.notice(
                isHeld ? "This gateway holds the lease now." : "The lease was lost.",
                metadata: ["lease": "\(name.rawValue)", "replica": "\(replica)"])
        }
        if !wasHeld, isHeld { onGained() }
        timer.start(after: Limits.leaseRenewalInterval) { [weak self] in self?.start() }
    }
}
