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
    private let coordination: any Coordination
    private let directory: Directory
    private let caller: CloseCaller
    private let clock: WallClock
    private let log: Logger
    private let timer = Timer()
    private let breakers = CircuitBreakers()
    private let metrics: Metrics?
    private var traces = CloseTraces()
    private var underWay: [AlertID: IntegrationID] = [:]
    private let claiming = OneAtATime()
    private var isStopped = false
    private var recoveredAt = ContinuousClock.now

    /// Makes a worker that waits for the first `kick`.
    package init(
        store: any AlertStore, coordination: any Coordination = SoleReplica(),
        directory: Directory, connections: Connections, metrics: Metrics? = nil,
        clock: WallClock, log: Logger, renewalMax: Duration = CloseMachine.renewalMax
    ) {
        self.metrics = metrics
        self.store = store
        self.coordination = coordination
        self.directory = directory
        caller = CloseCaller(
            store: store, coordination: coordination, connections: connections,
            directory: directory, clock: clock, renewalMax: renewalMax)
        self.clock = clock
        self.log = log
    }

    /// Calls under way.
    package var underWayCount: Int { underWay.count }

    /// Integrations whose closes are held back because their BigPanda does not work.
    package var heldIntegrations: Set<IntegrationID> { breakers.heldIntegrations }

    /// Somebody put something right about an integration, or made it.
    package func integrationBecameUsable(_ id: IntegrationID) {
        // A check without an answer leaves an integration usable, and shows nothing.
        if directory.integration(id)?.state == .connected { breakers.forget(id) }
        kick()
    }

    /// Calls for a close belong to the trace of the request that asked for it.
    package func trace(_ id: CloseID, _ trace: TraceContext) {
        traces.insert(trace, for: id)
    }

    /// Looks for due closes: something became owed, or an integration can be used again.
    package func kick() { claiming.ask { [self] in await claim() } }

    /// Takes up nothing more; calls under way go on.
    package func stop() {
        isStopped = true
        claiming.stop()
        timer.stop()
    }

    private func claim() async {
        do throws(StoreError) {
            try await recoverOthers()
            while !isStopped {
                let claimed = try await claim(
                    Limits.closesClaimedMax,
                    excluding: busyIntegrations.union(breakers.heldIntegrations))
                guard !claimed.isEmpty else { break }
                for close in claimed { begin(close, isProbe: false) }
            }
            for id in breakers.dueForProbe(at: .now) where !isStopped {
                try await probe(id)
            }
            try await sleepUntilDue()
        } catch {
            log.storeFailed("The store could not say which closes are due.", error)
            sleep(.seconds(Limits.retryAfterSeconds))
        }
    }

    /// Makes closes due again whose gateway died or lost the store.
    private func recoverOthers() async throws(StoreError) {
        guard coordination.isShared, recoveredAt + Limits.closesSharedPoll <= .now else { return }
        recoveredAt = .now
        let count = try await store.recoverInterruptedCloses(at: clock.now)
        guard count > 0 else { return }
        log.notice(
            "Closes that another gateway left are taken over.", metadata: ["count": "\(count)"])
    }

    private func claim(
        _ limit: Int, excluding integrations: Set<IntegrationID>
    ) async throws(StoreError) -> [ClaimedClose] {
        try await store.claimDueCloses(
            CloseClaim(
                at: clock.now, limit: limit, excludedIntegrations: integrations,
                excludedAlerts: Set(underWay.keys)))
    }

    /// Takes up one close of an integration whose BigPanda did not work lately.
    private func probe(_ id: IntegrationID) async throws(StoreError) {
        guard directory.integration(id) != nil else {
            breakers.forget(id)
            return
        }
        guard !busyIntegrations.contains(id) else { return }
        let others = Set(directory.integrations.map(\.id)).subtracting([id])
        guard let close = try await claim(1, excluding: others).first else { return }
        breakers.probeBegan(id)
        begin(close, isProbe: true)
    }

    private func sleepUntilDue() async throws(StoreError) {
        // One that is due for a probe has nothing to probe with until a close of it is due.
        let held = breakers.heldIntegrations.subtracting(breakers.dueForProbe(at: .now))
        let probeWait = breakers.nextProbeAt.map { ContinuousClock.now.duration(to: $0) }
        let dueAt = try await store.nextCloseDueAt(excluding: held)
        let dueWait = dueAt.map { $0 - clock.now }
        // What is due already waits for a call under way, whose end kicks again.
        let waits = [probeWait, underWay.isEmpty || (dueWait ?? .zero) > .zero ? dueWait : nil]
        guard let wait = waits.compactMap({ $0 }).min() ?? sharedPoll else { return }
        // A timer that is cut to whole milliseconds must not come before its moment.
        sleep(max(wait + .milliseconds(1), .milliseconds(50)))
    }

    private func sleep(_ duration: Duration) {
        guard !isStopped else { return }
        // Civil time may jump, so no sleep is long.
        let longest = sharedPoll ?? .seconds(60)
        timer.start(after: min(duration, longest)) { [weak self] in self?.kick() }
    }

    /// Others make closes owed without this process's knowing.
    private var sharedPoll: Duration? {
        coordination.isShared ? Limits.closesSharedPoll : nil
    }

    /// Integrations with as many calls under way as they may have.
    private var busyIntegrations: Set<IntegrationID> {
        var counts: [IntegrationID: Int] = [:]
        for id in underWay.values { counts[id, default: 0] += 1 }
        return Set(counts.filter { $0.value >= RateBudget.concurrentMax }.keys)
    }

    private func begin(_ claimed: ClaimedClose, isProbe: Bool) {
        underWay[claimed.close.alertID] = claimed.integrationID
        LoopActor.spawn { [self] in
            await carryOut(claimed, isProbe: isProbe)
            underWay[claimed.close.alertID] = nil
            kick()
        }
    }

    private func carryOut(_ claimed: ClaimedClose, isProbe: Bool) async {
        let readAt = clock.now
        let outcome = await TraceContext.$current.withValue(traces[claimed.close.id]) {
            await caller.carryOut(claimed)
        }
        note(outcome, for: claimed.integrationID, isProbe: isProbe)
        do throws(StoreError) {
            switch outcome {
            case .read(let reading):
                let change = try await store.apply(
                    reading, to: claimed.close.alertID, readAt: readAt, at: clock.now)
                if let change { tell(change, of: claimed) }
                count(reading.isActive ? .open : .confirmed, change, claimed)
            case .concluded(let result, let environmentID):
                try await conclude(claimed, result, environmentID)
            case .overtaken: break
            }
        } catch {
            // What came of the call is lost to the store. A close that was `sending` is looked at
            // before it is repeated; until then it is taken for under way.
            await recover(claimed, from: error)
        }
    }

    /// Notes whether BigPanda works.
    private func note(_ outcome: CloseCaller.Outcome, for id: IntegrationID, isProbe: Bool) {
        // A probe that was not made leaves it open whether BigPanda works; another follows.
        if case .overtaken = outcome, !isProbe { return }
        if outcome.showsBigPandaWorks {
            guard breakers.answered(id) else { return }
            log.notice("BigPanda works again.", metadata: ["integration": "\(id)"])
        } else if breakers.failed(id, isProbe: isProbe) {
            log.warning(
                "BigPanda does not work; closes wait, and one now and then finds out.",
                metadata: ["integration": "\(id)"])
        }
    }

    private func conclude(
        _ claimed: ClaimedClose, _ result: CloseMachine.Result, _ environmentID: String?
    ) async throws(StoreError) {
        // While the integration's closes are held back together, none waits by itself as well.
        let fraction: Double =
            breakers.isOpen(claimed.integrationID) ? 0 : .random(in: 0..<1)
        let change = try await store.conclude(
            CloseMachine.Conclusion(
                closeID: claimed.close.id, result: result, environmentID: environmentID,
                at: clock.now, fraction: fraction, fence: claimed.fence))
        var metadata = traces.marks(of: claimed, change)
        metadata["state"] = "\(change?.subject.close?.state.rawValue ?? "gone")"
        log.log(level: result.logLevel, "\(result.inWords)", metadata: metadata)
        count(CloseReason(result), change, claimed)
        switch result {
        case .keyRejected:
            try await directory.note(
                .keyRejected, because: result.inWords, for: claimed.integrationID)
        case .keyForbidden:
            try await directory.note(
                .keyForbidden, because: result.inWords, for: claimed.integrationID)
        case .accepted, .notFound, .rateLimited, .delayed, .unknown, .refused, .canary:
            break
        }
    }

    /// Says what reading an incident back did to its alert and close.
    private func tell(_ change: AlertMachine.Change, of claimed: ClaimedClose) {
        let metadata = traces.marks(of: claimed, change)
        for transition in change.transitions {
            switch transition.outcome {
            case .closeConfirmed:
                log.info("BigPanda shows the incident closed.", metadata: metadata)
            case .closeDelayed:
                log.notice(
                    "\(transition.comment ?? "BigPanda shows the incident open.")",
                    metadata: metadata)
            default: break
            }
        }
    }

    /// Counts a step, after which an ended close needs its trace no more.
    private func count(
        _ reason: CloseReason, _ change: AlertMachine.Change?, _ claimed: ClaimedClose
    ) {
        guard let state = change?.subject.close?.state else { return }
        metrics?.count(reason, state)
        if state.isEnded { traces.remove(claimed.close.id) }
    }

    /// Notes, as soon as the store can be written again, that nobody knows what came of a call.
    private func recover(_ claimed: ClaimedClose, from error: StoreError) async {
        log.error(
            "What came of a close could not be stored; it will be looked at.",
            metadata: traces.marks(of: claimed, nil).merging(["error": "\(error)"]) { $1 })
        while !isStopped {
            await Timer.wait(.seconds(Limits.retryAfterSeconds))
            let reason = "The store failed after the call"
            let conclusion = CloseMachine.Conclusion(
                closeID: claimed.close.id, result: .unknown(reason: reason), environmentID: nil,
                at: clock.now, fraction: 0, fence: claimed.fence)
            do throws(StoreError) {
                _ = try await store.conclude(conclusion)
                return
            } catch {
                guard error.isRetryable else { return }
            }
        }
    }
}
