import Alerts
import JSON
import Postgres

extension PostgresRow {
    /// Reads the columns of an integration.
    mutating func readIntegration(
        _ documents: StoredDocuments
    ) throws(PostgresError) -> Integration {
        let (id, name) = (IntegrationID(readText()), readText())
        let endpoint = Integration.Endpoint(region: readTextIfAny(), baseURL: readText())
        let (environmentID, json) = (readTextIfAny(), readBlob())
        let environments = try readingJSON { () throws(JSONError) in
            try documents.environments(json)
        }
        let (suffix, expiresAt) = (readText(), readTimeIfAny())
        let state: IntegrationState = try readCase(of: "integrations.state")
        let (reason, checkedAt) = (readTextIfAny(), readTime())
        var integration = Integration(
            id: id, name: name, endpoint: endpoint, environmentID: environmentID,
            environments: environments, keySuffix: suffix, keyExpiresAt: expiresAt, at: readTime())
        integration.state = state
        integration.stateReason = reason
        integration.checkedAt = checkedAt
        integration.updatedAt = readTime()
        return integration
    }

    /// Reads a source's columns, from its id on.
    mutating func readSource(secrets: [SourceSecret]) -> Source {
        let (id, integrationID) = (SourceID(readText()), IntegrationID(readText()))
        let (name, isEnabled) = (readText(), readBool())
        let (lastDeliveryAt, deliveryCount) = (readTimeIfAny(), Int(readInt64()))
        let placeholder = SourceSecret(
            id: SecretID(""), hash: [], createdAt: Timestamp(milliseconds: 0))
        var source = Source(
            id: id, integrationID: integrationID, name: name, secret: placeholder, at: readTime())
        source.secrets = secrets
        source.isEnabled = isEnabled
        source.lastDeliveryAt = lastDeliveryAt
        source.deliveryCount = deliveryCount
        source.updatedAt = readTime()
        source.isWatchedForQuiet = readBool()
        return source
    }

    /// Reads a secret's columns, from its id on.
    mutating func readSecret() -> SourceSecret {
        var secret = SourceSecret(
            id: SecretID(readText()), hash: readBlob(), createdAt: readTime())
        secret.expiresAt = readTimeIfAny()
        secret.lastUsedAt = readTimeIfAny()
        return secret
    }

    /// Reads the columns of `PostgresReading.delivery`.
    mutating func readDelivery() throws(PostgresError) -> Delivery {
        let (id, receivedAt) = (DeliveryID(number: readInt64()), readTime())
        let sourceID = readTextIfAny().map { SourceID($0) }
        let secretID = readTextIfAny().map { SecretID($0) }
        let (outcome, reason) = (readText(), readTextIfAny())
        return Delivery(
            id: id, receivedAt: receivedAt, sourceID: sourceID, secretID: secretID,
            verdict: try Self.verdict(outcome, reason), incidentID: readTextIfAny(),
            alertID: readTextIfAny().map { AlertID($0) }, peer: readText(),
            bytes: Int(readInt64()), replayOf: readInt64IfAny().map { DeliveryID(number: $0) })
    }

    private static func verdict(
        _ outcome: String, _ reason: String?
    ) throws(PostgresError) -> Delivery.Verdict {
        guard let reason else {
            guard let outcome = Outcome(rawValue: outcome) else {
                throw PostgresError(unknown: outcome, in: "deliveries.outcome")
            }
            return .accepted(outcome)
        }
        guard let refusal = DeliveryRefusal(rawValue: reason) else {
            throw PostgresError(unknown: reason, in: "deliveries.reason")
        }
        return .refused(refusal)
    }
}
