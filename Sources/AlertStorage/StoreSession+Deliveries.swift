import Alerts
import Compression
import SQLite

extension StoreSession {
    private static let columns = [
        "key", "received_at", "source_key", "secret_id", "outcome", "reason", "incident_id",
        "alert_id", "peer", "bytes", "replay_of", "stored_bytes", "header_bytes", "body_bytes",
        "content",
    ]
    private static let insertDelivery = SQLText(
        """
        INSERT INTO deliveries(\(columns.joined(separator: ", ")))
        VALUES (\(Columns.placeholders(columns.count)))
        """)
    /// What makes a `Delivery`, from `deliveries d` and `sources s`.
    private static let summary = """
        d.key, d.received_at, s.id, d.secret_id, d.outcome, d.reason, d.incident_id, d.alert_id, \
        d.peer, d.bytes, d.replay_of
        """
    private static let one = SQLText(
        """
        SELECT \(summary), d.header_bytes, d.body_bytes, d.content
        FROM deliveries d LEFT JOIN sources s ON s.key = d.source_key WHERE d.key = ?
        """)

    /// Adds a webhook that was taken in.
    func insert(
        _ arrival: WebhookArrival, key: Int64, sourceKey: Int64, outcome: Outcome,
        alertID: AlertID
    ) throws(SQLiteError) {
        try insert(
            DeliveryRow(
                key: key, receivedAt: arrival.receivedAt, sourceKey: sourceKey,
                secretID: arrival.secretID, verdict: .accepted(outcome),
                incidentID: arrival.event.incidentID, alertID: alertID, request: arrival.request))
    }

    /// Adds webhooks that were refused, in order.
    func record(_ refused: [RefusedDelivery]) throws(SQLiteError) {
        for delivery in refused {
            var sourceKey: Int64?
            if let sourceID = delivery.sourceID { sourceKey = try self.sourceKey(sourceID) }
            try insert(
                DeliveryRow(
                    key: try takeDeliveryKey(), receivedAt: delivery.receivedAt,
                    sourceKey: sourceKey, secretID: delivery.secretID,
                    verdict: .refused(delivery.reason), incidentID: delivery.incidentID,
                    alertID: nil, request: delivery.request))
        }
    }

    /// Deliveries by filter, newest first.
    func deliveries(_ query: DeliveryQuery) throws(SQLiteError) -> Page<Delivery> {
        var select = try connection.prepare(sql(for: query))
        try select.bind(query.cursor?.sequence ?? .max, at: 1)
        if let sourceID = query.sourceID { try select.bind(sourceID.text, at: 2) }
        // That of refusals stands in the text.
        if let outcome = query.outcome, outcome != Delivery.Verdict.refusedText {
            try select.bind(outcome, at: 3)
        }
        var found: [Delivery] = []
        while found.count <= query.limit, try select.step() == .row {
            found.append(try readDelivery(&select))
        }
        let items = Array(found.prefix(query.limit))
        let next = found.count > items.count ? items.last?.id.number : nil
        return Page(items: items, next: next.map { PageCursor(sequence: $0) })
    }

    /// What SQLite does for a query, a line for each step: for tests of the indexes.
    func plan(of query: DeliveryQuery) throws(SQLiteError) -> [String] {
        var explain = try connection.prepare("EXPLAIN QUERY PLAN " + sql(for: query))
        var lines: [String] = []
        while try explain.step() == .row { lines.append(explain.text(at: 3)) }
        return lines
    }

    /// One delivery with what was sent.
    func delivery(_ id: DeliveryID) throws(SQLiteError) -> KeptDelivery? {
        guard let number = id.number else { return nil }
        return try connection.withStatement(Self.one) { (select) throws(SQLiteError) in
            try select.bind(number)
            guard try select.step() == .row else { return nil }
            let delivery = try readDelivery(&select)
            let (headerCount, bodyCount) = (select.readInt64(), select.readInt64IfAny())
            let content = try Self.expand(
                select.readBlob(), count: Int(headerCount + (bodyCount ?? 0)))
            return KeptDelivery(
                delivery: delivery,
                request: DeliveryRequest(
                    peer: delivery.peer, headerLines: Array(content.prefix(Int(headerCount))),
                    body: bodyCount.map { _ in Array(content.dropFirst(Int(headerCount))) },
                    bytes: delivery.bytes, replayOf: delivery.replayOf))
        }
    }

