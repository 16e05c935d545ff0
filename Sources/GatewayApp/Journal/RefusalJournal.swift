package import Alerts
package import EventLoop

/// Brings refused webhooks into the journal, many in one transaction, behind those taken in.
///
/// They wait a moment, so that a sender who does everything wrong costs ten transactions a second
/// at most. What finds no room, or no store, is counted and dropped: nothing was promised to it.
@LoopActor
package final class RefusalJournal {
    private let store: any DeliveryStore
    private let timer = Timer()
    private var sampler = RefusalSampler()
    private var waiting: [RefusedDelivery] = []
    private var waitingBytes = 0
    private var isStoring = false
    /// Refused webhooks that were counted and not kept; for metrics.
    package private(set) var droppedCount = 0
    private static let pause = Duration.milliseconds(100)

    /// Makes an empty queue in front of `store`.
    package init(store: any DeliveryStore) {
        self.store = store
    }

    /// Whether nothing is waiting or being stored.
    package var isIdle: Bool { waiting.isEmpty && !isStoring }

    /// Whether a refused request of `peer`, who showed no secret, is to be added; counts it if not.
    package func admitsStranger(_ peer: String) -> Bool {
        let isAdmitted = sampler.admits(peer, at: .now)
        if !isAdmitted { droppedCount += 1 }
        return isAdmitted
    }

    /// Adds one, if there is room.
    package func add(_ refused: RefusedDelivery) {
        let bytes = (refused.request.body?.count ?? 0) + refused.request.headerLines.count
        guard waiting.count < Limits.refusalsWaitingMax,
            waitingBytes + bytes <= Limits.refusalBytesWaitingMax
        else {
            droppedCount += 1
            return
        }
        waiting.append(refused)
        waitingBytes += bytes
        guard !isStoring, !timer.isRunning else { return }
        timer.start(after: Self.pause) { [weak self] in self?.storeSoon() }
    }

    /// Stores what waits; for the end, when nothing comes any more.
    package func stop() async {
        timer.stop()
        let deadline = ContinuousClock.now + Limits.refusalsStoringMax
        while isStoring, ContinuousClock.now < deadline { await Timer.wait(.milliseconds(10)) }
        await storeAll()
    }

    private func storeSoon() {
        LoopActor.spawn { [self] in
            await storeAll()
            guard !waiting.isEmpty, !timer.isRunning else { return }
            timer.start(after: Self.pause) { [weak self] in self?.storeSoon() }
        }
    }

    private func storeAll() async {
        guard !isStoring, !waiting.isEmpty else { return }
        isStoring = true
        defer { isStoring = false }
        let batch = waiting
        waiting = []
        waitingBytes = 0
        do throws(StoreError) {
            try await store.record(batch)
        } catch {
            // Whoever stores webhooks has told of it already.
            droppedCount += batch.count
        }
    }
}
