import Alerts
import EventLoop
import Synchronization

/// The queue between the loop, which adds webhooks, and the thread that commits, which takes them.
///
/// Whoever commits comes for a batch once it was asked to; it is asked once for all that is added
/// until it comes.
final class WaitingArrivals: Sendable {
    /// What was taken in one go, on its way to the store and back.
    final class Batch: Sendable {
        private let taken = Mutex<[ArrivalQueue.Item]?>(nil)
        private let moment = Atomic(0)

        /// Nothing before it was taken.
        var items: [ArrivalQueue.Item]? { taken.withLock { $0 } }
        /// When it was taken, by `SystemClock.nanoseconds`.
        var takenAt: Int { moment.load(ordering: .relaxed) }

        fileprivate func fill(_ items: [ArrivalQueue.Item]) {
            moment.store(SystemClock.nanoseconds(), ordering: .relaxed)
            taken.withLock { $0 = items }
        }
    }

    private struct State {
        var queue = ArrivalQueue()
        // Whether somebody is to come for a batch.
        var isAsked = false
    }

    private let state = Mutex(State())

    var count: Int { state.withLock { $0.queue.count } }
    var isEmpty: Bool { state.withLock { $0.queue.isEmpty } }

    /// Adds a webhook; false when the queue is too full for it.
    func add(_ item: ArrivalQueue.Item) -> Bool {
        state.withLock { $0.queue.add(item) }
    }

    /// Whether somebody has to be asked to come for a batch now; says so once until they came.
    func mustAsk() -> Bool {
        state.withLock { state in
            guard !state.queue.isEmpty, !state.isAsked else { return false }
            state.isAsked = true
            return true
        }
    }

    /// Takes a batch for the one who was asked to come for it.
    func take(_ batch: Batch) -> [WebhookArrival] {
        let items = state.withLock { state in
            state.isAsked = false
            return state.queue.takeBatch()
        }
        batch.fill(items)
        return items.map(\.arrival)
    }
}
