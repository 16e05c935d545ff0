import AlertJSON
import Alerts
import SQLite

// Webhook endpoints, and what becomes owed to them.
extension StoreSession {
    private static let selectEndpoints = SQLText(
        """
        SELECT key, fence, \(OutboundColumns.list(OutboundColumns.endpoint)), sealed_secret,
            previous_sealed_secret
        FROM webhook_endpoints WHERE id = ?1 OR ?1 IS NULL
        """)
    private static let insertEndpoint = SQLText(
        """
        INSERT INTO webhook_endpoints(
            \(OutboundColumns.list(OutboundColumns.endpoint)), sealed_secret, held_until, fence)
        VALUES (\(Columns.placeholders(OutboundColumns.endpoint.count + 1)), 0, 0)
        """)
    private static let updateEndpoint = SQLText(
        """
        UPDATE webhook_endpoints
        SET \(Columns.assignments(Array(OutboundColumns.endpoint.dropFirst()))) WHERE key = ?
        """)
    private static let insertMessage = SQLText(
        """
        INSERT INTO webhook_messages(
            endpoint_key, lot, event, alert_id, created_at, body, state, attempts, next_attempt_at)
        VALUES (?, ?, ?, ?, ?, ?, 'pending', 0, ?)
        """)

    /// Makes owed what the endpoints are to hear of a change.
    func tellTargets(
        of subject: AlertMachine.Subject, over before: AlertMachine.Subject?
    ) throws(SQLiteError) {
        let targets: [OutboundTarget]
        if let known = self.targets {
            targets = known
        } else {
            targets = try endpointRecords().filter(\.endpoint.isEnabled).map {
                OutboundTarget(key: $0.key, events: $0.endpoint.events)
            }
            self.targets = targets
        }
        guard !targets.isEmpty else { return }
        for event in OutboundEvent.events(from: before, to: subject) {
            let keys = targets.filter { $0.events.contains(event) }.map(\.key)
            guard !keys.isEmpty else { continue }
            let moment = event.moment(of: subject)
            let body = OutboundBody.text(event, at: moment, subject)
            for key in keys {
                _ = try insert(
                    NewMessage(
                        endpointKey: key, event: event, alertID: subject.alert.id, at: moment,
                        body: body))
            }
        }
    }

    /// Adds a message that is due at once.
    func insert(_ message: NewMessage) throws(SQLiteError) -> OutboundMessage {
        try connection.withStatement(Self.insertMessage) { (insert) throws(SQLiteError) in
            try insert.bind(message.endpointKey)
            try insert.bind(message.lot)
            try insert.bind(message.event.rawValue)
            try insert.bind(message.alertID?.text)
            try insert.bind(message.at)
            try insert.bind(message.body)
            try insert.bind(message.at)
            try insert.run()
        }
        hasNewMessages = true
        return OutboundMessage(
            id: MessageID(number: connection.lastInsertRowID, lot: message.lot),
            event: message.event, alertID: message.alertID, at: message.at)
    }

    /// All endpoints, or the one called `id`.
    func endpointRecords(_ id: EndpointID? = nil) throws(SQLiteError) -> [EndpointRecord] {
        try connection.withStatement(Self.selectEndpoints) { (select) throws(SQLiteError) in
            try select.bind(id?.text)
            var found: [EndpointRecord] = []
            while try select.step() == .row {
                let (key, fence) = (select.readInt64(), select.readInt64())
                let endpoint = try readEndpoint(&select)
                let sealed = SealedSecrets(
                    id: endpoint.id, current: select.readBlob(), previous: select.readBlobIfAny())
                found.append(
                    EndpointRecord(key: key, fence: fence, endpoint: endpoint, sealed: sealed))
            }
            return found
        }
    }

    /// Adds an endpoint.
    func insert(
        _ endpoint: OutboundEndpoint, sealedSecret: [UInt8]
    ) throws(SQLiteError) {
        targets = nil
        try connection.withStatement(Self.insertEndpoint) { (insert) throws(SQLiteError) in
            try insert.bind(endpoint.id.text)
            try bind(endpoint, to: &insert)
            try insert.bind(sealedSecret)
            try insert.run()
        }
    }

