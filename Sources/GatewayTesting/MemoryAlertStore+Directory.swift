package import Alerts

extension MemoryAlertStore: DirectoryStore {
    /// All integrations, by name.
    package func integrations() throws(StoreError) -> [Integration] {
        try begin()
        return integrationsByID.values.map(\.integration)
            .sorted { ($0.name, $0.id) < ($1.name, $1.id) }
    }

    /// Adds an integration.
    package func insert(_ integration: Integration, key: APIKey) throws(StoreError) {
        try begin()
        guard integrationsByID[integration.id] == nil else {
            throw StoreError(.conflict, "There is an integration \(integration.id) already.")
        }
        integrationsByID[integration.id] = (integration, key)
        integrationNumbers[integration.id] = takeNumber()
        audit(.done)
    }

    /// Writes an integration over `before`; its key stays unless a new one is given.
    package func update(
        _ integration: Integration, over before: Integration, key: APIKey?
    ) throws(StoreError) -> Bool {
        try begin()
        guard let stored = integrationsByID[integration.id] else {
            throw StoreError(.conflict, "There is no integration \(integration.id).")
        }
        guard stored.integration == before else { return false }
        integrationsByID[integration.id] = (integration, key ?? stored.key)
        integrationNumbers[integration.id] = takeNumber()
        audit(.done)
        return true
    }

    /// Removes an integration that no source belongs to and no close is owed for.
    package func removeIntegration(_ id: IntegrationID) throws(StoreError) -> IntegrationRemoval {
        try begin()
        guard integrationsByID[id] != nil else { return .notFound }
        let removal = removal(of: id)
        audit(removal.auditOutcome)
        guard removal == .removed else { return removal }
        integrationsByID[id] = nil
        allCanaries[id] = nil
        integrationNumbers[id] = takeNumber()
        return .removed
    }

    private func removal(of id: IntegrationID) -> IntegrationRemoval {
        let sourcesCount = sourcesByID.values.count {
            $0.integrationID == id && !removedSources.contains($0.id)
        }
        guard sourcesCount == 0 else { return .hasSources(count: sourcesCount) }
        let owedCount = allCloses.count {
            !$0.state.isEnded && integration(of: $0.alertID)?.id == id
        }
        return owedCount == 0 ? .removed : .owesCloses(count: owedCount)
    }

    /// The key of an integration.
    package func apiKey(of id: IntegrationID) throws(StoreError) -> APIKey? {
        try begin()
        return integrationsByID[id]?.key
    }

    /// All sources, by name.
    package func sources() throws(StoreError) -> [Source] {
        try begin()
        return sourcesByID.values.filter { !removedSources.contains($0.id) }
            .sorted { ($0.name, $0.id) < ($1.name, $1.id) }
    }

    /// Adds a source.
    package func insert(_ source: Source) throws(StoreError) {
        try begin()
        guard sourcesByID[source.id] == nil else {
            throw StoreError(.conflict, "There is a source \(source.id) already.")
        }
        guard integrationsByID[source.integrationID] != nil else {
            throw StoreError(.conflict, "There is no integration \(source.integrationID).")
        }
        sourcesByID[source.id] = source
        audit(.done)
    }

    /// Writes a source's name, switches and secrets over `before`; counts and times of use stay.
    package func update(_ source: Source, over before: Source) throws(StoreError) -> Bool {
        try begin()
        guard let stored = sourcesByID[source.id], !removedSources.contains(source.id) else {
            throw StoreError(.conflict, "There is no source \(source.id).")
        }
        guard stored.definition == before.definition else { return false }
        var written = source
        written.deliveryCount = stored.deliveryCount
        written.lastDeliveryAt = stored.lastDeliveryAt
        for index in written.secrets.indices {
            let before = stored.secrets.first { $0.id == written.secrets[index].id }
            written.secrets[index].lastUsedAt = before?.lastUsedAt
        }
        sourcesByID[source.id] = written
        audit(.done)
        return true
    }

    /// Takes a source out of use; its alerts stay.
    package func removeSource(_ id: SourceID, at now: Timestamp) throws(StoreError) -> Bool {
        try begin()
        guard sourcesByID[id] != nil else { return false }
        guard removedSources.insert(id).inserted else { return false }
        audit(.done)
        return true
    }

    /// What webhooks to endpoints are signed with.
    package func signingSecrets() throws(StoreError) -> [SigningSecret] {
        try begin()
        return endpointRows.values.flatMap { [$0.secret] + ($0.previousSecret.map { [$0] } ?? []) }
    }
}

extension DirectoryStore {
    /// Writes an integration over, whatever it is.
    package func update(_ integration: Integration, key: APIKey?) async throws(StoreError) {
        let stored = try await integrations().first { $0.id == integration.id }
        _ = try await update(integration, over: stored ?? integration, key: key)
    }

    /// Writes a source over, whatever it is.
    package func update(_ source: Source) async throws(StoreError) {
        let stored = try await sources().first { $0.id == source.id }
        _ = try await update(source, over: stored ?? source)
    }
}
