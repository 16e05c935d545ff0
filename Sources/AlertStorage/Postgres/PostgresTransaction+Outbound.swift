import AlertJSON
import Alerts
import Postgres

// Webhook endpoints, and what becomes owed to them.
extension PostgresTransaction {
    private static let columns = OutboundColumns.list(OutboundColumns.endpoint)
    private static let targets = PostgresText(
        "SELECT key, events FROM webhook_endpoints WHERE is_enabled ORDER BY key")
    private static let lock = PostgresText(
        "SELECT key FROM webhook_endpoints WHERE id = $1 FOR UPDATE")
    static let endpoints = PostgresText("\(record)")
    private static let endpoint = PostgresText("\(record) WHERE id = $1")
    private static let record = """
        SELECT key, fence, \(columns), sealed_secret, previous_sealed_secret FROM webhook_endpoints
        """
    private static let insertEndpoint = PostgresText(
        """
        INSERT INTO webhook_endpoints(\(columns), sealed_secret, held_until, fence)
        VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, 0, 0)
        """)
    private static let updateEndpoint = PostgresText(
        """
        UPDATE webhook_endpoints SET \
        \(OutboundColumns.endpoint.enumerated().map { "\($1) = $\($0 + 1)" }
            .joined(separator: ", "))
        WHERE id = $1
        """)
    private static let rotateSecret = PostgresText(
        """
        UPDATE webhook_endpoints SET sealed_secret = $2, previous_sealed_secret = $3 WHERE id = $1
        """)
    private static let removeEndpoint = PostgresText("DELETE FROM webhook_endpoints WHERE id = $1")
    private static let insertMessages = PostgresRows<NewMessage>(
        text: """
            INSERT INTO webhook_messages(
                endpoint_key, lot, event, alert_id, created_at, body, next_attempt_at, state,
                attempts)
            SELECT *, 'pending', 0 FROM ROWS
            """,
        columns: [
            .int("endpoint_key") { $0.endpointKey }, .int("lot") { $0.lot },
            .text("event") { $0.event.rawValue }, .text("alert_id") { $0.alertID?.text },
            .int("created_at") { $0.at.milliseconds }, .text("body") { $0.body },
            .int("next_attempt_at") { $0.at.milliseconds },
        ])
    private static let release = PostgresText(
        "UPDATE webhook_endpoints SET held_until = 0 WHERE key = $1")

    /// Makes owed what the endpoints are to hear of what this transaction changes.
    func tellTargets() async throws(PostgresError) {
        let told = alerts.told
        guard !told.isEmpty else { return }
        let targets: [OutboundTarget]
        if let known = core.targets.known {
            targets = known
        } else {
            targets = try await readTargets()
        }
        guard !targets.isEmpty else { return }
        var messages: [NewMessage] = []
        for (event, subject) in told {
            let keys = targets.filter { $0.events.contains(event) }.map(\.key)
            guard !keys.isEmpty else { continue }
            let moment = event.moment(of: subject)
            let body = OutboundBody.text(event, at: moment, subject)
            messages += keys.map {
                NewMessage(
                    endpointKey: $0, event: event, alertID: subject.alert.id, at: moment,
                    body: body)
            }
        }
        add(messages)
    }

    /// Adds messages that are due at once.
    func add(_ messages: [NewMessage]) {
        guard let query = Self.insertMessages.query(messages) else { return }
        hasNewMessages = true
        add(query)
    }

    private func readTargets() async throws(PostgresError) -> [OutboundTarget] {
        let ticket = core.targets.ticket
        let found = try await run([PostgresQuery(Self.targets)])[0]
        let targets = found.rows.map { row in
            var row = row
            let key = row.readInt64()
            return OutboundTarget(key: key, events: OutboundColumns.events(in: row.readText()))
        }
        core.targets.keep(targets, ticket)
        return targets
    }

    /// Locks and reads an endpoint.
    func lock(_ id: EndpointID) async throws(PostgresError) -> EndpointRecord? {
        let name = [PostgresValue.text(id.text)]
        let results = try await run([
            PostgresQuery(Self.lock, name), PostgresQuery(Self.endpoint, name),
        ])
        guard var row = results[1].first else { return nil }
        return row.readEndpointRecord()
    }

