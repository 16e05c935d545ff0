package import Alerts

extension MemoryAlertStore: AdminTokenStore {
    /// All named tokens, by name.
    package func adminTokens() throws(StoreError) -> [AdminToken] {
        try begin()
        return tokensByID.values.sorted { $0.name < $1.name }
    }

    /// Adds a named token.
    package func insert(_ token: AdminToken) throws(StoreError) {
        try begin()
        guard !tokensByID.values.contains(where: { $0.name == token.name }) else {
            throw StoreError(.conflict, "There is a token \(token.name) already.")
        }
        tokensByID[token.id] = token
        audit(.done)
    }

    /// Notes that a token was used.
    package func noteUse(ofToken id: String, at now: Timestamp) throws(StoreError) {
        try begin()
        guard var token = tokensByID[id] else { return }
        token.lastUsedAt = max(token.lastUsedAt ?? now, now)
        tokensByID[id] = token
    }

    /// Removes a token, and the sessions that were signed in with it.
    package func removeToken(_ id: String) throws(StoreError) -> Bool {
        try begin()
        guard tokensByID.removeValue(forKey: id) != nil else { return false }
        sessionsByHash = sessionsByHash.filter { $0.value.tokenID != id }
        audit(.done)
        return true
    }
}

extension MemoryAlertStore: AuditStore {
    /// Entries by filter, newest first.
    package func audit(_ query: AuditQuery) throws(StoreError) -> Page<AuditEntry> {
        try begin()
        let last = query.cursor?.sequence ?? .max
        let found = auditEntries.reversed().filter { entry in
            entry.number < last && (query.action ?? entry.action) == entry.action
                && (query.objectID ?? entry.objectID) == entry.objectID
                && (query.actor ?? entry.actor.name) == entry.actor.name
        }
        let items = Array(found.prefix(query.limit))
        let next = found.count > items.count ? items.last?.number : nil
        return Page(items: items, next: next.map { PageCursor(sequence: $0) })
    }

    /// Removes old entries.
    package func pruneAudit(before moment: Timestamp, limit: Int) throws(StoreError) -> Int {
        try begin()
        let old = Set(auditEntries.filter { $0.at < moment }.prefix(limit).map(\.number))
        auditEntries.removeAll { old.contains($0.number) }
        return old.count
    }

    /// Records the change of this task, if it is one that the audit log tells of.
    func audit(_ outcome: AuditOutcome) {
        guard var entry = AuditTrail.entry else { return }
        entry.outcome = outcome
        append(entry)
    }

    func append(_ entry: AuditEntry) {
        var entry = entry
        entry.number = (auditEntries.last?.number ?? 0) + 1
        auditEntries.append(entry)
    }
}
