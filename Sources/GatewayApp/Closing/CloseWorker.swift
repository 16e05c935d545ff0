package import Alerts
package import EventLoop
package import Logging

/// Makes the closes that are owed, one call at a time, and has the store note each before and
/// after.
///
/// It keeps nothing that matters: what is owed, and when, stands in the store.
@LoopActor
package final class CloseWorker {
    private let store: any AlertStore
    private let directory: Directory
    private let caller: CloseCaller
    private let clock: WallClock
    private let log: Logger
    private let timer = Timer()
    private var underWay: [AlertID: IntegrationID] = [:]
    private var isClaiming = false
    private var isKickedAgain = false
    private var isStopped = false

    /// Makes a worker that waits for the first `kick`.
    package init(
        store: any AlertStore, directory: Directory, connections: Connections, clock: WallClock,
        log: Logger
    ) {
        self.store = store
        self.directory = directory
        caller = CloseCaller(connections: connections, directory: directory)
        self.clock = clock
        self.log = log
    }

    /// Calls under way.
    package var underWayCount: Int { underWay.count }

    /// Looks for due closes: something became owed, or an integration can be used again.
    package func kick() {
        guard !isStopped else { return }
        guard !isClaiming else {
            isKickedAgain = true
            return
        }
        isClaiming = true
        LoopActor.spawn { [self] in
            repeat {
                isKickedAgain = false
                await claim()
            } while isKickedAgain && !isStopped
            isClaiming = false
        }
    }

    /// Takes up nothing more; calls under way go on.
    package func stop() {
        isStopped = true
        timer.stop()
    }

    private func claim() async {
        do throws(StoreError) {
            while !isStopped {
                let claimed = try await store.claimDueCloses(
                    CloseClaim(
                        at: clock.now, limit: Limits.closesClaimedMax,
                        excludedIntegrations: busyIntegrations,
                        excludedAlerts: Set(underWay.keys)))
                guard !claimed.isEmpty else { break }
                for close in claimed { begin(close) }
            }
            guard let dueAt = try await store.nextCloseDueAt() else { return }
            let wait = dueAt - clock.now
            // What is due already waits for a call under way, whose end kicks again.
            if wait > .zero || underWay.isEmpty { sleep(max(wait, .milliseconds(50))) }
        } catch {
            log.error(
                "The store could not say which closes are due.",
                metadata: [
                    "error": "\(error)"
                ])
            sleep(.seconds(Limits.retryAfterSeconds))
        }
    }

    private func sleep(_ duration: Duration) {
        guard !isStopped else { return }
        // Civil time may jump, so no sleep is long.
        timer.start(after: min(duration, .seconds(60))) { [weak self] in self?.kick() }
    }

    /// Integrations with as many calls under way as they may have.
    private var busyIntegrations: Set<IntegrationID> {
        var counts: [IntegrationID: Int] = [:]
        for id in underWay.values { counts[id, default: 0] += 1 }
        return Set(counts.filter { $0.value >= RateBudget.concurrentMax }.keys)
    }

    private func begin(_ claimed: ClaimedClose) {
        underWay[claimed.close.alertID] = claimed.integrationID
        LoopActor.spawn { [self] in
            await carryOut(claimed)
            underWay[claimed.close.alertID] = nil
            kick()
        }
    }

    private func carryOut(_ claimed: ClaimedClose) async {
        let readAt = clock.now
        do throws(StoreError) {
            switch await caller.carryOut(claimed) {
            case .read(let reading):
                _ = try await store.apply(
                    reading, to: claimed.close.alertID, readAt: readAt, at: clock.now)
            case .concluded(let result, let environmentID):
                try await conclude(claimed, result, environmentID)
            }
        } catch {
            // What came of the call is lost to the store. A close that was `sending` is looked at
            // before it is repeated; until then it is taken for under way.
            await recover(claimed, from: error)
        }
    }

    private func conclude(
        _ claimed: ClaimedClose, _ result: CloseMachine.Result, _ environmentID: String?
    ) async throws(StoreError) {
        let change = try await store.conclude(
            CloseMachine.Conclusion(
                closeID: claimed.close.id, result: result, environmentID: environmentID,
                at: clock.now, fraction: .random(in: 0..<1)))
        log.log(
            level: result.logLevel, "\(result.inWords)",
            metadata: [
                "close": "\(claimed.close.id)", "alert": "\(claimed.close.alertID)",
                "incident": "\(claimed.incidentID)",
                "state": "\(change?.subject.close?.state.rawValue ?? "gone")",
            ])
        switch result {
        case .keyRejected:
            try await directory.note(
                .keyRejected, because: result.inWords, for: claimed.integrationID)
        case .keyForbidden:
            try await directory.note(
                .keyForbidden, because: result.inWords, for: claimed.integrationID)
        case .accepted, .notFound, .rateLimited, .delayed, .unknown, .refused:
            break
        }
    }

    /// Notes, as soon as the store can be written again, that nobody knows what came of a call.
    private func recover(_ claimed: ClaimedClose, from error: StoreError) async {
        log.error(
            "What came of a close could not be stored; it will be looked at.",
            metadata: [
                "close": "\(claimed.close.id)", "error": "\(error)",
            ])
        while !isStopped {
            await Timer.wait(.seconds(Limits.retryAfterSeconds))
            let reason = "The store failed after the call"
            let conclusion = CloseMachine.Conclusion(
                closeID: claimed.close.id, result: .unknown(reason: reason), environmentID: nil,
                at: clock.now, fraction: 0)
            do throws(StoreError) {
                _ = try await store.conclude(conclusion)
                return
            } catch {
                guard error.isRetryable else { return }
            }
        }
    }
}
