import Alerts
import Compression
import Postgres

extension PostgresTransaction {
    private typealias Row = (
        row: DeliveryBlock.Row, storedBytes: Int, blockKey: Int64
    )

    private static let sourceKeys = PostgresText(
        "SELECT id, key FROM sources WHERE id = ANY($1::text[])")
    private static let numbers = PostgresText(
        "SELECT nextval('changes') FROM generate_series(1, $1::bigint)")
    private static let insertBlock = PostgresText(
        "INSERT INTO delivery_blocks(key, content_bytes, content) VALUES ($1, $2, $3)")
    private static let insertDeliveries = PostgresRows<Row>.inserting(
        into: "deliveries",
        [
            .int("key") { $0.row.entry.key },
            .int("received_at") { $0.row.entry.receivedAt.milliseconds },
            .int("source_key") { $0.row.entry.sourceKey },
            .text("secret_id") { $0.row.entry.secretID?.text },
            .text("outcome") { $0.row.entry.verdict.outcomeText },
            .text("reason") { $0.row.entry.verdict.refusal?.rawValue },
            .text("incident_id") { $0.row.entry.incidentID },
            .text("alert_id") { $0.row.entry.alertID?.text }, .text("peer") { $0.row.peer },
            .int("bytes") { Int64($0.row.bytes) },
            .int("replay_of") { $0.row.replayOf?.number },
            .int("stored_bytes") { Int64($0.storedBytes) },
            .int("header_bytes") { Int64($0.row.headerCount) },
            .int("body_bytes") { $0.row.bodyCount.map { Int64($0) } },
            .int("content_at") { Int64($0.row.start) }, .int("block_key") { $0.blockKey },
        ])

    /// Adds a webhook that was taken in.
    func insert(
        _ arrival: WebhookArrival, key: Int64, sourceKey: Int64, outcome: Outcome,
        alertID: AlertID
    ) {
        let entry = DeliveryBlock.Entry(
            key: key, receivedAt: arrival.receivedAt, sourceKey: sourceKey,
            secretID: arrival.secretID, verdict: .accepted(outcome),
            incidentID: arrival.event.incidentID, alertID: alertID)
        insert(entry, arrival.request)
        add(1, toActivity: Activity.Key(.taken(arrival.sourceID), at: arrival.receivedAt))
    }

    /// Adds webhooks that were refused, in order.
    func record(_ refused: [RefusedDelivery]) async throws(PostgresError) {
        guard !refused.isEmpty else { return }
        let names = Set(refused.compactMap { $0.sourceID?.text })
        let results = try await run([
            PostgresQuery(Self.sourceKeys, [.texts(names.map { $0 })]),
            PostgresQuery(Self.numbers, [.int(Int64(refused.count))]),
        ])
        var sourceKeys: [String: Int64] = [:]
        for var row in results[0].rows { sourceKeys[row.readText()] = row.readInt64() }
        for (delivery, key) in zip(refused, results[1].numbers) {
            let entry = DeliveryBlock.Entry(
                key: key, receivedAt: delivery.receivedAt,
                sourceKey: delivery.sourceID.flatMap { sourceKeys[$0.text] },
                secretID: delivery.secretID, verdict: .refused(delivery.reason),
                incidentID: delivery.incidentID, alertID: nil)
            insert(entry, delivery.request)
            add(1, toActivity: Activity.Key(.refused, at: delivery.receivedAt))
        }
        writeBlock()
    }

    private func insert(_ entry: DeliveryBlock.Entry, _ request: DeliveryRequest) {
        if block.isTooFull(for: request) { writeBlock() }
        block.append(entry, request)
    }

    /// Has the deliveries that were added last written with the commit.
    func writeBlock() {
        guard let last = block.rows.last else { return }
        note(.changes)
        let content = core.compressor.compress(block.content) ?? block.content
        add(
            PostgresQuery(
                Self.insertBlock,
                [.int(last.entry.key), .int(Int64(block.content.count)), .bytes(content)]))
        // The room that a block takes is shared evenly by its deliveries.
        let share = (content.count + block.rows.count - 1) / block.rows.count
        let storedBytes = share + JournalBound.rowBytes
        let rows = block.rows.map { Row($0, storedBytes, last.entry.key) }
        if let query = Self.insertDeliveries.query(rows) { add(query) }
        add(Int64(storedBytes * block.rows.count), toCount: "deliveries.bytes")
        block.removeAll()
    }

    private static let lockPruning = PostgresText(
        "SELECT pg_advisory_xact_lock(\(PostgresSchema.pruningLock))::text")
    private static let oldest = PostgresText(
        "SELECT key, received_at, stored_bytes FROM deliveries ORDER BY key LIMIT $1::bigint")
    private static let removeDeliveries = PostgresText("DELETE FROM deliveries WHERE key <= $1")
    private static let removeBlocks = PostgresText("DELETE FROM delivery_blocks WHERE key <= $1")

    /// Removes at most `limit` deliveries, the oldest, until the bound is kept.
    ///
    /// One replica at a time: two would count the same bytes as gone twice.
    func pruneDeliveries(_ bound: JournalBound, limit: Int) async throws(PostgresError) -> Int {
        let results = try await run([
            PostgresQuery(Self.lockPruning), PostgresQuery(PostgresReading.journalBytes),
            PostgresQuery(Self.oldest, [.int(Int64(limit))]),
        ])
        let bytesBefore = results[1].numbers.first ?? 0
        var (bytesLeft, lastKey, removed) = (bytesBefore, Int64(0), 0)
        for var row in results[2].rows {
            let (key, receivedAt) = (row.readInt64(), row.readTime())
            guard bytesLeft > bound.bytesMax || receivedAt < bound.receivedBefore else { break }
            bytesLeft -= row.readInt64()
            (lastKey, removed) = (key, removed + 1)
        }
        guard removed > 0 else { return 0 }
        add(PostgresQuery(Self.removeDeliveries, [.int(lastKey)]))
        // A block is called after its last delivery, and goes with it.
        add(PostgresQuery(Self.removeBlocks, [.int(lastKey)]))
        add(bytesLeft - bytesBefore, toCount: "deliveries.bytes")
        return removed
    }
}
