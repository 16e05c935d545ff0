import Alerts
import SQLite

extension StoreSession {
    /// All named tokens, by name.
    func adminTokens() throws(SQLiteError) -> [AdminToken] {
        try connection.withStatement(
            "SELECT id, name, role, hash, created_at, last_used_at FROM admin_tokens ORDER BY name"
        ) { (select) throws(SQLiteError) in
            var found: [AdminToken] = []
            while try select.step() == .row {
                let (id, name) = (select.readText(), select.readText())
                let role: Role = try select.readCase(of: "admin_tokens.role")
                let hash = select.readBlob()
                var token = AdminToken(
                    id: id, name: name, role: role, hash: hash, at: select.readTime())
                token.lastUsedAt = select.readTimeIfAny()
                found.append(token)
            }
            return found
        }
    }

    /// Adds a named token.
    func insert(_ token: AdminToken) throws(SQLiteError) {
        try connection.withStatement(
            "INSERT INTO admin_tokens(id, name, role, hash, created_at) VALUES (?, ?, ?, ?, ?)"
        ) { (insert) throws(SQLiteError) in
            try insert.bind(token.id)
            try insert.bind(token.name)
            try insert.bind(token.role.rawValue)
            try insert.bind(token.hash)
            try insert.bind(token.createdAt)
            try insert.run()
        }
    }

    /// Notes that a token was used.
    func noteUse(ofToken id: String, at now: Timestamp) throws(SQLiteError) {
        try connection.withStatement(
            "UPDATE admin_tokens SET last_used_at = max(coalesce(last_used_at, 0), ?) WHERE id = ?"
        ) { (update) throws(SQLiteError) in
            try update.bind(now)
            try update.bind(id)
            try update.run()
        }
    }

    /// Removes a token, and the sessions that were signed in with it; false when there is none.
    func removeToken(_ id: String) throws(SQLiteError) -> Bool {
        for sql: StaticString in [
            "DELETE FROM sessions WHERE token_id = ?", "DELETE FROM admin_tokens WHERE id = ?",
        ] {
            try connection.withStatement(sql) { (delete) throws(SQLiteError) in
                try delete.bind(id)
                try delete.run()
            }
        }
        return connection.changesCount == 1
    }
}
