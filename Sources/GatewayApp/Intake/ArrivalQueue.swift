import Alerts

/// Webhooks that wait for the store, each source in a lane of its own.
///
/// Batches are filled from the lanes in turn, one webhook of each, so that one source's storm
/// keeps no other source waiting; within a source the order of arrival stays.
struct ArrivalQueue {
    /// A webhook and who hears what it came to.
    struct Item {
        let arrival: WebhookArrival
        let completion: IngestBatcher.Completion
    }

    /// What one source has waiting. A class, so that it is looked up once a webhook.
    private final class Lane {
        let source: SourceID
        var items: [Item] = []
        /// The first that was not taken yet.
        var first = 0
        var bytes = 0

        init(_ source: SourceID) { self.source = source }

        var count: Int { items.count - first }
        var nextBytes: Int { items[first].arrival.bytes }

        func add(_ item: Item) {
            items.append(item)
            bytes += item.arrival.bytes
        }

        func take() -> Item {
            let item = items[first]
            first += 1
            bytes -= item.arrival.bytes
            return item
        }

        /// Gives back the room of what was taken, now and then, so that it costs little.
        func tidy() {
            guard first > Limits.batchArrivalsMax else { return }
            items.removeFirst(first)
            first = 0
        }
    }

    /// Of the sources that have something waiting.
    private var lanes: [SourceID: Lane] = [:]
    /// The same lanes, the next one first.
    private var turns: [Lane] = []
    private(set) var count = 0
    private(set) var bytes = 0

    var isEmpty: Bool { count == 0 }

    /// Adds a webhook, if there is room for it.
    ///
    /// Above the high-water mark there is room only for closes and re-opens, and for sources that
    /// have less waiting than their share. Some places more are kept for such sources, so that not
    /// even a storm of closes takes all.
    /// - Returns: Whether it was added.
    mutating func add(_ item: Item) -> Bool {
        let arrival = item.arrival
        let known = lanes[arrival.sourceID]
        guard hasRoom(for: arrival, in: known) else { return false }
        let lane = known ?? Lane(arrival.sourceID)
        if known == nil {
            lanes[arrival.sourceID] = lane
            turns.append(lane)
        }
        lane.add(item)
        count += 1
        bytes += arrival.bytes
        return true
    }

    private func hasRoom(for arrival: WebhookArrival, in lane: Lane?) -> Bool {
        let isBelowShare = isBelowShare(lane)
        let isUrgent = arrival.event.mustNotBeShed
        let countMax =
            isBelowShare
            ? Limits.arrivalsMax + Limits.arrivalsReserved
            : isUrgent ? Limits.arrivalsMax : Limits.arrivalsHighWater
        let bytesMax =
            isBelowShare || isUrgent ? Limits.arrivalBytesMax : Limits.arrivalBytesHighWater
        return count < countMax && (isEmpty || bytes + arrival.bytes <= bytesMax)
    }

    /// Whether the source has less waiting than each would have if all that wait had as much; a
    /// source that waits alone has no share to be below of.
    private func isBelowShare(_ lane: Lane?) -> Bool {
        guard let lane else { return !turns.isEmpty }
        return turns.count > 1 && lane.count < Limits.arrivalsHighWater / turns.count
            && lane.bytes < Limits.arrivalBytesHighWater / turns.count
    }

    /// Takes what the next transaction is to hold: one of each source in turn, up to the bounds of
    /// a batch, and at least one if anything waits.
    mutating func takeBatch() -> [Item] {
        var batch: [Item] = []
        batch.reserveCapacity(min(count, Limits.batchArrivalsMax))
        var batchBytes = 0
        var next = 0
        while batch.count < Limits.batchArrivalsMax, !turns.isEmpty {
            if next >= turns.count { next = 0 }
            batchBytes += turns[next].nextBytes
            if !batch.isEmpty, batchBytes > Limits.batchBytesMax { break }
            take(at: &next, into: &batch)
        }
        // Who comes next begins the next batch.
        if next > 0, next < turns.count { turns = Array(turns[next...] + turns[..<next]) }
        return batch
    }

    private mutating func take(at next: inout Int, into batch: inout [Item]) {
        let lane = turns[next]
        let item = lane.take()
        count -= 1
        bytes -= item.arrival.bytes
        batch.append(item)
        if lane.count == 0 {
            lanes[lane.source] = nil
            turns.remove(at: next)
        } else {
            lane.tidy()
            next += 1
        }
    }
}

extension WebhookEvent {
    /// Whether shedding it could leave an incident wrongly firing or wrongly silent.
    fileprivate var mustNotBeShed: Bool {
        describedState == .closed || name == .reopen
    }
}
