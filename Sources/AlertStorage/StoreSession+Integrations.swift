import Alerts
import JSON
import SQLite

extension StoreSession {
    private static let columns = [
        "id", "name", "region", "base_url", "environment_id", "environments", "key_suffix",
        "key_expires_at", "state", "state_reason", "checked_at", "created_at", "updated_at",
    ]
    private static let select = SQLText(
        "SELECT \(columns.joined(separator: ", ")) FROM integrations")
    private static let insert = SQLText(
        """
        INSERT INTO integrations(\(columns.joined(separator: ", ")), sealed_key, sequence)
        VALUES (\(Columns.placeholders(columns.count + 2)))
        """)
    private static let update = SQLText(
        """
        UPDATE integrations SET \(Columns.assignments(columns)),
            sealed_key = coalesce(?, sealed_key), sequence = ?
        WHERE id = ?
        """)
    private static let changed = SQLText(
        """
        SELECT \(columns.joined(separator: ", ")), sequence FROM integrations
        WHERE sequence > ? ORDER BY sequence LIMIT ?
        """)

    /// All integrations, by name.
    func integrations() throws(SQLiteError) -> [Integration] {
        let found = try connection.withStatement(Self.select) { (select) throws(SQLiteError) in
            var found: [Integration] = []
            while try select.step() == .row { found.append(try readIntegration(&select)) }
            return found
        }
        return found.sorted { ($0.name, $0.id) < ($1.name, $1.id) }
    }

    /// Adds an integration with its sealed key.
    func insert(_ integration: Integration, sealedKey: [UInt8]) throws(SQLiteError) {
        let sequence = try takeSequence()
        try connection.withStatement(Self.insert) { (insert) throws(SQLiteError) in
            try bind(integration, to: &insert)
            try insert.bind(sealedKey)
            try insert.bind(sequence)
            try insert.run()
        }
    }

    /// Writes an integration over; no `sealedKey` leaves its key.
    ///
    /// - Returns: Whether it was still as it was `before`; `nil` when there is none.
    func update(
        _ integration: Integration, over before: Integration, sealedKey: [UInt8]?
    ) throws(SQLiteError) -> Bool? {
        let stored = try integrations().first { $0.id == integration.id }
        guard stored == before else { return stored.map { _ in false } }
        let sequence = try takeSequence()
        try connection.withStatement(Self.update) { (update) throws(SQLiteError) in
            try bind(integration, to: &update)
            try update.bind(sealedKey)
            try update.bind(sequence)
            try update.bind(integration.id.text)
            try update.run()
        }
        return true
    }

    /// Removes an integration that nothing depends on.
    func removeIntegration(_ id: IntegrationID) throws(SQLiteError) -> IntegrationRemoval {
        guard let key = try integrationKey(id) else { return .notFound }
        let sources = try dependents(
            of: key,
            "SELECT count(*) FROM sources WHERE integration_key = ? AND removed_at IS NULL")
        guard sources == 0 else { return .hasSources(count: sources) }
        let closes = try dependents(
            of: key,
            """
            SELECT count(*) FROM closes
            WHERE integration_key = ? AND state IN ('pending', 'sending', 'sent')
            """)
        guard closes == 0 else { return .owesCloses(count: closes) }
        try removeCanary(of: id)
        try connection.withStatement("DELETE FROM integrations WHERE key = ?") {
            (delete) throws(SQLiteError) in
            try delete.bind(key)
            try delete.run()
        }
        let sequence = try takeSequence()
        try connection.withStatement("INSERT INTO removed_integrations VALUES (?, ?)") {
            (insert) throws(SQLiteError) in
            try insert.bind(sequence)
            try insert.bind(id.text)
            try insert.run()
        }
        return .removed
    }

