import Postgres

/// A table that moves from SQLite to PostgreSQL, where it has the same name and nearly the same
/// columns.
struct TransferTable: Sendable {
    enum Kind: Sendable { case int, text, bool, bytes }

    struct Column: Sendable {
        let name: String
        let kind: Kind
        /// What SQLite reads for it; the column of the same name unless it has none.
        let source: String

        init(_ name: String, _ kind: Kind, from source: String? = nil) {
            self.name = name
            self.kind = kind
            self.source = source ?? name
        }
    }

    let name: String
    let columns: [Column]
    /// Reads all rows, in the order in which they were written.
    let select: String
    /// Counts all rows; in either database.
    let count: String
    private let insert: PostgresText

    private init(_ name: String, orderedBy key: String = "key", _ columns: [Column]) {
        self.name = name
        self.columns = columns
        let sources = columns.map(\.source).joined(separator: ", ")
        select = "SELECT \(sources) FROM \(name) ORDER BY \(key)"
        count = "SELECT count(*) FROM \(name)"
        let names = columns.map(\.name).joined(separator: ", ")
        // Rows keep their keys, also where PostgreSQL would make them.
        let head = "INSERT INTO \(name)(\(names)) OVERRIDING SYSTEM VALUE"
        let arrays = columns.enumerated().compactMap { number, column in
            column.kind.arrayType.map { "$\(number + 1)::\($0)" }
        }
        let places = columns.indices.map { "$\($0 + 1)" }.joined(separator: ", ")
        insert = PostgresText(
            arrays.count == columns.count
                ? "\(head) SELECT * FROM unnest(\(arrays.joined(separator: ", ")))"
                : "\(head) VALUES (\(places))")
    }

    /// Whether all of a row fits into arrays, so that a chunk is one statement.
    private var isWrittenByArrays: Bool { columns.allSatisfy { $0.kind.arrayType != nil } }

    /// The statements that write a chunk.
    func inserts(_ chunk: TransferChunk) -> [PostgresQuery] {
        guard isWrittenByArrays else {
            return (0..<chunk.rowsCount).map { row in
                PostgresQuery(insert, chunk.columns.map { $0.value(at: row) })
            }
        }
        return [PostgresQuery(insert, chunk.columns.map(\.array))]
    }

    private static func texts(_ names: String...) -> [Column] { names.map { Column($0, .text) } }
    private static func ints(_ names: String...) -> [Column] { names.map { Column($0, .int) } }
    private static func bools(_ names: String...) -> [Column] { names.map { Column($0, .bool) } }
}

extension TransferTable.Kind {
    /// The type of many values together; `nil` when they travel one by one.
    fileprivate var arrayType: String? {
        switch self {
        case .int: "bigint[]"
        case .text: "text[]"
        case .bool: "boolean[]"
        case .bytes: nil
        }
    }
}

extension TransferTable {
    /// All tables that move; what is referred to comes first.
    ///
    /// Counts are made anew, what replicas agree on is theirs, and people sign in again.
    static let all = [
        integrations, removedIntegrations, sources, secrets, traffic, alerts, transitions, closes,
        blocks, deliveries, activity, tokens, audit, canaries, endpoints,
        messages,
    ]

    private static let integrations = TransferTable(
        "integrations",
        ints("key", "key_expires_at", "checked_at", "created_at", "updated_at", "sequence")
            + texts("id", "name", "region", "base_url", "environment_id", "environments")
            + texts("key_suffix", "state", "state_reason") + [Column("sealed_key", .bytes)])

    private static let removedIntegrations = TransferTable(
        "removed_integrations", orderedBy: "sequence", ints("sequence") + texts("id"))

    private static let sources = TransferTable(
        "sources",
        ints("key", "integration_key", "last_delivery_at", "delivery_count", "created_at")
            + ints("updated_at", "removed_at") + texts("id", "name")
            + bools("is_enabled", "is_watched_for_quiet"))

    private static let traffic = TransferTable(
        "source_traffic", orderedBy: "source_key",
        ints("source_key") + [Column("profile", .bytes)])

    private static let secrets = TransferTable(
        "source_secrets", orderedBy: "id",
        ints("source_key", "position", "created_at", "expires_at", "last_used_at")
            + texts("id") + [Column("hash", .bytes)])