    /// Writes an endpoint over, its secrets aside.
    func update(_ endpoint: OutboundEndpoint, key: Int64) throws(SQLiteError) {
        targets = nil
        try connection.withStatement(Self.updateEndpoint) { (update) throws(SQLiteError) in
            try bind(endpoint, to: &update)
            try update.bind(key)
            try update.run()
        }
    }

    /// Changes an endpoint; one that is enabled again is worked for at once.
    func change(
        _ id: EndpointID, _ change: EndpointChange, at now: Timestamp
    ) throws(SQLiteError) -> OutboundEndpoint? {
        guard let record = try endpointRecords(id).first else { return nil }
        let changed = change.applied(to: record.endpoint, at: now)
        try update(changed, key: record.key)
        if changed.failuresCount < record.endpoint.failuresCount || change.isEnabled == true {
            try release(record.key)
            try bringForward(record.key)
        }
        return changed
    }

    /// Puts another secret in place of an endpoint's, and keeps that one for a while.
    func rotate(
        _ id: EndpointID, to sealedSecret: [UInt8], overlapEndsAt end: Timestamp,
        at now: Timestamp
    ) throws(SQLiteError) -> OutboundEndpoint? {
        guard let record = try endpointRecords(id).first else { return nil }
        var changed = record.endpoint
        changed.secretCreatedAt = now
        changed.previousSecretEndsAt = end > now ? end : nil
        changed.updatedAt = now
        try update(changed, key: record.key)
        try connection.withStatement(
            """
            UPDATE webhook_endpoints SET sealed_secret = ?, previous_sealed_secret = ?
            WHERE key = ?
            """
        ) { (update) throws(SQLiteError) in
            try update.bind(sealedSecret)
            try update.bind(end > now ? record.sealed.current : nil)
            try update.bind(record.key)
            try update.run()
        }
        return changed
    }

    /// Removes an endpoint; its messages go later.
    func removeEndpoint(_ id: EndpointID) throws(SQLiteError) -> Bool {
        targets = nil
        try connection.withStatement("DELETE FROM webhook_endpoints WHERE id = ?") {
            (delete) throws(SQLiteError) in
            try delete.bind(id.text)
            try delete.run()
        }
        return connection.changesCount == 1
    }

    /// Binds what an endpoint shows, but for its id.
    private func bind(
        _ endpoint: OutboundEndpoint, to statement: inout SQLiteStatement
    ) throws(SQLiteError) {
        try statement.bind(endpoint.name)
        try statement.bind(endpoint.url)
        try statement.bind(OutboundColumns.text(endpoint.events))
        try statement.bind(endpoint.isEnabled)
        try statement.bind(endpoint.disabledReason?.rawValue)
        try statement.bind(endpoint.failuresCount)
        try statement.bind(endpoint.failingSince)
        try statement.bind(endpoint.lastSuccessAt)
        try statement.bind(endpoint.secretCreatedAt)
        try statement.bind(endpoint.previousSecretEndsAt)
        try statement.bind(endpoint.createdAt)
        try statement.bind(endpoint.updatedAt)
    }

    private func readEndpoint(
        _ row: inout SQLiteStatement
    ) throws(SQLiteError) -> OutboundEndpoint {
        let (id, name, url) = (EndpointID(row.readText()), row.readText(), row.readText())
        let events = OutboundColumns.events(in: row.readText())
        let (isEnabled, reason) = (row.readBool(), row.readTextIfAny())
        let (failures, failingSince) = (Int(row.readInt64()), row.readTimeIfAny())
        let (success, secretCreatedAt) = (row.readTimeIfAny(), row.readTime())
        let previousEnd = row.readTimeIfAny()
        var endpoint = OutboundEndpoint(
            id: id, name: name, url: url, events: events, at: row.readTime())
        endpoint.isEnabled = isEnabled
        endpoint.disabledReason = reason.flatMap {
            OutboundEndpoint.DisabledReason(rawValue: $0)
        }
        (endpoint.failuresCount, endpoint.failingSince) = (failures, failingSince)
        (endpoint.lastSuccessAt, endpoint.secretCreatedAt) = (success, secretCreatedAt)
        endpoint.previousSecretEndsAt = previousEnd
        endpoint.updatedAt = row.readTime()
        return endpoint
    }
}
