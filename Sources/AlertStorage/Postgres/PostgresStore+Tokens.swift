package import Alerts
import EventLoop
import Postgres

extension PostgresStore: AdminTokenStore {
    private static let all = PostgresText(
        "SELECT id, name, role, hash, created_at, last_used_at FROM admin_tokens")
    private static let insert = PostgresText(
        "INSERT INTO admin_tokens(id, name, role, hash, created_at) VALUES ($1, $2, $3, $4, $5)")
    private static let use = PostgresText(
        "UPDATE admin_tokens SET last_used_at = greatest(last_used_at, $2) WHERE id = $1")
    private static let endSessions = PostgresText("DELETE FROM sessions WHERE token_id = $1")
    private static let remove = PostgresText("DELETE FROM admin_tokens WHERE id = $1")

    /// All named tokens, by name.
    package func adminTokens() async throws(StoreError) -> [AdminToken] {
        try await core.adminTokens(PostgresQuery(Self.all))
    }

    /// Adds a named token.
    package func insert(_ token: AdminToken) async throws(StoreError) {
        let query = PostgresQuery(
            Self.insert,
            [
                .text(token.id), .text(token.name), .text(token.role.rawValue),
                .bytes(token.hash), .int(token.createdAt.milliseconds),
            ])
        try await core.write("Adding a token") { (transaction) async throws(PostgresError) in
            transaction.add(query)
            transaction.changeDirectory()
            transaction.audit(.done)
        }
    }

    /// Notes that a token was used.
    package func noteUse(ofToken id: String, at now: Timestamp) async throws(StoreError) {
        let query = PostgresQuery(Self.use, [.text(id), .int(now.milliseconds)])
        try await core.write("Storing a token's use") {
            (transaction) async throws(PostgresError) in
            transaction.add(query)
        }
    }

    /// Removes a token, and the sessions that were signed in with it.
    package func removeToken(_ id: String) async throws(StoreError) -> Bool {
        let name = [PostgresValue.text(id)]
        return try await core.write("Revoking a token") {
            (transaction) async throws(PostgresError) in
            let results = try await transaction.run([
                PostgresQuery(Self.endSessions, name), PostgresQuery(Self.remove, name),
            ])
            guard results[1].changesCount == 1 else { return false }
            transaction.changeDirectory()
            transaction.audit(.done)
            return true
        }
    }
}

extension PostgresStore: AuditStore {
    private static let prune = PostgresText(
        """
        DELETE FROM audit WHERE key IN (
            SELECT key FROM audit WHERE at < $1 ORDER BY key LIMIT $2::bigint)
        """)

    /// Entries by filter, newest first.
    package func audit(_ query: AuditQuery) async throws(StoreError) -> Page<AuditEntry> {
        try await core.audit(query)
    }

    /// Removes old entries.
    package func pruneAudit(before moment: Timestamp, limit: Int) async throws(StoreError) -> Int {
        let query = PostgresQuery(Self.prune, [.int(moment.milliseconds), .int(Int64(limit))])
        return try await core.write("Pruning the audit log") {
            (transaction) async throws(PostgresError) in
            try await transaction.run([query])[0].changesCount
        }
    }
}

extension PostgresCore {
    fileprivate func adminTokens(
        _ query: PostgresQuery
    ) async throws(StoreError) -> [AdminToken] {
        let what = "Reading tokens"
        return try rows(try await read(what, [query])[0], what) { (row) throws(PostgresError) in
            let (id, name) = (row.readText(), row.readText())
            let role: Role = try row.readCase(of: "admin_tokens.role")
            let hash = row.readBlob()
            var token = AdminToken(id: id, name: name, role: role, hash: hash, at: row.readTime())
            token.lastUsedAt = row.readTimeIfAny()
            return token
        }.sorted { $0.name < $1.name }
    }
}
