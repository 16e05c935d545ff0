import Alerts
import Postgres

extension PostgresTransaction {
    static let auditColumns =
        "at, actor_kind, actor_name, session_id, peer, action, object_id, fields, outcome"
    private static let insertAudit = PostgresText(
        "INSERT INTO audit(\(auditColumns)) VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9)")

    /// Records the change of this task, if it is one that the audit log tells of.
    func audit(_ outcome: AuditOutcome) {
        guard var entry = AuditTrail.entry else { return }
        entry.outcome = outcome
        append(entry)
    }

    /// Adds an entry to the audit log.
    func append(_ entry: AuditEntry) {
        let values: [PostgresValue] = [
            .int(entry.at.milliseconds), .text(entry.actor.kind.rawValue),
            .text(entry.actor.name), .text(ifAny: entry.actor.sessionID),
            .text(entry.actor.peer), .text(entry.action.rawValue), .text(entry.objectID),
            .text(entry.fields.joined(separator: " ")), .text(entry.outcome.rawValue),
        ]
        add(PostgresQuery(Self.insertAudit, values))
    }
}

extension PostgresCore {
    /// Entries by filter, newest first.
    func audit(_ query: AuditQuery) async throws(StoreError) -> Page<AuditEntry> {
        let what = "Reading the audit log"
        var values: [PostgresValue] = [
            .int(query.cursor?.sequence ?? .max), .int(Int64(query.limit) + 1),
        ]
        var conditions = ["key < $1::bigint"]
        for (column, text) in [
            ("action", query.action?.rawValue), ("object_id", query.objectID),
            ("actor_name", query.actor),
        ] {
            guard let text else { continue }
            values.append(.text(text))
            conditions.append("\(column) = $\(values.count)::text")
        }
        let statement = """
            SELECT key, \(PostgresTransaction.auditColumns) FROM audit
            WHERE \(conditions.joined(separator: " AND ")) ORDER BY key DESC LIMIT $2::bigint
            """
        let results = try await read(what, [PostgresQuery(once: statement, values)])
        let found = try rows(results[0], what) { (row) throws(PostgresError) in
            try row.readAuditEntry()
        }
        return Page(auditEntries: found, limit: query.limit)
    }
}

extension PostgresRow {
    fileprivate mutating func readAuditEntry() throws(PostgresError) -> AuditEntry {
        let (number, moment) = (readInt64(), readTime())
        let kind: AuditActor.Kind = try readCase(of: "audit.actor_kind")
        let (name, sessionID, peer) = (readText(), readTextIfAny(), readText())
        let actor = AuditActor(kind, name: name, sessionID: sessionID, peer: peer)
        let action: AuditAction = try readCase(of: "audit.action")
        let objectID = readText()
        var entry = AuditEntry(
            at: moment, actor, action, objectID, fields: AuditEntry.fields(in: readText()))
        entry.number = number
        entry.outcome = try readCase(of: "audit.outcome")
        return entry
    }
}
