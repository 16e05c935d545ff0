package import Alerts
import SQLite

extension SQLiteStore: DirectoryStore {
    /// All integrations, by name.
    package func integrations() async throws(StoreError) -> [Integration] {
        try await read("Reading integrations") { (session) throws(SQLiteError) in
            try session.integrations()
        }
    }

    /// Adds an integration and seals its key.
    package func insert(_ integration: Integration, key: APIKey) async throws(StoreError) {
        let sealedKey = try sealer.seal(key, for: integration.id)
        try await write("Adding an integration") { (session) throws(SQLiteError) in
            try session.insert(integration, sealedKey: sealedKey)
            try session.audit(.done)
        }
    }

    /// Writes an integration over `before`; its key stays unless a new one is given.
    package func update(
        _ integration: Integration, over before: Integration, key: APIKey?
    ) async throws(StoreError) -> Bool {
        var sealedKey: [UInt8]?
        if let key { sealedKey = try sealer.seal(key, for: integration.id) }
        let isWritten = try await write("Changing an integration") {
            [sealedKey] (session) throws(SQLiteError) in
            let isWritten = try session.update(integration, over: before, sealedKey: sealedKey)
            if isWritten == true { try session.audit(.done) }
            return isWritten
        }
        guard let isWritten else {
            throw StoreError(.conflict, "There is no integration \(integration.id).")
        }
        return isWritten
    }

    /// Removes an integration that no source belongs to and no close is owed for.
    package func removeIntegration(
        _ id: IntegrationID
    ) async throws(StoreError) -> IntegrationRemoval {
        try await write("Removing an integration") { (session) throws(SQLiteError) in
            let removal = try session.removeIntegration(id)
            if removal != .notFound { try session.audit(removal.auditOutcome) }
            return removal
        }
    }

    /// The key of an integration, unsealed.
    package func apiKey(of id: IntegrationID) async throws(StoreError) -> APIKey? {
        let sealedKey = try await read("Reading an API key") { (session) throws(SQLiteError) in
            try session.sealedKey(of: id)
        }
        guard let sealedKey else { return nil }
        return try sealer.open(sealedKey, for: id)
    }

    /// All sources, by name.
    package func sources() async throws(StoreError) -> [Source] {
        try await read("Reading sources") { (session) throws(SQLiteError) in
            try session.sources()
        }
    }

    /// Adds a source.
    package func insert(_ source: Source) async throws(StoreError) {
        let hasIntegration = try await write("Adding a source") { (session) throws(SQLiteError) in
            let hasIntegration = try session.insert(source)
            if hasIntegration { try session.audit(.done) }
            return hasIntegration
        }
        guard hasIntegration else {
            throw StoreError(.conflict, "There is no integration \(source.integrationID).")
        }
    }

    /// Writes a source's name, switches and secrets over `before`; counts and times of use stay.
    package func update(
        _ source: Source, over before: Source
    ) async throws(StoreError) -> Bool {
        let isWritten = try await write("Changing a source") { (session) throws(SQLiteError) in
            let isWritten = try session.update(source, over: before)
            if isWritten == true { try session.audit(.done) }
            return isWritten
        }
        guard let isWritten else {
            throw StoreError(.conflict, "There is no source \(source.id).")
        }
        return isWritten
    }

    /// Takes a source out of use; its alerts stay, and the closes they owe are still made.
    package func removeSource(
        _ id: SourceID, at now: Timestamp
    ) async throws(StoreError) -> Bool {
        try await write("Removing a source") { (session) throws(SQLiteError) in
            let isRemoved = try session.removeSource(id, at: now)
            if isRemoved { try session.audit(.done) }
            return isRemoved
        }
    }

    /// What webhooks to endpoints are signed with.
    package func signingSecrets() async throws(StoreError) -> [SigningSecret] {
        try await read("Reading signing secrets") { (session) throws(SQLiteError) in
            try session.endpointRecords().map(\.sealed)
        }.flatMap { $0.opened(by: sealer) }
    }
}
