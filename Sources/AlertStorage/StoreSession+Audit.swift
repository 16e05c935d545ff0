import Alerts
import SQLite

extension StoreSession {
    private static let auditColumns =
        "at, actor_kind, actor_name, session_id, peer, action, object_id, fields, outcome"
    private static let insertAudit = SQLText(
        "INSERT INTO audit(\(auditColumns)) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)")

    /// Records the change of this task, if it is one that the audit log tells of.
    func audit(_ outcome: AuditOutcome) throws(SQLiteError) {
        guard var entry = AuditTrail.entry else { return }
        entry.outcome = outcome
        try append(entry)
    }

    /// Adds an entry to the audit log.
    func append(_ entry: AuditEntry) throws(SQLiteError) {
        try connection.withStatement(Self.insertAudit) { (insert) throws(SQLiteError) in
            try insert.bind(entry.at)
            try insert.bind(entry.actor.kind.rawValue)
            try insert.bind(entry.actor.name)
            try insert.bind(entry.actor.sessionID)
            try insert.bind(entry.actor.peer)
            try insert.bind(entry.action.rawValue)
            try insert.bind(entry.objectID)
            try insert.bind(entry.fields.joined(separator: " "))
            try insert.bind(entry.outcome.rawValue)
            try insert.run()
        }
    }

    /// Entries by filter, newest first.
    func audit(_ query: AuditQuery) throws(SQLiteError) -> Page<AuditEntry> {
        var conditions = ["key < ?1"]
        if query.action != nil { conditions.append("action = ?3") }
        if query.objectID != nil { conditions.append("object_id = ?4") }
        if query.actor != nil { conditions.append("actor_name = ?5") }
        var select = try connection.prepare(
            """
            SELECT key, \(Self.auditColumns) FROM audit
            WHERE \(conditions.joined(separator: " AND ")) ORDER BY key DESC LIMIT ?2
            """)
        try select.bind(query.cursor?.sequence ?? .max, at: 1)
        try select.bind(Int64(query.limit) + 1, at: 2)
        if let action = query.action { try select.bind(action.rawValue, at: 3) }
        if let objectID = query.objectID { try select.bind(objectID, at: 4) }
        if let actor = query.actor { try select.bind(actor, at: 5) }
        var found: [AuditEntry] = []
        while try select.step() == .row { found.append(try select.readAuditEntry()) }
        return Page(auditEntries: found, limit: query.limit)
    }

    /// Removes old entries.
    func pruneAudit(before moment: Timestamp, limit: Int) throws(SQLiteError) -> Int {
        try connection.withStatement(
            """
            DELETE FROM audit WHERE key IN (
                SELECT key FROM audit WHERE at < ? ORDER BY key LIMIT ?)
            """
        ) { (delete) throws(SQLiteError) in
            try delete.bind(moment)
            try delete.bind(limit)
            try delete.run()
        }
        return connection.changesCount
    }
}

extension SQLiteStatement {
    fileprivate mutating func readAuditEntry() throws(SQLiteError) -> AuditEntry {
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

extension AuditEntry {
    /// The names of fields as a column holds them.
    static func fields(in text: String) -> [String] { text.split(separator: " ").map(String.init) }
}

extension Page<AuditEntry> {
    /// Makes a page of what was found, which is one more than `limit` if there is more.
    init(auditEntries found: [AuditEntry], limit: Int) {
        let items = Array(found.prefix(limit))
        let next = found.count > items.count ? items.last?.number : nil
        self.init(items: items, next: next.map { PageCursor(sequence: $0) })
    }
}