    /// Adds an endpoint.
    func insert(_ endpoint: OutboundEndpoint, sealedSecret: [UInt8]) {
        add(PostgresQuery(Self.insertEndpoint, endpoint.values + [.bytes(sealedSecret)]))
        changeDirectory()
    }

    /// Writes an endpoint over, its secrets aside.
    func update(_ endpoint: OutboundEndpoint, over before: OutboundEndpoint) {
        guard endpoint != before else { return }
        add(PostgresQuery(Self.updateEndpoint, endpoint.values))
        if endpoint.isEnabled != before.isEnabled || endpoint.events != before.events {
            changeDirectory()
        }
    }

    /// Changes an endpoint; one that is enabled again is worked for at once.
    func change(
        _ id: EndpointID, _ change: EndpointChange, at now: Timestamp
    ) async throws(PostgresError) -> OutboundEndpoint? {
        guard let record = try await lock(id) else { return nil }
        let changed = change.applied(to: record.endpoint, at: now)
        update(changed, over: record.endpoint)
        if changed.failuresCount < record.endpoint.failuresCount || change.isEnabled == true {
            add(PostgresQuery(Self.release, [.int(record.key)]))
            bringForward(record.key, beyond: Timestamp(milliseconds: 0))
            hasNewMessages = true
        }
        return changed
    }

    /// Puts another secret in place of an endpoint's, and keeps that one for a while.
    func rotate(
        _ id: EndpointID, to sealedSecret: [UInt8], overlapEndsAt end: Timestamp,
        at now: Timestamp
    ) async throws(PostgresError) -> OutboundEndpoint? {
        guard let record = try await lock(id) else { return nil }
        var changed = record.endpoint
        changed.secretCreatedAt = now
        changed.previousSecretEndsAt = end > now ? end : nil
        changed.updatedAt = now
        update(changed, over: record.endpoint)
        let previous = end > now ? record.sealed.current : nil
        add(
            PostgresQuery(
                Self.rotateSecret,
                [.text(id.text), .bytes(sealedSecret), .bytes(ifAny: previous)]))
        changeDirectory()
        return changed
    }

    /// Removes an endpoint; its messages go later.
    func removeEndpoint(_ id: EndpointID) async throws(PostgresError) -> Bool {
        let result = try await run([PostgresQuery(Self.removeEndpoint, [.text(id.text)])])[0]
        guard result.changesCount == 1 else { return false }
        changeDirectory()
        return true
    }
}

extension OutboundEndpoint {
    /// In the order of the columns.
    fileprivate var values: [PostgresValue] {
        [
            .text(id.text), .text(name), .text(url), .text(OutboundColumns.text(events)),
            .bool(isEnabled), .text(ifAny: disabledReason?.rawValue), .int(Int64(failuresCount)),
            .int(ifAny: failingSince?.milliseconds), .int(ifAny: lastSuccessAt?.milliseconds),
            .int(secretCreatedAt.milliseconds), .int(ifAny: previousSecretEndsAt?.milliseconds),
            .int(createdAt.milliseconds), .int(updatedAt.milliseconds),
        ]
    }
}

extension PostgresRow {
    /// Reads the columns of an endpoint with its secrets.
    mutating func readEndpointRecord() -> EndpointRecord {
        let (key, fence) = (readInt64(), readInt64())
        let (id, name, url) = (EndpointID(readText()), readText(), readText())
        let events = OutboundColumns.events(in: readText())
        let (isEnabled, reason) = (readBool(), readTextIfAny())
        let (failures, failingSince) = (Int(readInt64()), readTimeIfAny())
        let (success, secretCreatedAt) = (readTimeIfAny(), readTime())
        let previousEnd = readTimeIfAny()
        var endpoint = OutboundEndpoint(
            id: id, name: name, url: url, events: events, at: readTime())
        endpoint.isEnabled = isEnabled
        endpoint.disabledReason = reason.flatMap {
            OutboundEndpoint.DisabledReason(rawValue: $0)
        }
        (endpoint.failuresCount, endpoint.failingSince) = (failures, failingSince)
        (endpoint.lastSuccessAt, endpoint.secretCreatedAt) = (success, secretCreatedAt)
        endpoint.previousSecretEndsAt = previousEnd
        endpoint.updatedAt = readTime()
        let sealed = SealedSecrets(id: id, current: readBlob(), previous: readBlobIfAny())
        return EndpointRecord(key: key, fence: fence, endpoint: endpoint, sealed: sealed)
    }
}
