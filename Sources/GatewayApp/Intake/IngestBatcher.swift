package import Alerts
package import EventLoop

/// Brings webhooks into the store, many in one transaction when many come at once.
///
/// The store comes for a batch when it has done the one before; what arrives until then is the next
/// batch. So an idle gateway commits a webhook at once, and a storm shares each fsync. No timer is
/// involved, nor does a store whose calls take turns wait for the loop between two batches. Sources
/// take turns in a batch.
@LoopActor
package final class IngestBatcher {
    /// Hears what a webhook came to, once it is durable or has failed.
    package typealias Completion = @LoopActor (Result<WebhookResult, StoreError>) -> Void

    private let store: any AlertStore
    private let waiting = WaitingArrivals()
    /// Calls of the store whose webhooks are not all answered yet.
    private var callsCount = 0
    /// Those of them that the store has not ended.
    private var openCallsCount = 0
    private let metrics: Metrics?
    /// When the batch that is being answered became durable, by `SystemClock.nanoseconds`.
    package private(set) var committedAt = 0

    /// Makes a batcher in front of `store`, which counts in `metrics`.
    package init(store: any AlertStore, metrics: Metrics? = nil) {
        self.store = store
        self.metrics = metrics
    }

    /// Webhooks that wait for the store.
    package var waitingCount: Int { waiting.count }

    /// Whether nothing is waiting, being stored or still to be answered.
    package var isIdle: Bool { callsCount == 0 && waiting.isEmpty }

    /// Takes a webhook in.
    ///
    /// - Returns: False when the queue is too full for it; nothing is called then.
    package func submit(
        _ arrival: WebhookArrival, _ completion: @escaping Completion
    ) -> Bool {
        guard waiting.add(ArrivalQueue.Item(arrival: arrival, completion: completion)) else {
            return false
        }
        callIfNeeded()
        return true
    }

    /// Has the store come for what waits, unless it will anyway.
    private func callIfNeeded() {
        guard openCallsCount == 0 || store.appliesInTurn, waiting.mustAsk() else { return }
        callsCount += 1
        openCallsCount += 1
        LoopActor.spawn { [self] in await commit() }
    }

    private func commit() async {
        let batch = WaitingArrivals.Batch()
        let results: Result<[WebhookResult], StoreError>
        do throws(StoreError) {
            results = .success(try await store.apply { [waiting] in waiting.take(batch) })
        } catch {
            // The trouble is theirs too whom the store did not come for.
            if batch.items == nil { _ = waiting.take(batch) }
            results = .failure(error)
        }
        let end = SystemClock.nanoseconds()
        let items = batch.items ?? []
        if case .success = results, !items.isEmpty {
            metrics?.countBatch(of: items.count, taking: end - batch.takenAt)
        }
        openCallsCount -= 1
        callIfNeeded()
        // In a turn of its own: the store begins with what waits before all of these are answered.
        LoopActor.spawn { [self] in
            answer(items, results, at: end)
            callsCount -= 1
        }
    }

    private func answer(
        _ batch: [ArrivalQueue.Item], _ results: Result<[WebhookResult], StoreError>, at end: Int
    ) {
        committedAt = end
        switch results {
        case .success(let results):
            precondition(results.count == batch.count, "a store answers each webhook")
            for (item, result) in zip(batch, results) { item.completion(.success(result)) }
        case .failure(let error):
            for item in batch { item.completion(.failure(error)) }
        }
    }
}