    /// Integrations that changed after a number, those that were removed included.
    func changedIntegrations(after number: Int64, limit: Int) throws(SQLiteError) -> [Change] {
        let kept = try connection.withStatement(Self.changed) { (select) throws(SQLiteError) in
            try select.bind(number)
            try select.bind(limit)
            var found: [Change] = []
            while try select.step() == .row {
                let integration = try readIntegration(&select)
                found.append(Change(number: select.readInt64(), subject: .integration(integration)))
            }
            return found
        }
        let removed = try connection.withStatement(
            "SELECT sequence, id FROM removed_integrations WHERE sequence > ? ORDER BY 1 LIMIT ?"
        ) { (select) throws(SQLiteError) in
            try select.bind(number)
            try select.bind(limit)
            var found: [Change] = []
            while try select.step() == .row {
                let number = select.readInt64()
                let id = IntegrationID(select.readText())
                found.append(Change(number: number, subject: .removedIntegration(id)))
            }
            return found
        }
        return kept + removed
    }

    /// The sealed key of an integration.
    func sealedKey(of id: IntegrationID) throws(SQLiteError) -> [UInt8]? {
        try connection.withStatement("SELECT sealed_key FROM integrations WHERE id = ?") {
            (select) throws(SQLiteError) in
            try select.bind(id.text)
            return try select.step() == .row ? select.blob(at: 0) : nil
        }
    }

    /// The row keys and ids of the integrations that aren't paused.
    func integrationsAtWork() throws(SQLiteError) -> [(key: Int64, id: IntegrationID)] {
        try connection.withStatement("SELECT key, id, state FROM integrations") {
            (select) throws(SQLiteError) in
            var found: [(key: Int64, id: IntegrationID)] = []
            while try select.step() == .row {
                let (key, id) = (select.readInt64(), IntegrationID(select.readText()))
                let state: IntegrationState = try select.readCase(of: "integrations.state")
                if !state.isPaused { found.append((key, id)) }
            }
            return found
        }
    }

    /// The row key of an integration.
    func integrationKey(_ id: IntegrationID) throws(SQLiteError) -> Int64? {
        try connection.withStatement("SELECT key FROM integrations WHERE id = ?") {
            (select) throws(SQLiteError) in
            try select.bind(id.text)
            return try select.step() == .row ? select.int64(at: 0) : nil
        }
    }

    private func dependents(of key: Int64, _ sql: StaticString) throws(SQLiteError) -> Int {
        try connection.withStatement(sql) { (select) throws(SQLiteError) in
            try select.bind(key)
            return try select.step() == .row ? Int(select.int64(at: 0)) : 0
        }
    }

    private func readIntegration(
        _ row: inout SQLiteStatement
    ) throws(SQLiteError) -> Integration {
        let (id, name) = (IntegrationID(row.readText()), row.readText())
        let endpoint = Integration.Endpoint(region: row.readTextIfAny(), baseURL: row.readText())
        let environmentID = row.readTextIfAny()
        let json = row.readBlob()
        let environments = try document { (documents) throws(JSONError) in
            try documents.environments(json)
        }
        let (suffix, expiresAt) = (row.readText(), row.readTimeIfAny())
        let state: IntegrationState = try row.readCase(of: "integrations.state")
        let (reason, checkedAt) = (row.readTextIfAny(), row.readTime())
        var integration = Integration(
            id: id, name: name, endpoint: endpoint, environmentID: environmentID,
            environments: environments, keySuffix: suffix, keyExpiresAt: expiresAt,
            at: row.readTime())
        integration.state = state
        integration.stateReason = reason
        integration.checkedAt = checkedAt
        integration.updatedAt = row.readTime()
        return integration
    }

    private func bind(
        _ integration: Integration, to statement: inout SQLiteStatement
    ) throws(SQLiteError) {
        try statement.bind(integration.id.text)
        try statement.bind(integration.name)
        try statement.bind(integration.endpoint.region)
        try statement.bind(integration.endpoint.baseURL)
        try statement.bind(integration.environmentID)
        try statement.bind(StoredDocuments.environmentsText(integration.environments))
        try statement.bind(integration.keySuffix)
        try statement.bind(integration.keyExpiresAt)
        try statement.bind(integration.state.rawValue)
        try statement.bind(integration.stateReason)
        try statement.bind(integration.checkedAt)
        try statement.bind(integration.createdAt)
        try statement.bind(integration.updatedAt)
    }
}
