import Alerts
import Compression
import SQLite

// How deliveries get into the journal: they gather in blocks, which are written before the commit.
extension StoreSession {
    private static let columns = [
        "key", "received_at", "source_key", "secret_id", "outcome", "reason", "incident_id",
        "alert_id", "peer", "bytes", "replay_of", "stored_bytes", "header_bytes", "body_bytes",
        "content_at", "block_key",
    ]
    private static let insertDelivery = SQLText(
        """
        INSERT INTO deliveries(\(columns.joined(separator: ", ")))
        VALUES (\(Columns.placeholders(columns.count)))
        """)

    /// Adds a webhook that was taken in.
    func insert(
        _ arrival: WebhookArrival, key: Int64, sourceKey: Int64, outcome: Outcome,
        alertID: AlertID
    ) throws(SQLiteError) {
        let entry = DeliveryBlock.Entry(
            key: key, receivedAt: arrival.receivedAt, sourceKey: sourceKey,
            secretID: arrival.secretID, verdict: .accepted(outcome),
            incidentID: arrival.event.incidentID, alertID: alertID)
        try insert(entry, arrival.request)
        add(1, toActivity: Activity.Key(.taken(arrival.sourceID), at: arrival.receivedAt))
    }

    /// Adds webhooks that were refused, in order.
    func record(_ refused: [RefusedDelivery]) throws(SQLiteError) {
        for delivery in refused {
            var sourceKey: Int64?
            if let sourceID = delivery.sourceID { sourceKey = try self.sourceKey(sourceID) }
            let entry = DeliveryBlock.Entry(
                key: try takeSequence(), receivedAt: delivery.receivedAt, sourceKey: sourceKey,
                secretID: delivery.secretID, verdict: .refused(delivery.reason),
                incidentID: delivery.incidentID, alertID: nil)
            try insert(entry, delivery.request)
            add(1, toActivity: Activity.Key(.refused, at: delivery.receivedAt))
        }
    }

    private func insert(
        _ entry: DeliveryBlock.Entry, _ request: DeliveryRequest
    ) throws(SQLiteError) {
        if block.isTooFull(for: request) { try writeBlock() }
        block.append(entry, request)
    }

    /// Writes the deliveries that were added last; call before the commit.
    func writeBlock() throws(SQLiteError) {
        guard let last = block.rows.last else { return }
        let content = compressor.compress(block.content) ?? block.content
        try connection.withStatement(
            "INSERT INTO delivery_blocks(key, content_bytes, content) VALUES (?, ?, ?)"
        ) { (insert) throws(SQLiteError) in
            try insert.bind(last.entry.key)
            try insert.bind(block.content.count)
            try insert.run(lending: content.span, at: 3)
        }
        // The room that a block takes is shared evenly by its deliveries.
        let share = (content.count + block.rows.count - 1) / block.rows.count
        let storedBytes = share + JournalBound.rowBytes
        for row in block.rows {
            try write(row, storedBytes: storedBytes, blockKey: last.entry.key)
        }
        add(Int64(storedBytes * block.rows.count), toCount: "deliveries.bytes")
        block.removeAll()
    }

    private func write(
        _ row: DeliveryBlock.Row, storedBytes: Int, blockKey: Int64
    ) throws(SQLiteError) {
        let entry = row.entry
        try connection.withStatement(Self.insertDelivery) { (insert) throws(SQLiteError) in
            try insert.bind(entry.key)
            try insert.bind(entry.receivedAt)
            try insert.bind(entry.sourceKey)
            try insert.bind(entry.secretID?.text)
            try insert.bind(entry.verdict.outcomeText)
            try insert.bind(entry.verdict.refusal?.rawValue)
            try insert.bind(entry.incidentID)
            try insert.bind(entry.alertID?.text)
            try insert.bind(row.peer)
            try insert.bind(row.bytes)
            try insert.bind(row.replayOf?.number)
            try insert.bind(storedBytes)
            try insert.bind(row.headerCount)
            try insert.bind(row.bodyCount)
            try insert.bind(row.start)
            try insert.bind(blockKey)
            try insert.run()
        }
    }
}