    /// Removes at most `limit` deliveries, the oldest, until the bound is kept.
    func pruneDeliveries(_ bound: JournalBound, limit: Int) throws(SQLiteError) -> Int {
        var bytesLeft = try count("deliveries.bytes")
        let bytesBefore = bytesLeft
        var (lastKey, removed) = (Int64(0), 0)
        try connection.withStatement(
            "SELECT key, received_at, stored_bytes FROM deliveries ORDER BY key LIMIT ?"
        ) { (select) throws(SQLiteError) in
            try select.bind(limit)
            while try select.step() == .row {
                let (key, receivedAt) = (select.readInt64(), select.readTime())
                guard bytesLeft > bound.bytesMax || receivedAt < bound.receivedBefore else { break }
                bytesLeft -= select.readInt64()
                (lastKey, removed) = (key, removed + 1)
            }
        }
        guard removed > 0 else { return 0 }
        try connection.withStatement("DELETE FROM deliveries WHERE key <= ?") {
            (delete) throws(SQLiteError) in
            try delete.bind(lastKey)
            try delete.run()
        }
        add(bytesLeft - bytesBefore, toCount: "deliveries.bytes")
        return removed
    }

    private struct DeliveryRow {
        let key: Int64
        let receivedAt: Timestamp
        let sourceKey: Int64?
        let secretID: SecretID?
        let verdict: Delivery.Verdict
        let incidentID: String?
        let alertID: AlertID?
        let request: DeliveryRequest
    }

    private func insert(_ row: DeliveryRow) throws(SQLiteError) {
        let request = row.request
        let whole = request.headerLines + (request.body ?? [])
        let content = compressor.compress(whole) ?? whole
        let storedBytes = content.count + JournalBound.rowBytes
        try connection.withStatement(Self.insertDelivery) { (insert) throws(SQLiteError) in
            try insert.bind(row.key)
            try insert.bind(row.receivedAt)
            try insert.bind(row.sourceKey)
            try insert.bind(row.secretID?.text)
            try insert.bind(row.verdict.outcomeText)
            try insert.bind(row.verdict.refusal?.rawValue)
            try insert.bind(row.incidentID)
            try insert.bind(row.alertID?.text)
            try insert.bind(request.peer)
            try insert.bind(request.bytes)
            try insert.bind(request.replayOf?.number)
            try insert.bind(storedBytes)
            try insert.bind(request.headerLines.count)
            try insert.bind(request.body?.count)
            try insert.run(lending: content.span, at: Self.columns.count)
        }
        add(Int64(storedBytes), toCount: "deliveries.bytes")
    }

    /// What was compressed is shorter than what it stands for; anything else is there as it is.
    private static func expand(_ content: [UInt8], count: Int) throws(SQLiteError) -> [UInt8] {
        guard content.count != count else { return content }
        do throws(CompressionError) {
            return try Decompressor.decompress(content, count: count)
        } catch {
            throw SQLiteError(corrupt: "a delivery's content: \(error)")
        }
    }

    private func sql(for query: DeliveryQuery) -> String {
        var conditions = ["d.key < ?1"]
        if query.sourceID != nil {
            conditions.append("d.source_key = (SELECT key FROM sources WHERE id = ?2)")
        }
        if query.outcome == Delivery.Verdict.refusedText {
            // As a literal, so that SQLite sees that the index of refusals holds them all.
            conditions.append("d.outcome = 'refused'")
        } else if query.outcome != nil {
            conditions.append("d.outcome = ?3")
        }
        return """
            SELECT \(Self.summary) FROM deliveries d LEFT JOIN sources s ON s.key = d.source_key
            WHERE \(conditions.joined(separator: " AND ")) ORDER BY d.key DESC
            """
    }

    private func readDelivery(_ row: inout SQLiteStatement) throws(SQLiteError) -> Delivery {
        let (id, receivedAt) = (DeliveryID(number: row.readInt64()), row.readTime())
        let sourceID = row.readTextIfAny().map { SourceID($0) }
        let secretID = row.readTextIfAny().map { SecretID($0) }
        let (outcome, reason) = (row.readText(), row.readTextIfAny())
        return Delivery(
            id: id, receivedAt: receivedAt, sourceID: sourceID, secretID: secretID,
            verdict: try Self.verdict(outcome, reason), incidentID: row.readTextIfAny(),
            alertID: row.readTextIfAny().map { AlertID($0) }, peer: row.readText(),
            bytes: Int(row.readInt64()),
            replayOf: row.readInt64IfAny().map { DeliveryID(number: $0) })
    }

    private static func verdict(
        _ outcome: String, _ reason: String?
    ) throws(SQLiteError) -> Delivery.Verdict {
        guard let reason else {
            guard let outcome = Outcome(rawValue: outcome) else {
                throw SQLiteError(unknown: outcome, in: "deliveries.outcome")
            }
            return .accepted(outcome)
        }
        guard let refusal = DeliveryRefusal(rawValue: reason) else {
            throw SQLiteError(unknown: reason, in: "deliveries.reason")
        }
        return .refused(refusal)
    }
}
