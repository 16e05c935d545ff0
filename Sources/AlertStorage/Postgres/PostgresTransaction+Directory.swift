import Alerts
import Postgres

extension PostgresTransaction {
    private static let integrationColumns = [
        "id", "name", "region", "base_url", "environment_id", "environments", "key_suffix",
        "key_expires_at", "state", "state_reason", "checked_at", "created_at", "updated_at",
    ]
    static let integrations = PostgresText(
        "SELECT \(integrationColumns.joined(separator: ", ")) FROM integrations")
    private static let integration = PostgresText(
        "SELECT \(integrationColumns.joined(separator: ", ")) FROM integrations WHERE id = $1")
    private static let insertIntegration = PostgresText(
        """
        INSERT INTO integrations(\(integrationColumns.joined(separator: ", ")), \
        sealed_key, sequence)
        VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, nextval('changes'))
        """)
    private static let updateIntegration = PostgresText(
        """
        UPDATE integrations SET \
        \(integrationColumns.enumerated().map { "\($1) = $\($0 + 1)" }.joined(separator: ", ")),
            sealed_key = coalesce($14::bytea, sealed_key), sequence = nextval('changes')
        WHERE id = $1
        """)
    private static let lockIntegration = PostgresText(
        "SELECT key FROM integrations WHERE id = $1 FOR UPDATE")
    private static let sourcesOf = PostgresText(
        """
        SELECT count(*) FROM sources WHERE removed_at IS NULL AND integration_key =
            (SELECT key FROM integrations WHERE id = $1)
        """)
    private static let owedOf = PostgresText(
        """
        SELECT count(*) FROM closes WHERE state IN ('pending', 'sending', 'sent')
            AND integration_key = (SELECT key FROM integrations WHERE id = $1)
        """)
    private static let noteRemoval = PostgresText(
        "INSERT INTO removed_integrations VALUES (nextval('changes'), $1)")
    static let changedIntegrations = PostgresText(
        """
        SELECT sequence, \(integrationColumns.joined(separator: ", ")) FROM integrations
        WHERE sequence > $1 AND sequence <= $2 ORDER BY sequence LIMIT $3::bigint
        """)
    private static let removeIntegration = PostgresText("DELETE FROM integrations WHERE id = $1")

    /// Adds an integration with its sealed key.
    func insert(_ integration: Integration, sealedKey: [UInt8]) {
        add(PostgresQuery(Self.insertIntegration, integration.values + [.bytes(sealedKey)]))
        changeDirectory()
    }

    /// Writes an integration over; no `sealedKey` leaves its key.
    ///
    /// - Returns: Whether it was still as it was `before`; `nil` when there is none.
    func update(
        _ integration: Integration, over before: Integration, sealedKey: [UInt8]?
    ) async throws(PostgresError) -> Bool? {
        let name = [PostgresValue.text(integration.id.text)]
        let found = try await run([
            PostgresQuery(Self.lockIntegration, name), PostgresQuery(Self.integration, name),
        ])
        guard var row = found[1].first else { return nil }
        guard try row.readIntegration(core.documents) == before else { return false }
        let values = integration.values + [.bytes(ifAny: sealedKey)]
        add(PostgresQuery(Self.updateIntegration, values))
        changeDirectory()
        return true
    }

    /// Removes an integration that nothing depends on.
    func removeIntegration(_ id: IntegrationID) async throws(PostgresError) -> IntegrationRemoval {
        let name = [PostgresValue.text(id.text)]
        let results = try await run([
            PostgresQuery(Self.lockIntegration, name), PostgresQuery(Self.sourcesOf, name),
            PostgresQuery(Self.owedOf, name),
        ])
        guard results[0].count == 1 else { return .notFound }
        if let count = results[1].numbers.first, count > 0 { return .hasSources(count: Int(count)) }
        if let count = results[2].numbers.first, count > 0 { return .owesCloses(count: Int(count)) }
        add(PostgresQuery(PostgresStore.removeCanary, name))
        add(PostgresQuery(Self.removeIntegration, name))
        add(PostgresQuery(Self.noteRemoval, name))
        changeDirectory()
        return .removed
    }

