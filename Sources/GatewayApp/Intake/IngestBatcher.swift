package import Alerts
package import EventLoop

/// Brings webhooks into the store, many in one transaction when many come at once.
///
/// At most one batch is in the store; what arrives meanwhile is the next batch. So an idle gateway
/// commits a webhook at once, and a storm shares each fsync. No timer is involved.
@LoopActor
package final class IngestBatcher {
    /// Hears what a webhook came to, once it is durable or has failed.
    package typealias Completion = @LoopActor (Result<WebhookResult, StoreError>) -> Void

    private let store: any AlertStore
    private var waiting: [(arrival: WebhookArrival, completion: Completion)] = []
    private var waitingBytes = 0
    private var isCommitting = false
    /// Webhooks in the batches committed so far, and the batches; for metrics.
    package private(set) var committedCount = (arrivals: 0, batches: 0)

    /// Makes a batcher in front of `store`.
    package init(store: any AlertStore) {
        self.store = store
    }

    /// Webhooks that wait for the store.
    package var waitingCount: Int { waiting.count }

    /// Whether nothing is waiting or being stored.
    package var isIdle: Bool { waiting.isEmpty && !isCommitting }

    /// Takes a webhook in.
    ///
    /// - Returns: False when the queue is too full for it; nothing is called then. Events that
    ///   close or re-open an incident are let in longer than others.
    package func submit(
        _ arrival: WebhookArrival, _ completion: @escaping Completion
    ) -> Bool {
        let mustNotBeShed = arrival.event.mustNotBeShed
        let bound = mustNotBeShed ? Limits.arrivalsMax : Limits.arrivalsHighWater
        let bytesBound = mustNotBeShed ? Limits.arrivalBytesMax : Limits.arrivalBytesHighWater
        guard waiting.count < bound, waiting.isEmpty || waitingBytes + arrival.bytes <= bytesBound
        else { return false }
        waiting.append((arrival, completion))
        waitingBytes += arrival.bytes
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

    /// How many of those that wait go into the next transaction.
    private var nextBatchCount: Int {
        var (count, bytes) = (0, 0)
        for item in waiting.prefix(Limits.batchArrivalsMax) {
            bytes += item.arrival.bytes
            if count > 0, bytes > Limits.batchBytesMax { break }
            count += 1
        }
        return count
    }

    private func commitOne() async {
        let count = nextBatchCount
        let batch = Array(waiting[..<count])
        waiting.removeFirst(count)
        for item in batch { waitingBytes -= item.arrival.bytes }
        do throws(StoreError) {
            let results = try await store.apply(batch.map(\.arrival))
            precondition(results.count == batch.count, "a store answers each webhook")
            committedCount.arrivals += count
            committedCount.batches += 1
            for (item, result) in zip(batch, results) { item.completion(.success(result)) }
        } catch {
            for item in batch { item.completion(.failure(error)) }
        }
    }
}

extension WebhookEvent {
    /// Whether shedding it could leave an incident wrongly firing or wrongly silent.
    fileprivate var mustNotBeShed: Bool {
        describedState == .closed || name == .reopen
    }
}
