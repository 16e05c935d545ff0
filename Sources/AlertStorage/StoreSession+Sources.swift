import Alerts
import SQLite

extension StoreSession {
    /// All sources in use, or the one called `id`, by name.
    func sources(_ id: SourceID? = nil) throws(SQLiteError) -> [Source] {
        var secrets = try secretsBySource(id)
        let found = try connection.withStatement(
            """
            SELECT s.key, s.id, i.id, s.name, s.is_enabled, s.last_delivery_at, s.delivery_count,
                s.created_at, s.updated_at, s.is_watched_for_quiet
            FROM sources s JOIN integrations i ON i.key = s.integration_key
            WHERE s.removed_at IS NULL AND (s.id = ?1 OR ?1 IS NULL)
            """
        ) { (select) throws(SQLiteError) in
            try select.bind(id?.text)
            var found: [Source] = []
            while try select.step() == .row {
                let own = secrets.removeValue(forKey: select.readInt64()) ?? []
                found.append(readSource(&select, secrets: own))
            }
            return found
        }
        return found.sorted { ($0.name, $0.id) < ($1.name, $1.id) }
    }

    /// Adds a source.
    ///
    /// - Returns: Whether its integration exists.
    func insert(_ source: Source) throws(SQLiteError) -> Bool {
        guard let integrationKey = try integrationKey(source.integrationID) else { return false }
        try connection.withStatement(
            """
            INSERT INTO sources(
                id, integration_key, name, is_enabled, last_delivery_at, delivery_count,
                created_at, updated_at, is_watched_for_quiet)
            VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)
            """
        ) { (insert) throws(SQLiteError) in
            try insert.bind(source.id.text)
            try insert.bind(integrationKey)
            try insert.bind(source.name)
            try insert.bind(source.isEnabled)
            try insert.bind(source.lastDeliveryAt)
            try insert.bind(source.deliveryCount)
            try insert.bind(source.createdAt)
            try insert.bind(source.updatedAt)
            try insert.bind(source.isWatchedForQuiet)
            try insert.run()
        }
        try writeSecrets(of: source, key: connection.lastInsertRowID)
        return true
    }

    /// Writes a source's name, switches and secrets over.
    ///
    /// - Returns: Whether it was still defined as `before`; `nil` when none is in use.
    func update(_ source: Source, over before: Source) throws(SQLiteError) -> Bool? {
        guard let key = try sourceKey(source.id), let stored = try sources(source.id).first else {
            return nil
        }
        guard stored.definition == before.definition else { return false }
        try connection.withStatement(
            """
            UPDATE sources SET name = ?, is_enabled = ?, updated_at = ?, is_watched_for_quiet = ?
            WHERE key = ?
            """
        ) { (update) throws(SQLiteError) in
            try update.bind(source.name)
            try update.bind(source.isEnabled)
            try update.bind(source.updatedAt)
            try update.bind(source.isWatchedForQuiet)
            try update.bind(key)
            try update.run()
        }
        try writeSecrets(of: source, key: key)
        return true
    }

    /// Takes a source out of use; its row stays for its alerts' sake.
    func removeSource(_ id: SourceID, at now: Timestamp) throws(SQLiteError) -> Bool {
        guard let key = try sourceKey(id) else { return false }
        try connection.withStatement(
            "UPDATE sources SET removed_at = ? WHERE key = ? AND removed_at IS NULL"
        ) { (update) throws(SQLiteError) in
            try update.bind(now)
            try update.bind(key)
            try update.run()
        }
        guard connection.changesCount == 1 else { return false }
        try removeSecrets(ofSource: key, but: [])
        try removeTraffic(ofSource: key)
        return true
    }

    /// The row key of a source, one out of use included.
    func sourceKey(_ id: SourceID) throws(SQLiteError) -> Int64? {
        try connection.withStatement("SELECT key FROM sources WHERE id = ?") {
            (select) throws(SQLiteError) in
            try select.bind(id.text)
            return try select.step() == .row ? select.int64(at: 0) : nil
        }
    }