    private static let insertSource = PostgresText(
        """
        INSERT INTO sources(
            id, integration_key, name, is_enabled, last_delivery_at, delivery_count, created_at,
            updated_at, is_watched_for_quiet)
        SELECT $1::text, key, $3::text, $4::boolean, $5::bigint, $6::bigint, $7::bigint,
            $8::bigint, $9::boolean
        FROM integrations WHERE id = $2
        """)
    /// Webhooks that name the source don't wait for it, nor it for them.
    private static let lockSource = PostgresText(
        "SELECT key FROM sources WHERE id = $1 FOR NO KEY UPDATE")
    private static let source = PostgresText(
        """
        SELECT s.id, i.id, s.name, s.is_enabled, s.last_delivery_at, s.delivery_count,
            s.created_at, s.updated_at, s.is_watched_for_quiet
        FROM sources s JOIN integrations i ON i.key = s.integration_key
        WHERE s.id = $1 AND s.removed_at IS NULL
        """)
    private static let secretsOf = PostgresText(
        """
        SELECT id, hash, created_at, expires_at, last_used_at FROM source_secrets
        WHERE source_key = (SELECT key FROM sources WHERE id = $1) ORDER BY position
        """)
    private static let updateSource = PostgresText(
        """
        UPDATE sources SET name = $2, is_enabled = $3, updated_at = $4, is_watched_for_quiet = $5
        WHERE id = $1
        """)
    private static let retireSource = PostgresText(
        "UPDATE sources SET removed_at = $2 WHERE id = $1 AND removed_at IS NULL")
    private static let removeSecrets = PostgresText(
        """
        DELETE FROM source_secrets
        WHERE source_key = (SELECT key FROM sources WHERE id = $1) AND id <> ALL($2::text[])
        """)
    private static let forgetUses = PostgresText(
        "DELETE FROM secret_uses WHERE source_key = (SELECT key FROM sources WHERE id = $1)")
    private static let forgetTraffic = PostgresText(
        "DELETE FROM source_traffic WHERE source_key = (SELECT key FROM sources WHERE id = $1)")
    private static let writeSecret = PostgresText(
        """
        INSERT INTO source_secrets(id, source_key, position, hash, created_at, expires_at)
        SELECT $2::text, key, $3::bigint, $4::bytea, $5::bigint, $6::bigint
        FROM sources WHERE id = $1
        ON CONFLICT (id) DO UPDATE SET position = excluded.position,
            expires_at = excluded.expires_at
        """)

    /// Adds a source.
    ///
    /// - Returns: Whether its integration exists.
    func insert(_ source: Source) async throws(PostgresError) -> Bool {
        let values: [PostgresValue] = [
            .text(source.id.text), .text(source.integrationID.text), .text(source.name),
            .bool(source.isEnabled), .int(ifAny: source.lastDeliveryAt?.milliseconds),
            .int(Int64(source.deliveryCount)), .int(source.createdAt.milliseconds),
            .int(source.updatedAt.milliseconds), .bool(source.isWatchedForQuiet),
        ]
        let result = try await run([PostgresQuery(Self.insertSource, values)])[0]
        guard result.changesCount == 1 else { return false }
        writeSecrets(of: source)
        return true
    }

    /// Writes a source's name, switches and secrets over.
    ///
    /// - Returns: Whether it was still defined as `before`; `nil` when none is in use.
    func update(
        _ source: Source, over before: Source
    ) async throws(PostgresError) -> Bool? {
        let name = [PostgresValue.text(source.id.text)]
        let found = try await run([
            PostgresQuery(Self.lockSource, name), PostgresQuery(Self.source, name),
            PostgresQuery(Self.secretsOf, name),
        ])
        guard var row = found[1].first else { return nil }
        var secrets: [SourceSecret] = []
        for var secret in found[2].rows { secrets.append(secret.readSecret()) }
        let stored = row.readSource(secrets: secrets)
        guard stored.definition == before.definition else { return false }
        add(
            PostgresQuery(
                Self.updateSource,
                [
                    .text(source.id.text), .text(source.name), .bool(source.isEnabled),
                    .int(source.updatedAt.milliseconds), .bool(source.isWatchedForQuiet),
                ]))
        writeSecrets(of: source)
        return true
    }

    /// Takes a source out of use; its row stays for its alerts' sake.
    func removeSource(_ id: SourceID, at now: Timestamp) async throws(PostgresError) -> Bool {
        let values: [PostgresValue] = [.text(id.text), .int(now.milliseconds)]
        let result = try await run([PostgresQuery(Self.retireSource, values)])[0]
        guard result.changesCount == 1 else { return false }
        add(PostgresQuery(Self.removeSecrets, [.text(id.text), .texts([])]))
        add(PostgresQuery(Self.forgetUses, [.text(id.text)]))
        add(PostgresQuery(Self.forgetTraffic, [.text(id.text)]))
        changeDirectory()
        return true
    }

    private func writeSecrets(of source: Source) {
        defer { changeDirectory() }
        let kept = PostgresValue.texts(source.secrets.map(\.id.text))
        add(PostgresQuery(Self.removeSecrets, [.text(source.id.text), kept]))
        for (position, secret) in source.secrets.enumerated() {
            add(
                PostgresQuery(
                    Self.writeSecret,
                    [
                        .text(source.id.text), .text(secret.id.text), .int(Int64(position)),
                        .bytes(secret.hash), .int(secret.createdAt.milliseconds),
                        .int(ifAny: secret.expiresAt?.milliseconds),
                    ]))
        }
    }
}

extension Integration {
    /// In the order of the columns.
    fileprivate var values: [PostgresValue] {
        [
            .text(id.text), .text(name), .text(ifAny: endpoint.region), .text(endpoint.baseURL),
            .text(ifAny: environmentID), .text(StoredDocuments.environmentsText(environments)),
            .text(keySuffix), .int(ifAny: keyExpiresAt?.milliseconds), .text(state.rawValue),
            .text(ifAny: stateReason), .int(checkedAt.milliseconds), .int(createdAt.milliseconds),
            .int(updatedAt.milliseconds),
        ]
    }
}
