package import Alerts
package import EventLoop

/// Brings webhooks into the store, many in one transaction when many come at once.
///
/// At most one batch is in the store; what arrives meanwhile is the next batch. So an idle gateway
/// commits a webhook at once, and a storm shares each fsync. No timer is involved. Sources take
/// turns in a batch.
@LoopActor
package final class IngestBatcher {
    /// Hears what a webhook came to, once it is durable or has failed.
    package typealias Completion = @LoopActor (Result<WebhookResult, StoreError>) -> Void

    private let store: any AlertStore
    private var waiting = ArrivalQueue()
    private var isCommitting = false
    /// Batches that the store is done with and whose senders don't know it yet.
    private var unansweredCount = 0
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
    package var isIdle: Bool { waiting.isEmpty && !isCommitting && unansweredCount == 0 }

    /// Takes a webhook in.
    ///
    /// - Returns: False when the queue is too full for it; nothing is called then.
    package func submit(
        _ arrival: WebhookArrival, _ completion: @escaping Completion
    ) -> Bool {
        guard waiting.add(ArrivalQueue.Item(arrival: arrival, completion: completion)) else {
            return false
        }
        if !isCommitting { commit() }
        return true
    }

    private func commit() {
        isCommitting = true
        LoopActor.spawn { [self] in
            while !waiting.isEmpty { await commitOne() }
            isCommitting = false
        }
    }

    private func commitOne() async {
        let batch = waiting.takeBatch()
        let start = SystemClock.nanoseconds()
        let results: Result<[WebhookResult], StoreError>
        do throws(StoreError) {
            results = .success(try await store.apply(batch.map(\.arrival)))
        } catch {
            results = .failure(error)
        }
        let end = SystemClock.nanoseconds()
        if case .success = results { metrics?.countBatch(of: batch.count, taking: end - start) }
        guard !waiting.isEmpty else { return answer(batch, results, at: end) }
        // In a turn of its own: the store begins with what waits before all of these are answered.
        unansweredCount += 1
        LoopActor.spawn { [self] in
            answer(batch, results, at: end)
            unansweredCount -= 1
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
