import Alerts
import Postgres

/// The statements that only read.
enum PostgresReading {
    static let alert = PostgresText("\(PostgresTables.record) WHERE a.id = $1")
    static let timeline = PostgresText(
        """
        SELECT at, outcome, is_firing, cause_kind, cause_name, comment, changed_on, delivery_key
        FROM transitions WHERE alert_key = (SELECT key FROM alerts WHERE id = $1)
        ORDER BY key DESC LIMIT $2::bigint
        """)
    static let counts = PostgresText(
        "SELECT name, sum(value)::bigint FROM counts GROUP BY name")
    static let oldestOwed = PostgresText(
        "SELECT min(created_at) FROM closes WHERE state IN ('pending', 'sending', 'sent')")
    static let journalBytes = PostgresText(
        """
        SELECT coalesce(sum(value), 0)::bigint FROM counts WHERE name = 'deliveries.bytes'
        """)
    static let nextDue = PostgresText(
        """
        SELECT min(c.next_attempt_at) FROM closes c JOIN integrations i ON i.key = c.integration_key
        WHERE c.state IN ('pending', 'sending', 'sent') AND i.state <> ALL($1::text[])
            AND i.id <> ALL($2::text[])
        """)
    static let closesByState = PostgresText(
        """
        SELECT c.key, \(PostgresTables.wholeClose)
        FROM closes c JOIN alerts a ON a.key = c.alert_key
        WHERE c.state = $3 AND c.key < $1 ORDER BY c.key DESC LIMIT $2::bigint
        """)
    static let closes = PostgresText(
        """
        SELECT c.key, \(PostgresTables.wholeClose)
        FROM closes c JOIN alerts a ON a.key = c.alert_key
        WHERE c.key < $1 ORDER BY c.key DESC LIMIT $2::bigint
        """)
    static let sealedKey = PostgresText("SELECT sealed_key FROM integrations WHERE id = $1")
    static let sources = PostgresText(
        """
        SELECT s.key, s.id, i.id, s.name, s.is_enabled, s.last_delivery_at, s.delivery_count,
            s.created_at, s.updated_at, s.is_watched_for_quiet
        FROM sources s JOIN integrations i ON i.key = s.integration_key
        WHERE s.removed_at IS NULL
        """)
    static let secrets = PostgresText(
        """
        SELECT source_key, id, hash, created_at, expires_at, last_used_at FROM source_secrets
        ORDER BY source_key, position
        """)
    static let dueReadings = PostgresText(
        """
        SELECT a.id, s.id, a.incident_id, a.environment_id
        FROM alerts a JOIN sources s ON s.key = a.source_key
        WHERE s.integration_key = (SELECT key FROM integrations WHERE id = $1)
            AND a.reading_due_at <= $2
        ORDER BY a.reading_due_at, a.id LIMIT $3::bigint
        """)
    static let reading = PostgresText(
        """
        SELECT a.id, i.id, s.id, a.incident_id, a.environment_id
        FROM alerts a JOIN sources s ON s.key = a.source_key
            JOIN integrations i ON i.key = s.integration_key
        WHERE a.id = $1
        """)

    /// What makes a `Delivery`, from `deliveries d` and `sources s`.
    private static let delivery = """
        d.key, d.received_at, s.id, d.secret_id, d.outcome, d.reason, d.incident_id, d.alert_id, \
        d.peer, d.bytes, d.replay_of
        """
    static let keptDelivery = PostgresText(
        """
        SELECT \(delivery), d.header_bytes, d.body_bytes, d.content_at, b.content_bytes, b.content
        FROM deliveries d JOIN delivery_blocks b ON b.key = d.block_key
            LEFT JOIN sources s ON s.key = d.source_key
        WHERE d.key = $1
        """)

    static let newDeliveries = PostgresText(
        """
        SELECT \(delivery) FROM deliveries d LEFT JOIN sources s ON s.key = d.source_key
        WHERE d.key > $1 AND d.key <= $2 ORDER BY d.key LIMIT $3::bigint
        """)

    /// Deliveries by filter, newest first; one more than asked for, to see whether there is.
    static func deliveries(_ query: DeliveryQuery) -> PostgresQuery {
        var values: [PostgresValue] = [
            .int(query.cursor?.sequence ?? .max), .int(Int64(query.limit) + 1),
        ]
        var conditions = ["d.key < $1::bigint"]
        if let sourceID = query.sourceID {
            values.append(.text(sourceID.text))
            conditions.append("s.id = $\(values.count)::text")
        }
        if let outcome = query.outcome {
            values.append(.text(outcome))
            conditions.append("d.outcome = $\(values.count)::text")
        }
        return PostgresQuery(
            once: """
                SELECT \(delivery) FROM deliveries d LEFT JOIN sources s ON s.key = d.source_key
                WHERE \(conditions.joined(separator: " AND "))
                ORDER BY d.key DESC LIMIT $2::bigint
                """, values)
    }

    /// Alerts that may fit a filter, newest change first, `limit` at most.
    static func alerts(
        _ query: AlertQuery, needle: TextNeedle?, before sequence: Int64, limit: Int
    ) -> PostgresQuery {
        var values: [PostgresValue] = [.int(sequence), .int(Int64(limit))]
        var conditions = ["a.sequence < $1::bigint"]
        func add(_ value: PostgresValue, _ condition: (String) -> String) {
            values.append(value)
            conditions.append(condition("$\(values.count)"))
        }
        if let status = query.status { add(.bool(status == .firing)) { "a.is_firing = \($0)" } }
        if let sourceID = query.sourceID {
            add(.text(sourceID.text)) {
                "a.source_key = (SELECT key FROM sources WHERE id = \($0))"
            }
        }
        if let severity = query.severity { add(.text(severity)) { "a.severity = \($0)" } }
        if let incidentID = query.incidentID { add(.text(incidentID)) { "a.incident_id = \($0)" } }
        if !query.includesCanaries {
            conditions.append("a.source_key NOT IN (\(PostgresTables.canarySources))")
        }
        if let needle {
            add(.text(needle.pattern)) { pattern in
                let columns = ["a.title", "a.summary", "a.incident_id", "a.tags"]
                let tests = columns.map { "\($0) ILIKE \(pattern)::text ESCAPE '^'" }
                return "(\(tests.joined(separator: " OR ")))"
            }
        }
        return PostgresQuery(
            once: """
                \(PostgresTables.record) WHERE \(conditions.joined(separator: " AND "))
                ORDER BY a.sequence DESC LIMIT $2::bigint
                """, values)
    }
}
