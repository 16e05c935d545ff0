package import Alerts

extension MemoryAlertStore: DeliveryStore {
    /// Adds refused webhooks, in order.
    package func record(_ refused: [RefusedDelivery]) throws(StoreError) {
        try begin()
        for item in refused {
            activityCounts[Activity.Key(.refused, at: item.receivedAt), default: 0] += 1
            keep(
                Delivery(
                    id: takeDeliveryID(), receivedAt: item.receivedAt, sourceID: item.sourceID,
                    secretID: item.secretID, verdict: .refused(item.reason),
                    incidentID: item.incidentID, alertID: nil, peer: item.request.peer,
                    bytes: item.request.bytes, replayOf: nil),
                item.request)
        }
    }

    /// Deliveries by filter, newest first.
    package func deliveries(_ query: DeliveryQuery) throws(StoreError) -> Page<Delivery> {
        try begin()
        let last = query.cursor?.sequence ?? .max
        let found = keptDeliveries.reversed().map(\.delivery).filter { delivery in
            (delivery.id.number ?? 0) < last
                && query.sourceID.map { $0 == delivery.sourceID } ?? true
                && query.outcome.map { $0 == delivery.verdict.outcomeText } ?? true
        }
        let items = Array(found.prefix(query.limit))
        let next = found.count > items.count ? items.last?.id.number : nil
        return Page(items: items, next: next.map { PageCursor(sequence: $0) })
    }

    /// One delivery with what was sent.
    package func delivery(_ id: DeliveryID) throws(StoreError) -> KeptDelivery? {
        try begin()
        return keptDeliveries.first { $0.delivery.id == id }
    }

    /// Removes the oldest deliveries.
    package func pruneDeliveries(_ bound: JournalBound, limit: Int) throws(StoreError) -> Int {
        try begin()
        var (bytesLeft, removed) = (journalSize, 0)
        for item in keptDeliveries.prefix(limit) {
            let isOld = item.delivery.receivedAt < bound.receivedBefore
            guard bytesLeft > bound.bytesMax || isOld else { break }
            bytesLeft -= item.storedBytes
            removed += 1
        }
        keptDeliveries.removeFirst(removed)
        return removed
    }

    /// The bytes that the journal counts as stored; nothing is compressed here.
    package func journalBytes() throws(StoreError) -> Int {
        try begin()
        return journalSize
    }

    /// Adds a webhook that was taken in.
    func journal(_ arrival: WebhookArrival, _ change: AlertMachine.Change) -> DeliveryID {
        let id = takeDeliveryID()
        let key = Activity.Key(.taken(arrival.sourceID), at: arrival.receivedAt)
        activityCounts[key, default: 0] += 1
        keep(
            Delivery(
                id: id, receivedAt: arrival.receivedAt, sourceID: arrival.sourceID,
                secretID: arrival.secretID, verdict: .accepted(change.outcome),
                incidentID: arrival.event.incidentID, alertID: change.subject.alert.id,
                peer: arrival.request.peer, bytes: arrival.request.bytes,
                replayOf: arrival.request.replayOf),
            arrival.request)
        return id
    }

    private func keep(_ delivery: Delivery, _ request: DeliveryRequest) {
        keptDeliveries.append(KeptDelivery(delivery: delivery, request: request))
    }

    private func takeDeliveryID() -> DeliveryID {
        DeliveryID(number: takeNumber())
    }

    private var journalSize: Int { keptDeliveries.reduce(0) { $0 + $1.storedBytes } }
}

extension KeptDelivery {
    fileprivate var storedBytes: Int {
        (request.body?.count ?? 0) + request.headerLines.count + JournalBound.rowBytes
    }
}
