package import Alerts
import EventLoop
import Postgres

extension PostgresStore: DirectoryStore {
    /// All integrations, by name.
    package func integrations() async throws(StoreError) -> [Integration] {
        try await core.integrations()
    }

    /// Adds an integration and seals its key.
    package func insert(_ integration: Integration, key: APIKey) async throws(StoreError) {
        let sealedKey = try sealer.seal(key, for: integration.id)
        try await core.write("Adding an integration") {
            (transaction) async throws(PostgresError) in
            transaction.insert(integration, sealedKey: sealedKey)
            transaction.audit(.done)
        }
    }

    /// Writes an integration over `before`; its key stays unless a new one is given.
    package func update(
        _ integration: Integration, over before: Integration, key: APIKey?
    ) async throws(StoreError) -> Bool {
        var sealedKey: [UInt8]?
        if let key { sealedKey = try sealer.seal(key, for: integration.id) }
        let isWritten = try await core.write("Changing an integration") {
            [sealedKey] (transaction) async throws(PostgresError) in
            let isWritten = try await transaction.update(
                integration, over: before, sealedKey: sealedKey)
            if isWritten == true { transaction.audit(.done) }
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
        try await core.write("Removing an integration") {
            (transaction) async throws(PostgresError) in
            let removal = try await transaction.removeIntegration(id)
            if removal != .notFound { transaction.audit(removal.auditOutcome) }
            return removal
        }
    }

    /// The key of an integration, unsealed.
    package func apiKey(of id: IntegrationID) async throws(StoreError) -> APIKey? {
        guard let sealedKey = try await core.sealedKey(of: id) else { return nil }
        return try sealer.open(sealedKey, for: id)
    }

    /// All sources, by name.
    package func sources() async throws(StoreError) -> [Source] { try await core.sources() }

    /// Adds a source.
    package func insert(_ source: Source) async throws(StoreError) {
        let hasIntegration = try await core.write("Adding a source") {
            (transaction) async throws(PostgresError) in
            let hasIntegration = try await transaction.insert(source)
            if hasIntegration { transaction.audit(.done) }
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
        let isWritten = try await core.write("Changing a source") {
            (transaction) async throws(PostgresError) in
            let isWritten = try await transaction.update(source, over: before)
            if isWritten == true { transaction.audit(.done) }
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
        try await core.write("Removing a source") { (transaction) async throws(PostgresError) in
            let isRemoved = try await transaction.removeSource(id, at: now)
            if isRemoved { transaction.audit(.done) }
            return isRemoved
        }
    }

    /// What webhooks to endpoints are signed with.
    package func signingSecrets() async throws(StoreError) -> [SigningSecret] {
        try await core.sealedSecrets().flatMap { $0.opened(by: sealer) }
    }
}

extension PostgresStore: DeliveryStore {
    /// Adds refused webhooks in one transaction, in order.
    package func record(_ refused: [RefusedDelivery]) async throws(StoreError) {
        try await core.write("Storing refused webhooks") {
            (transaction) async throws(PostgresError) in
            try await transaction.record(refused)
        }
    }

    /// Deliveries by filter, newest first.
    package func deliveries(
        _ query: DeliveryQuery
    ) async throws(StoreError) -> Page<Delivery> {
        try await core.deliveries(query)
    }

    /// One delivery with what was sent.
    package func delivery(_ id: DeliveryID) async throws(StoreError) -> KeptDelivery? {
        try await core.delivery(id)
    }

    /// Removes the oldest deliveries, in one transaction.
    package func pruneDeliveries(
        _ bound: JournalBound, limit: Int
    ) async throws(StoreError) -> Int {
        try await core.write("Pruning deliveries") { (transaction) async throws(PostgresError) in
            try await transaction.pruneDeliveries(bound, limit: limit)
        }
    }

    /// The bytes that the journal counts as stored.
    package func journalBytes() async throws(StoreError) -> Int {
        try await core.journalBytes()
    }
}
