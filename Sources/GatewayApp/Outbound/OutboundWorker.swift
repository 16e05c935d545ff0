import Alerts
import Curl
import EventLoop
import Logging

/// Posts what is owed to webhook endpoints: one message after the other for each endpoint, some
/// endpoints side by side.
///
/// Like `CloseWorker` it keeps nothing that matters: what is owed, and when, stands in the store.
@LoopActor
final class OutboundWorker {
    private let store: any OutboundStore
    private let isShared: Bool
    private let caller: OutboundCaller
    private let metrics: Metrics
    private let clock: WallClock
    private let log: Logger
    private let timer = Timer()
    private var underWay: Set<EndpointID> = []
    /// Whether there is an endpoint to work for; `nil` when that has to be read.
    private var hasEndpoints: Bool?
    /// How often that was told to have changed, which a look at the store may have missed.
    private var endpointChangesCount = 0
    private let claiming = OneAtATime()
    private var isStopped = false

    init(
        store: any OutboundStore, isShared: Bool, caller: OutboundCaller, metrics: Metrics,
        clock: WallClock, log: Logger
    ) {
        self.store = store
        self.isShared = isShared
        self.caller = caller
        self.metrics = metrics
        self.clock = clock
        self.log = log
    }

    /// Rounds under way.
    var underWayCount: Int { underWay.count }

    /// Takes up what is owed, what was under way when the process ended included.
    func start() {
        store.onMessages { LoopActor.spawn { [weak self] in self?.kick() } }
        LoopActor.spawn { [self] in
            do throws(StoreError) {
                try await store.recoverRounds()
            } catch {
                log.storeFailed("Webhooks under way before the start wait a little.", error)
            }
            kick()
        }
    }

    /// Somebody made, changed or removed an endpoint.
    func endpointsChanged() {
        hasEndpoints = nil
        endpointChangesCount += 1
        kick()
    }

    /// Looks for due messages.
    func kick() { claiming.ask { [self] in await claim() } }

    /// Takes up nothing more; calls under way go on, and no other of their rounds begins.
    func stop() {
        isStopped = true
        claiming.stop()
        store.onMessages(nil)
        timer.stop()
    }

    private func claim() async {
        do throws(StoreError) {
            // A gateway without endpoints asks its store once, and never again.
            guard try await isNeeded() else { return timer.stop() }
            let free = Limits.outboundRoundsMax - underWay.count
            if free > 0 {
                let rounds = try await store.claimMessages(
                    OutboundClaim(
                        at: clock.now, roundsMax: free,
                        messagesMax: Limits.outboundRoundMessagesMax, excluded: underWay))
                for round in rounds { begin(round) }
            }
            try await sleepUntilDue()
        } catch {
            log.storeFailed("The store could not say which webhooks are due.", error)
            sleep(.seconds(Limits.retryAfterSeconds))
        }
    }

    private func isNeeded() async throws(StoreError) -> Bool {
        if let hasEndpoints { return hasEndpoints }
        let changesCount = endpointChangesCount
        let isNeeded = try await store.endpoints().contains(where: \.isEnabled)
        if changesCount == endpointChangesCount { hasEndpoints = isNeeded }
        return isNeeded
    }

    private func sleepUntilDue() async throws(StoreError) {
        // With all places taken, the end of a round kicks.
        guard underWay.count < Limits.outboundRoundsMax else { return timer.stop() }
        let dueAt = try await store.nextMessageDueAt(excluding: underWay)
        guard let wait = dueAt.map({ $0 - clock.now }) ?? (isShared ? .seconds(60) : nil) else {
            return timer.stop()
        }
        // A timer that is cut to whole milliseconds must not come before its moment.
        sleep(max(wait + .milliseconds(1), .milliseconds(50)))
    }

    private func sleep(_ duration: Duration) {
        guard !isStopped else { return }
        // Civil time may jump, so no sleep is long; others leave rounds without a word.
        let longest = isShared ? Limits.closesSharedPoll : .seconds(60)
        timer.start(after: min(duration, longest)) { [weak self] in self?.kick() }
    }

    private func begin(_ round: OutboundRound) {
        underWay.insert(round.endpointID)
        LoopActor.spawn { [self] in
            await carryOut(round)
            underWay.remove(round.endpointID)
            kick()
        }
    }

    private func carryOut(_ round: OutboundRound) async {
        let deadline = ContinuousClock.now + OutboundMachine.roundMax
        var attempts: [OutboundMachine.Attempt] = []
        for kept in round.messages {
            guard !isStopped, ContinuousClock.now < deadline else { break }
            guard let attempt = await caller.post(kept, of: round) else {
                if !isStopped { await Timer.wait(.seconds(1)) }
                break
            }
            attempts.append(attempt)
            tell(attempt, kept.message, round)
            // What follows would fail as well, and comes after its turn.
            guard attempt.result.failure == nil else { break }
        }
        await conclude(
            OutboundConclusion(
                endpointID: round.endpointID, fence: round.fence, attempts: attempts))
    }

    private func tell(
        _ attempt: OutboundMachine.Attempt, _ message: OutboundMessage, _ round: OutboundRound
    ) {
        metrics.countOutbound(isTaken: attempt.result.failure == nil)
        var metadata: Logger.Metadata = [
            "endpoint": "\(round.endpointID)", "webhook": "\(message.id)",
            "event": "\(message.event.rawValue)",
        ]
        if let alertID = message.alertID { metadata["alert"] = "\(alertID)" }
        guard let failure = attempt.result.failure else {
            return log.debug("An endpoint took a webhook.", metadata: metadata)
        }
        metadata["error"] = "\(failure)"
        metadata["attempt"] = "\(message.attempts + 1)"
        log.notice("An endpoint did not take a webhook.", metadata: metadata)
    }

    /// Has the store note what a round came to, as soon as it can.
    private func conclude(_ conclusion: OutboundConclusion) async {
        while true {
            do throws(StoreError) {
                let endpoint = try await store.conclude(conclusion)
                if let endpoint, !endpoint.isEnabled, let reason = endpoint.disabledReason {
                    hasEndpoints = nil
                    log.warning(
                        "A webhook endpoint was disabled.",
                        metadata: [
                            "endpoint": "\(endpoint.id)", "reason": "\(reason.rawValue)",
                        ])
                }
                return
            } catch {
                log.storeFailed("What came of webhooks could not be stored.", error)
                // After a start they are posted again, under the same names.
                guard error.isRetryable, !isStopped else { return }
                await Timer.wait(.seconds(Limits.retryAfterSeconds))
            }
        }
    }
}
