package import Alerts
import SQLite

extension SQLiteStore: AdminTokenStore {
    /// All named tokens, by name.
    package func adminTokens() async throws(StoreError) -> [AdminToken] {
        try await read("Reading tokens") { (session) throws(SQLiteError) in
            try session.adminTokens()
        }
    }

    /// Adds a named token.
    package func insert(_ token: AdminToken) async throws(StoreError) {
        try await write("Adding a token") { (session) throws(SQLiteError) in
            try session.insert(token)
            try session.audit(.done)
        }
    }

    /// Notes that a token was used.
    package func noteUse(ofToken id: String, at now: Timestamp) async throws(StoreError) {
        try await write("Storing a token's use") { (session) throws(SQLiteError) in
            try session.noteUse(ofToken: id, at: now)
        }
    }

    /// Removes a token, and the sessions that were signed in with it.
    package func removeToken(_ id: String) async throws(StoreError) -> Bool {
        try await write("Revoking a token") { (session) throws(SQLiteError) in
            let isRemoved = try session.removeToken(id)
            if isRemoved { try session.audit(.done) }
            return isRemoved
        }
    }
}

extension SQLiteStore: AuditStore {
    /// Entries by filter, newest first.
    package func audit(_ query: AuditQuery) async throws(StoreError) -> Page<AuditEntry> {
        try await read("Reading the audit log") { (session) throws(SQLiteError) in
            try session.audit(query)
        }
    }

    /// Removes old entries.
    package func pruneAudit(before moment: Timestamp, limit: Int) async throws(StoreError) -> Int {
        try await write("Pruning the audit log") { (session) throws(SQLiteError) in
            try session.pruneAudit(before: moment, limit: limit)
        }
    }
}