    private static let alerts = TransferTable(
        "alerts",
        ints("key", "source_key", "created_at", "sequence", "alert_count", "fired_at")
            + ints("resolved_at", "updated_at", "changed_on", "updated_on", "fingerprint_high")
            + ints("fingerprint_low", "reading_due_at", "missing_count")
            + texts("id", "incident_id", "title", "summary", "severity", "bigpanda_status")
            + texts("environment_id", "tags", "source_url", "resolved_by_kind")
            + texts("resolved_by_name")
            + bools("is_firing", "is_open_in_bigpanda", "is_flapping", "is_snoozed"))

    private static let transitions = TransferTable(
        "transitions",
        ints("key", "alert_key", "at", "changed_on", "delivery_key")
            + texts("outcome", "cause_kind", "cause_name", "comment") + bools("is_firing"))

    /// A close under way is no replica's, so that the first one that starts looks after it.
    private static let closes = TransferTable(
        "closes",
        ints("key", "alert_key", "integration_key", "created_at", "attempts", "failures")
            + ints("next_attempt_at", "sent_at", "updated_at", "sequence")
            + texts("id", "requested_by", "comment", "state", "next_step", "last_error")
            + [
                Column("lease_ends_at", .int, from: "CASE state WHEN 'sending' THEN 0 END"),
                Column("fence", .int, from: "0"),
            ])

    private static let blocks = TransferTable(
        "delivery_blocks", ints("key", "content_bytes") + [Column("content", .bytes)])

    private static let activity = TransferTable(
        "activity", orderedBy: "hour, name",
        ints("hour", "value") + texts("name")
            + [Column("slot", .int, from: "0")])

    private static let tokens = TransferTable(
        "admin_tokens", orderedBy: "id",
        ints("created_at", "last_used_at") + texts("id", "name", "role")
            + [Column("hash", .bytes)])

    private static let canaries = TransferTable(
        "canaries", orderedBy: "integration_id",
        ints("interval_seconds", "enabled_at", "started_at", "ended_at", "succeeded_at")
            + texts("integration_id", "alert_id", "failed_hop", "reason", "hops"))

    private static let audit = TransferTable(
        "audit",
        ints("key", "at") + texts("actor_kind", "actor_name", "session_id", "peer", "action")
            + texts("object_id", "fields", "outcome"))

    /// A round under way is no replica's.
    private static let endpoints = TransferTable(
        "webhook_endpoints",
        ints("key", "failures", "failing_since", "last_success_at", "secret_created_at")
            + ints("previous_secret_ends_at", "created_at", "updated_at", "fence")
            + texts("id", "name", "url", "events", "disabled_reason") + bools("is_enabled")
            + [
                Column("sealed_secret", .bytes), Column("previous_sealed_secret", .bytes),
                Column("held_until", .int, from: "0"),
            ])

    private static let messages = TransferTable(
        "webhook_messages",
        ints("key", "endpoint_key", "lot", "created_at", "attempts", "next_attempt_at")
            + ints("attempted_at", "attempt_duration", "status_code")
            + texts("event", "alert_id", "body", "state", "error"))

    private static let deliveries = TransferTable(
        "deliveries",
        ints("key", "received_at", "source_key", "bytes", "replay_of", "stored_bytes")
            + ints("header_bytes", "body_bytes", "content_at", "block_key")
            + texts("secret_id", "outcome", "reason", "incident_id", "alert_id", "peer"))
}

/// Some rows of a table, column by column.
struct TransferChunk: Sendable {
    enum Values: Sendable {
        case ints([Int64?])
        case texts([String?])
        case bools([Bool?])
        case bytes([[UInt8]?])
    }

    var columns: [Values]
    var rowsCount = 0
    /// Roughly what the rows take.
    var bytesCount = 0

    init(for table: TransferTable) {
        columns = table.columns.map { column in
            switch column.kind {
            case .int: .ints([])
            case .text: .texts([])
            case .bool: .bools([])
            case .bytes: .bytes([])
            }
        }
    }
}

extension TransferChunk.Values {
    /// All of them as one array.
    fileprivate var array: PostgresValue {
        switch self {
        case .ints(let items): .ints(items)
        case .texts(let items): .texts(items)
        case .bools(let items): .bools(items)
        case .bytes: preconditionFailure("bytes travel one by one")
        }
    }

    /// One of them.
    fileprivate func value(at row: Int) -> PostgresValue {
        switch self {
        case .ints(let items): .int(ifAny: items[row])
        case .texts(let items): .text(ifAny: items[row])
        case .bools(let items): items[row].map { .bool($0) } ?? .null
        case .bytes(let items): .bytes(ifAny: items[row])
        }
    }
}
