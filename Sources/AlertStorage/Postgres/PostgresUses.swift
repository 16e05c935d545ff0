import Alerts
import Postgres

/// How often, and when last, webhooks came through each secret of a source.
///
/// Spread over slots as the other counts are: batches of one source, at one replica or at several,
/// don't wait for each other's disks. What the rows of sources and secrets say besides came with a
/// store that was moved here, or from a version that counted there.
struct PostgresUses {
    private struct Row {
        let secretID: String
        let sourceKey: Int64
        var count: Int64
        var lastAt: Timestamp
    }

    private var rows: [SecretID: Row] = [:]

    private static let add = PostgresRows<Row>(
        text: """
            INSERT INTO secret_uses AS s(secret_id, source_key, count, last_at, slot)
            SELECT u.secret_id, u.source_key, u.count, u.last_at, \(PostgresTables.slot)
            FROM ROWS AS u(secret_id, source_key, count, last_at) ORDER BY u.secret_id
            ON CONFLICT (secret_id, slot) DO UPDATE SET count = s.count + excluded.count,
                last_at = greatest(s.last_at, excluded.last_at)
            """,
        columns: [
            .text("secret_id") { $0.secretID }, .int("source_key") { $0.sourceKey },
            .int("count") { $0.count }, .int("last_at") { $0.lastAt.milliseconds },
        ])
    static let all = PostgresText(
        """
        SELECT secret_id, source_key, sum(count)::bigint, max(last_at) FROM secret_uses
        GROUP BY secret_id, source_key
        """)

    /// Counts a webhook; a replayed one came through no secret.
    mutating func count(_ arrival: WebhookArrival, sourceKey: Int64) {
        guard let secretID = arrival.secretID else { return }
        var row =
            rows[secretID]
            ?? Row(
                secretID: secretID.text, sourceKey: sourceKey, count: 0,
                lastAt: arrival.receivedAt)
        row.count += 1
        row.lastAt = max(row.lastAt, arrival.receivedAt)
        rows[secretID] = row
    }

    /// Adds what was counted; `nil` when that is nothing.
    var query: PostgresQuery? { Self.add.query(Array(rows.values)) }
}

extension PostgresUses {
    /// Reads what `all` found.
    init(_ result: PostgresResult) {
        for var row in result.rows {
            let secretID = row.readText()
            rows[SecretID(secretID)] = Row(
                secretID: secretID, sourceKey: row.readInt64(), count: row.readInt64(),
                lastAt: row.readTime())
        }
    }

    /// Adds the uses to a source that was read with its secrets.
    func complete(_ source: inout Source, key: Int64) {
        for row in rows.values where row.sourceKey == key {
            source.deliveryCount += Int(row.count)
            source.lastDeliveryAt = later(source.lastDeliveryAt, row.lastAt)
        }
        for index in source.secrets.indices {
            guard let row = rows[source.secrets[index].id] else { continue }
            let lastUsedAt = source.secrets[index].lastUsedAt
            source.secrets[index].lastUsedAt = later(lastUsedAt, row.lastAt)
        }
    }

    private func later(_ one: Timestamp?, _ other: Timestamp) -> Timestamp {
        one.map { max($0, other) } ?? other
    }
}