    /// Counts webhooks that were taken in.
    func countDeliveries(
        _ count: Int, lastAt: Timestamp, sourceKey: Int64
    ) throws(SQLiteError) {
        try connection.withStatement(
            """
            UPDATE sources SET delivery_count = delivery_count + ?, last_delivery_at = ?
            WHERE key = ?
            """
        ) { (update) throws(SQLiteError) in
            try update.bind(count)
            try update.bind(lastAt)
            try update.bind(sourceKey)
            try update.run()
        }
    }

    /// Notes when a secret was last used.
    func noteUse(of secret: SecretID, at moment: Timestamp) throws(SQLiteError) {
        try connection.withStatement("UPDATE source_secrets SET last_used_at = ? WHERE id = ?") {
            (update) throws(SQLiteError) in
            try update.bind(moment)
            try update.bind(secret.text)
            try update.run()
        }
    }

    private func writeSecrets(of source: Source, key: Int64) throws(SQLiteError) {
        try removeSecrets(ofSource: key, but: Set(source.secrets.map(\.id)))
        for (position, secret) in source.secrets.enumerated() {
            try connection.withStatement(
                """
                INSERT INTO source_secrets(id, source_key, position, hash, created_at, expires_at)
                VALUES (?, ?, ?, ?, ?, ?)
                ON CONFLICT(id) DO UPDATE SET position = excluded.position,
                    expires_at = excluded.expires_at
                """
            ) { (insert) throws(SQLiteError) in
                try insert.bind(secret.id.text)
                try insert.bind(key)
                try insert.bind(position)
                try insert.bind(secret.hash)
                try insert.bind(secret.createdAt)
                try insert.bind(secret.expiresAt)
                try insert.run()
            }
        }
    }

    private func removeSecrets(
        ofSource key: Int64, but kept: Set<SecretID>
    ) throws(SQLiteError) {
        let stored = try connection.withStatement(
            "SELECT id FROM source_secrets WHERE source_key = ?"
        ) { (select) throws(SQLiteError) in
            try select.bind(key)
            var stored: [SecretID] = []
            while try select.step() == .row { stored.append(SecretID(select.text(at: 0))) }
            return stored
        }
        for id in stored where !kept.contains(id) {
            try connection.withStatement("DELETE FROM source_secrets WHERE id = ?") {
                (delete) throws(SQLiteError) in
                try delete.bind(id.text)
                try delete.run()
            }
        }
    }

    private func secretsBySource(
        _ id: SourceID?
    ) throws(SQLiteError) -> [Int64: [SourceSecret]] {
        try connection.withStatement(
            """
            SELECT source_key, id, hash, created_at, expires_at, last_used_at FROM source_secrets
            WHERE source_key = (SELECT key FROM sources WHERE id = ?1) OR ?1 IS NULL
            ORDER BY source_key, position
            """
        ) { (select) throws(SQLiteError) in
            try select.bind(id?.text)
            var secrets: [Int64: [SourceSecret]] = [:]
            while try select.step() == .row {
                let key = select.readInt64()
                var secret = SourceSecret(
                    id: SecretID(select.readText()), hash: select.readBlob(),
                    createdAt: select.readTime())
                secret.expiresAt = select.readTimeIfAny()
                secret.lastUsedAt = select.readTimeIfAny()
                secrets[key, default: []].append(secret)
            }
            return secrets
        }
    }
}

/// Reads a source's columns, from its id on.
private func readSource(_ row: inout SQLiteStatement, secrets: [SourceSecret]) -> Source {
    let (id, integrationID) = (SourceID(row.readText()), IntegrationID(row.readText()))
    let (name, isEnabled) = (row.readText(), row.readBool())
    let (lastDeliveryAt, deliveryCount) = (row.readTimeIfAny(), Int(row.readInt64()))
    let placeholder = SourceSecret(id: SecretID(""), hash: [], createdAt: .init(milliseconds: 0))
    var source = Source(
        id: id, integrationID: integrationID, name: name, secret: placeholder,
        at: row.readTime())
    source.secrets = secrets
    source.isEnabled = isEnabled
    source.lastDeliveryAt = lastDeliveryAt
    source.deliveryCount = deliveryCount
    source.updatedAt = row.readTime()
    source.isWatchedForQuiet = row.readBool()
    return source
}
