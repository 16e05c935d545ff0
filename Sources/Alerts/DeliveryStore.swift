/// Keeps the journal of deliveries; every call is one transaction.
///
/// Accepted webhooks get into it by `AlertStore.apply`, in the transaction that applies them.
package protocol DeliveryStore: Sendable {
    /// Adds refused webhooks, in order.
    func record(_ refused: [RefusedDelivery]) async throws(StoreError)
    /// Deliveries by filter, newest first.
    func deliveries(_ query: DeliveryQuery) async throws(StoreError) -> Page<Delivery>
    /// One delivery with what was sent; `nil` when there is none, or none any more.
    func delivery(_ id: DeliveryID) async throws(StoreError) -> KeptDelivery?
    /// Removes at most `limit` deliveries, the oldest, as long as the bound is not kept; returns
    /// how many went.
    func pruneDeliveries(_ bound: JournalBound, limit: Int) async throws(StoreError) -> Int
    /// The bytes that the journal counts as stored.
    func journalBytes() async throws(StoreError) -> Int
}

/// A delivery with what was sent.
package struct KeptDelivery: Sendable, Equatable {
    /// What came of it.
    package let delivery: Delivery
    /// What was sent, as far as it was kept.
    package let request: DeliveryRequest

    /// Pairs both.
    package init(delivery: Delivery, request: DeliveryRequest) {
        self.delivery = delivery
        self.request = request
    }
}

/// How much of the journal is kept.
package struct JournalBound: Sendable, Equatable {
    /// What was received before is too old.
    package let receivedBefore: Timestamp
    /// Bytes stored at most.
    package let bytesMax: Int

    /// Makes a bound.
    package init(receivedBefore: Timestamp, bytesMax: Int) {
        self.receivedBefore = receivedBefore
        self.bytesMax = bytesMax
    }

    /// What a delivery counts beside its header and content: its row's other columns.
    package static let rowBytes = 160
}

/// Which deliveries to list; a missing filter lets all through.
package struct DeliveryQuery: Sendable, Equatable {
    /// Only those that named this source.
    package var sourceID: SourceID?
    /// Only those with this outcome, as `Delivery.Verdict.outcomeText` writes it.
    package var outcome: String?
    /// Where to go on.
    package var cursor: PageCursor?
    /// Items at most, 1 to 500.
    package var limit: Int

    /// Asks for the first `limit` of all.
    package init(limit: Int = 50) {
        self.limit = limit
    }
}
