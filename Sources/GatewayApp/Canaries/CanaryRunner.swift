import Alerts
import EventLoop
import Logging

/// Sends the canaries that are due, one at a time for each integration, from the gateway on duty.
@LoopActor
final class CanaryRunner {
    private var parts: CanaryFlight.Parts
    private let log: Logger
    private let isOnDuty: @LoopActor () -> Bool
    private let timer = Timer()
    private var isStopped = false
    private let looking = OneAtATime()
    private var underWay: Set<IntegrationID> = []

    /// Between two looks at what is switched on, perhaps at another gateway.
    private static let interval = Duration.seconds(60)

    init(
        _ parts: CanaryFlight.Parts, log: Logger, isOnDuty: @escaping @LoopActor () -> Bool
    ) {
        self.parts = parts
        self.log = log
        self.isOnDuty = isOnDuty
    }

    /// Is told that a close is owed.
    var onCloseOwed: @LoopActor () -> Void {
        get { parts.onCloseOwed }
        set { parts.onCloseOwed = newValue }
    }

    /// What the callback URLs begin with; nothing is sent before it is set.
    var publicURL: String?

    /// Sends what is due, and looks again when something may be.
    func kick() {
        looking.ask { [self] in
            let wait = await look()
            guard !isStopped else { return }
            timer.start(after: wait) { [weak self] in self?.kick() }
        }
    }

    /// Sends nothing more; one under way is left to itself, and its close is made all the same.
    func stop() {
        isStopped = true
        looking.stop()
        timer.stop()
    }

    /// - Returns: When to look again.
    private func look() async -> Duration {
        guard isOnDuty(), let publicURL else { return Self.interval }
        do throws(StoreError) {
            let canaries = try await parts.store.canaries()
            var wait = Self.interval
            for (id, canary) in canaries where !underWay.contains(id) {
                guard let integration = parts.directory.integration(id) else { continue }
                let now = parts.clock.now
                guard canary.isDue(at: now) else {
                    let next = (canary.lastRun?.startedAt ?? now) + canary.interval - now
                    wait = min(wait, max(next, .seconds(1)))
                    continue
                }
                send(integration, under: publicURL)
            }
            return wait
        } catch {
            log.storeFailed("Canaries could not be looked at.", error)
            return Self.interval
        }
    }

    private func send(_ integration: Integration, under publicURL: String) {
        guard underWay.insert(integration.id).inserted else { return }
        LoopActor.spawn { [self] in
            let flight = CanaryFlight(parts, integration, under: publicURL)
            let run = await flight.fly(while: { isWanted })
            await conclude(run, of: integration)
            underWay.remove(integration.id)
            kick()
        }
    }

    /// Whether this gateway goes on: one that has lost the lease leaves canaries to another.
    private var isWanted: Bool { !isStopped && isOnDuty() }

    private func conclude(_ run: CanaryRun, of integration: Integration) async {
        guard isWanted else { return }
        tell(run, of: integration)
        do throws(StoreError) {
            try await parts.store.record(run, of: integration.id)
            _ = try await parts.store.pruneCanaries(
                resolvedBefore: parts.clock.now - Canary.retention, limit: Limits.pruneBatch)
        } catch {
            log.storeFailed("What came of a canary could not be stored.", error)
        }
    }

    private func tell(_ run: CanaryRun, of integration: Integration) {
        var metadata: Logger.Metadata = [
            "integration": "\(integration.id)", "alert": "\(run.alertID?.text ?? "none")",
        ]
        guard let failure = run.failure else {
            return log.info("A canary went all the way.", metadata: metadata)
        }
        metadata["hop"] = "\(failure.hop.rawValue)"
        metadata["reason"] = "\(failure.reason)"
        log.warning("A canary did not get all the way.", metadata: metadata)
    }
}
