package import Alerts
package import EventLoop

/// Lets calls to one integration's BigPanda through, as fast as its budget allows.
///
/// Who is more urgent goes first: a person who waits for a key check, then closes, then readings.
/// Where several gateways share a store, a call also needs one of the places that they share; no
/// call is made while the store can't say whether there is one.
@LoopActor
package final class CallGate {
    /// How urgent a call is; the most urgent first.
    package enum Urgency: Int, Sendable, CaseIterable {
        /// A person waits for the answer.
        case person
        /// A close, or what a close needs.
        case close
        /// Everything that can wait.
        case reading
    }

    /// How a wait at the gate ends.
    private enum Entry {
        case turnedAway
        /// With the place that the call has among those of all gateways, if they share some.
        case admitted(CallPlaces.Ticket?)
    }

    /// The places that gateways share.
    package struct SharedPlaces: Sendable {
        let coordination: any Coordination
        let integrationID: IntegrationID
        let hearingMax: Duration

        /// Those of one integration; who hears of one later than `hearingMax` gives it back.
        package init(
            of integrationID: IntegrationID, by coordination: any Coordination,
            hearingMax: Duration = CallPlaces.hearingMax
        ) {
            self.hearingMax = hearingMax
            self.coordination = coordination
            self.integrationID = integrationID
        }
    }

    private var budget: RateBudget
    private let shared: SharedPlaces?
    private let timer = Timer()
    private var queues: [Urgency: [CheckedContinuation<Entry, Never>]] = [:]
    private var isAsking = false
    private var isClosed = false
    /// How many callers had their turn; for metrics.
    package private(set) var admittedCount = 0

    /// Makes a gate with a budget of its own, and perhaps one that others share.
    package init(budget: RateBudget, shared: SharedPlaces? = nil) {
        self.budget = budget
        self.shared = shared
    }

    /// How many callers wait.
    package var waitingCount: Int { queues.values.reduce(0) { $0 + $1.count } }

    /// Makes a call when its turn has come.
    ///
    /// - Returns: What the call returned, or `nil` when the gate is closed or too many wait.
    package func run<Success: Sendable>(
        _ urgency: Urgency, _ call: @LoopActor () async -> Success
    ) async -> Success? {
        guard case .admitted(let ticket) = await enter(urgency) else { return nil }
        defer { leave(ticket) }
        return await call()
    }

    /// Lets nobody in any more; those who wait get `nil`.
    package func close() {
        isClosed = true
        timer.stop()
        for urgency in Urgency.allCases {
            for waiter in queues.removeValue(forKey: urgency) ?? [] {
                waiter.resume(returning: .turnedAway)
            }
        }
    }

    private func enter(_ urgency: Urgency) async -> Entry {
        guard !isClosed, waitingCount < Limits.waitingCallsMax else { return .turnedAway }
        return await withCheckedContinuation { waiter in
            queues[urgency, default: []].append(waiter)
            admit()
        }
    }

    private func leave(_ ticket: CallPlaces.Ticket?) {
        budget.ended(at: .now)
        if let ticket { give(ticket) }
        admit()
    }

    private func admit() {
        while !isAsking, waitingCount > 0 {
            switch budget.take(at: .now) {
            case .start:
                guard let shared else {
                    admitFirst(nil)
                    continue
                }
                isAsking = true
                LoopActor.spawn { [self] in await ask(shared) }
            case .wait(let until):
                // A millisecond more, since timers are cut to whole ones.
                admit(after: ContinuousClock.now.duration(to: until) + .milliseconds(1))
                return
            case .waitForCompletion:
                return
            }
        }
    }

    private func admitFirst(_ ticket: CallPlaces.Ticket?) {
        guard let urgency = Urgency.allCases.first(where: { queues[$0]?.isEmpty == false }),
            let waiter = queues[urgency]?.removeFirst()
        else { preconditionFailure("somebody waits, as nobody leaves") }
        admittedCount += 1
        waiter.resume(returning: .admitted(ticket))
    }

    private func admit(after wait: Duration) {
        timer.start(after: wait) { [weak self] in self?.admit() }
    }

    // MARK: Shared places

    /// Asks for a place, for who is first by the time that the answer comes.
    private func ask(_ shared: SharedPlaces) async {
        let askedAt = ContinuousClock.now
        var wait = Limits.turnRetry
        do throws(StoreError) {
            switch try await shared.coordination.takePlace(for: shared.integrationID) {
            case .start(let ticket):
                if !isClosed, ContinuousClock.now - askedAt < shared.hearingMax {
                    isAsking = false
                    admitFirst(ticket)
                    return admit()
                }
                // The call would last longer than the place.
                give(ticket)
            case .wait(let duration):
                wait = duration + .milliseconds(1)
            case .waitForCompletion:
                wait = Limits.turnPoll
            }
        } catch {
            // The store's trouble is told elsewhere; here its end is waited for.
        }
        isAsking = false
        budget.giveBack()
        if !isClosed { admit(after: wait) }
    }

    /// A place that can't be given back is free by itself some seconds later.
    private func give(_ ticket: CallPlaces.Ticket) {
        guard let shared else { return }
        LoopActor.spawn {
            do throws(StoreError) {
                try await shared.coordination.givePlace(ticket, for: shared.integrationID)
            } catch {
                // As above.
            }
        }
    }
}
