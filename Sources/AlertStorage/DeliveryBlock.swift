import Alerts

/// Deliveries on their way into the journal, and what was sent in them, one after the other.
///
/// They are compressed together: webhooks resemble each other, so that a block of them takes a
/// tenth of the time and of the room that each by itself would take.
struct DeliveryBlock {
    /// What a row of `deliveries` says beside the request itself.
    struct Entry {
        /// The delivery's running number.
        let key: Int64
        let receivedAt: Timestamp
        let sourceKey: Int64?
        let secretID: SecretID?
        let verdict: Delivery.Verdict
        let incidentID: String?
        let alertID: AlertID?
    }

    /// A row of `deliveries` but for the block it is in.
    struct Row {
        let entry: Entry
        let peer: String
        let bytes: Int
        let replayOf: DeliveryID?
        let headerCount: Int
        /// `nil` when the body is not kept.
        let bodyCount: Int?
        /// Where its header begins in the block's content; its body follows.
        let start: Int
    }

    private(set) var rows: [Row] = []
    private(set) var content: [UInt8] = []

    /// Whether `request` is to begin the next block; an empty block takes any.
    func isTooFull(for request: DeliveryRequest) -> Bool {
        !rows.isEmpty && content.count + request.contentCount > StorageLimits.blockBytesMax
    }

    /// Adds a delivery, whose key is higher than those before.
    mutating func append(_ entry: Entry, _ request: DeliveryRequest) {
        let start = content.count
        content += request.headerLines
        if let body = request.body { content += body }
        rows.append(
            Row(
                entry: entry, peer: request.peer, bytes: request.bytes, replayOf: request.replayOf,
                headerCount: request.headerLines.count, bodyCount: request.body?.count,
                start: start))
    }

    /// Forgets all, and keeps the memory for the next.
    mutating func removeAll() {
        rows.removeAll(keepingCapacity: true)
        // One large webhook is no reason to hold on to its room.
        content.removeAll(keepingCapacity: content.count <= StorageLimits.blockBytesMax)
    }
}

extension DeliveryRequest {
    fileprivate var contentCount: Int { headerLines.count + (body?.count ?? 0) }
}
