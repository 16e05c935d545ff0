import Alerts
import Compression
import SQLite

extension StoreSession {
    /// What makes a `Delivery`, from `deliveries d` and `sources s`.
    private static let summary = """
        d.key, d.received_at, s.id, d.secret_id, d.outcome, d.reason, d.incident_id, d.alert_id, \
        d.peer, d.bytes, d.replay_of
        """
    private static let one = SQLText(
        """
        SELECT \(summary), d.header_bytes, d.body_bytes, d.content_at, b.content_bytes, b.content
        FROM deliveries d JOIN delivery_blocks b ON b.key = d.block_key
            LEFT JOIN sources s ON s.key = d.source_key
        WHERE d.key = ?
        """)

    private static let after = SQLText(
        """
        SELECT \(summary) FROM deliveries d LEFT JOIN sources s ON s.key = d.source_key
        WHERE d.key > ? ORDER BY d.key LIMIT ?
        """)

    /// Deliveries that came in after a number.
    func newDeliveries(after number: Int64, limit: Int) throws(SQLiteError) -> [Change] {
        try connection.withStatement(Self.after) { (select) throws(SQLiteError) in
            try select.bind(number)
            try select.bind(limit)
            var found: [Change] = []
            while try select.step() == .row {
                let key = select.int64(at: 0)
                found.append(Change(number: key, subject: .delivery(try readDelivery(&select))))
            }
            return found
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
            let (headerCount, bodyCount) = (Int(select.readInt64()), select.readInt64IfAny())
            let (start, blockCount) = (Int(select.readInt64()), Int(select.readInt64()))
            let block = try Self.expand(select.readBlob(), count: blockCount)
            let (bodyStart, end) = (start + headerCount, start + headerCount + Int(bodyCount ?? 0))
            guard 0 <= start, start <= bodyStart, bodyStart <= end, end <= block.count else {
                throw SQLiteError(corrupt: "a delivery's content lies outside its block")
            }
            return KeptDelivery(
                delivery: delivery,
                request: DeliveryRequest(
                    peer: delivery.peer, headerLines: Array(block[start..<bodyStart]),
                    body: bodyCount.map { _ in Array(block[bodyStart..<end]) },
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
        try remove("DELETE FROM deliveries WHERE key <= ?", upTo: lastKey)
        // A block is called after its last delivery, and goes with it.
        try remove("DELETE FROM delivery_blocks WHERE key <= ?", upTo: lastKey)
        add(bytesLeft - bytesBefore, toCount: "deliveries.bytes")
        return removed
    }

    private func remove(_ sql: StaticString, upTo key: Int64) throws(SQLiteError) {
        try connection.withStatement(sql) { (delete) throws(SQLiteError) in
            try delete.bind(key)
            try delete.run()
        }
    }

    /// What was compressed is shorter than what it stands for; anything else is there as it is.
    private static func expand(_ content: [UInt8], count: Int) throws(SQLiteError) -> [UInt8] {
        guard content.count != count else { return content }
        do throws(CompressionError) {
            return try Decompressor.decompress(content, count: count)
        } catch {
            throw SQLiteError(corrupt: "a block of deliveries: \(error)")
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
