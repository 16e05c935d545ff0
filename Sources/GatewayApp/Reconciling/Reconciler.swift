package import Alerts
package import EventLoop
package import Logging

/// Reads the incidents of firing alerts back from BigPanda, and brings the alerts in line.
///
/// Each integration has a lane of its own, in which one call follows the other, so that most of the
/// calls that may be under way are left to closes. A lane first serves who asked for a reading at
/// once, then what the store says is due. What is due, and how readings went, stands in the store.
@LoopActor
package final class Reconciler {
    let store: any ReconcileStore
    let directory: Directory
    let connections: Connections
    let finder: IncidentFinder
    let metrics: Metrics
    let clock: WallClock
    let log: Logger
    private let pollInterval: Duration
    /// What is due within this time is read along from lists.
    private let horizon: Duration
    private let timer = Timer()
    private var lanes: [IntegrationID: Lane] = [:]
    private var requested: Set<AlertID> = []
    private var steps = ClockSteps()
    private var isStopped = false
    /// Whether this gateway reads what is due; what is asked for at once it reads in any case.
    package var isOnDuty: @LoopActor () -> Bool = { true }

    /// The readings of one integration.
    private struct Lane {
        var isRunning = false
        /// Asked for at once, in order.
        var waiting: [DueReading] = []
        /// Calls in a row that came to nothing.
        var failuresCount = 0
        /// No call before this moment.
        var resumeAt: ContinuousClock.Instant?
    }

    /// What a reconciler works with.
    package struct Parts {
        let store: any ReconcileStore
        let directory: Directory
        let connections: Connections
        let metrics: Metrics
        let clock: WallClock
        let log: Logger

        /// Names the parts.
        package init(
            store: any ReconcileStore, directory: Directory, connections: Connections,
            metrics: Metrics, clock: WallClock, log: Logger
        ) {
            self.store = store
            self.directory = directory
            self.connections = connections
            self.metrics = metrics
            self.clock = clock
            self.log = log
        }
    }

    /// Makes one that reads nothing before `start` or `request`, and looks often enough for
    /// readings that are `interval` apart.
    package init(_ parts: Parts, interval: Duration) {
        store = parts.store
        directory = parts.directory
        connections = parts.connections
        finder = IncidentFinder(connections: parts.connections, directory: parts.directory)
        metrics = parts.metrics
        clock = parts.clock
        log = parts.log
        horizon = interval * ReconcileSchedule.spread
        pollInterval = min(max(interval / 20, .milliseconds(50)), Limits.readingsPollMax)
    }

    /// Whether nothing is being read.
    package var isIdle: Bool { lanes.values.allSatisfy { !$0.isRunning } && requested.isEmpty }

    /// Reads every firing alert once, as pushes may have been lost while nobody listened, and each
    /// when it is due from then on.
    ///
    /// Called again whenever that becomes this gateway's duty.
    package func start() {
        let startedAt = clock.now
        LoopActor.spawn { [self] in
            await bringReadingsForward(to: startedAt)
            look()
        }
    }

    /// Asks for an alert's incident to be read at once; one that waits already is not asked twice.
    package func request(_ id: AlertID) {
        guard !isStopped, requested.count < Limits.readingsMax, requested.insert(id).inserted
        else { return }
        LoopActor.spawn { [self] in
            do throws(StoreError) {
                guard let reading = try await store.reading(of: id) else {
                    requested.remove(id)
                    return
                }
                lanes[reading.integrationID, default: Lane()].waiting.append(reading)
                run(reading.integrationID)
            } catch {
                requested.remove(id)
                logTrouble("The store could not say what to read.", error)
            }
        }
    }

    /// Reads what is due now.
    package func kick() {
        for id in lanes.keys where directory.integration(id) == nil {
            for reading in lanes[id]?.waiting ?? [] { requested.remove(reading.alertID) }
            if lanes[id]?.isRunning == false { lanes[id] = nil }
        }
        for integration in directory.integrations { run(integration.id) }
    }

    /// Takes up nothing more.
    package func stop() {
        isStopped = true
        timer.stop()
    }

    private func look() {
        guard !isStopped else { return }
        let step = steps.step(wall: clock.now, steady: .now)
        if step < .zero, isOnDuty() {
            // What was planned by the clock as it was would wait for as long as it was set back.
            log.notice("The clock was set back.", metadata: ["step": "\(step)"])
            let now = clock.now
            LoopActor.spawn { [self] in await bringReadingsForward(to: now) }
        }
        kick()
        timer.start(after: pollInterval) { [weak self] in self?.look() }
    }

    private func bringReadingsForward(to moment: Timestamp) async {
        while !isStopped, isOnDuty() {
            do throws(StoreError) {
                let count = try await store.makeReadingsDue(
                    at: moment, limit: Limits.readingsPlannedMax)
                guard count == Limits.readingsPlannedMax else { return }
            } catch {
                logTrouble("The store could not plan readings.", error)
                await Timer.wait(.seconds(Limits.retryAfterSeconds))
            }
        }
    }

    // MARK: Lanes

    private func run(_ id: IntegrationID) {
        guard mayRead(id), lanes[id, default: Lane()].isRunning == false else { return }
        lanes[id, default: Lane()].isRunning = true
        LoopActor.spawn { [self] in
            do throws(StoreError) {
                while try await readSome(of: id), mayRead(id) {}
            } catch {
                logTrouble("A reading could not be stored.", error)
                lanes[id]?.resumeAt = .now + .seconds(Limits.retryAfterSeconds)
            }
            lanes[id]?.isRunning = false
        }
    }

    /// Whether an integration's incidents may be read now.
    func mayRead(_ id: IntegrationID) -> Bool {
        guard !isStopped, let integration = directory.integration(id) else { return false }
        return !integration.state.isPaused && (lanes[id]?.resumeAt ?? .now) <= .now
    }

    /// As `mayRead`, of what nobody asked for.
    func mayReadDue(_ id: IntegrationID) -> Bool { mayRead(id) && isOnDuty() }

    /// Serves who asked, and reads some of what is due; false when there was nothing to do.
    private func readSome(of id: IntegrationID) async throws(StoreError) -> Bool {
        var hasRead = try await serve(id)
        guard isOnDuty() else { return hasRead }
        let due = try await store.dueReadings(
            of: id, at: clock.now, limit: Limits.readingsDueMax)
        guard !due.isEmpty else { return hasRead || lanes[id]?.waiting.isEmpty == false }
        // Spread so that they don't come together, but a list reads them all at once.
        let soon = try await store.dueReadings(
            of: id, at: clock.now + horizon, limit: Limits.readingsDueMax)
        let listed = try await readLists(of: soon, for: id)
        hasRead = hasRead || !listed.isEmpty
        let rest = due.lazy.filter { !listed.contains($0.alertID) }
        for reading in rest.prefix(Limits.readingsInTurnMax) {
            _ = try await serve(id)
            guard mayReadDue(id) else { return false }
            try await read(reading)
            hasRead = true
        }
        return hasRead
    }

    private func serve(_ id: IntegrationID) async throws(StoreError) -> Bool {
        var hasRead = false
        while mayRead(id), let next = lanes[id]?.waiting.first {
            lanes[id]?.waiting.removeFirst()
            requested.remove(next.alertID)
            try await read(next)
            hasRead = true
        }
        return hasRead
    }

    // MARK: Readings

    private func read(_ item: DueReading) async throws(StoreError) {
        let readAt = clock.now
        let answer = await finder.read(
            item.incidentID, hint: item.environmentID, for: item.integrationID,
            urgency: .reading)
        switch answer {
        case .success(let reading):
            lanes[item.integrationID]?.failuresCount = 0
            try await keep([item], as: [reading], readAt: readAt)
        case .failure(.notFound):
            try await readActivities(of: item, readAt: readAt)
        case .failure(let failure):
            try await give(up: item, because: failure)
        }
    }

    private func readActivities(
        of item: DueReading, readAt: Timestamp
    ) async throws(StoreError) {
        let answer = await connections.call(item.integrationID, .reading) {
            await $0.absence(of: item.incidentID)
        }
        let absence: IncidentAbsence
        switch answer {
        case .success(let told): absence = told
        // Where the history can't be had, it tells nothing.
        case .failure(.notFound), .failure(.keyForbidden), .failure(.refused),
            .failure(.notBigPanda):
            absence = .unexplained
        case .failure(let failure):
            return try await give(up: item, because: failure)
        }
        lanes[item.integrationID]?.failuresCount = 0
        let change = try await store.note(
            absence, of: item.alertID, readAt: readAt, at: clock.now)
        metrics.count(.absent)
        if let change, change.outcome == .resolved { noteCorrection(change, of: item) }
    }

    /// A reading came to nothing: the alert waits for its next turn, the lane for BigPanda.
    private func give(up item: DueReading, because failure: CallFailure) async throws(StoreError) {
        guard !isStopped else { return }
        metrics.count(.failed)
        log.notice(
            "An incident could not be read back.",
            metadata: Self.marks(of: item, "error", failure.asRead.inWords))
        // Others come first next time, or one that always fails would keep them from their turn.
        try await store.postponeReading(of: item.alertID, at: clock.now)
        let (id, reason) = (item.integrationID, failure.asRead.inWords)
        switch failure {
        case .keyRejected: try await directory.note(.keyRejected, because: reason, for: id)
        case .keyForbidden: try await directory.note(.keyForbidden, because: reason, for: id)
        case .rateLimited(let delay), .delayed(_, let delay): backOff(id, serverDelay: delay)
        case .unknown, .notBigPanda: backOff(id, serverDelay: nil)
        case .notFound, .refused: break
        }
    }

    private func backOff(_ id: IntegrationID, serverDelay: Duration?) {
        lanes[id, default: Lane()].failuresCount += 1
        let wait = Limits.readingRetries.wait(
            afterAttempt: lanes[id]?.failuresCount ?? 1, serverDelay: serverDelay,
            fraction: .random(in: 0.5..<1))
        lanes[id]?.resumeAt = .now + wait
    }

    private func logTrouble(_ message: Logger.Message, _ error: StoreError) {
        guard !isStopped else { return }
        log.storeFailed(message, error)
    }
}
