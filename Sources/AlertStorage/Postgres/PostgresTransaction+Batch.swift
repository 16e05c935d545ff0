import Alerts
import Postgres

extension PostgresTransaction {
    private static let sourceKeys = PostgresText(
        "SELECT id, key FROM sources WHERE id = ANY($1::text[])")
    private static let lockByName = PostgresText(
        """
        SELECT a.key FROM unnest($1::text[], $2::text[]) AS n(incident_id, source_id)
            JOIN sources s ON s.id = n.source_id
            JOIN alerts a ON a.incident_id = n.incident_id AND \(PostgresTables.isSourceOfAlert)
        ORDER BY a.key FOR UPDATE OF a
        """)
    private static let byName = PostgresText(
        """
        \(PostgresTables.record)
            JOIN unnest($1::text[], $2::text[]) AS n(incident_id, source_id)
            ON n.incident_id = a.incident_id AND n.source_id = s.id
        """)
    private static let numbers = PostgresText(
        """
        SELECT nextval('changes'), nextval('alert_keys'), nextval('changes')
        FROM generate_series(1, $1::bigint)
        """)

    private struct Name: Hashable {
        let incidentID: String
        let sourceID: SourceID
    }

    /// Takes in webhooks, in order.
    ///
    /// An alert that isn't there yet is made without asking whether another replica makes it too:
    /// the second to commit then breaks the constraint, and its whole batch is done again.
    func apply(_ batch: [WebhookArrival]) async throws(PostgresError) -> [WebhookResult] {
        guard !batch.isEmpty else { return [] }
        var (keys, sourceKeys, newKeys, deliveryKeys) = try await prepare(batch)
        var uses = PostgresUses()
        var results: [WebhookResult] = []
        results.reserveCapacity(batch.count)
        for (arrival, deliveryKey) in zip(batch, deliveryKeys) {
            guard let sourceKey = sourceKeys[arrival.sourceID.text] else {
                throw PostgresError(missing: "a source that a webhook came through")
            }
            let name = Name(
                incidentID: arrival.event.incidentID, sourceID: arrival.sourceID)
            let known = keys[name]
            let stored = known.flatMap { alerts[$0] }
            var change = AlertMachine.apply(
                arrival.event, to: stored?.subject, sourceID: arrival.sourceID,
                newAlertID: arrival.newAlertID, at: arrival.receivedAt)
            change.name(DeliveryID(number: deliveryKey))
            if let known {
                alerts.take(change, of: known)
            } else {
                let key = newKeys.removeFirst()
                alerts.create(change, key: key, sourceKey: sourceKey)
                keys[name] = key
            }
            uses.count(arrival, sourceKey: sourceKey)
            for entry in arrival.audit { append(entry) }
            insert(
                arrival, key: deliveryKey, sourceKey: sourceKey, outcome: change.outcome,
                alertID: change.subject.alert.id)
            results.append(WebhookResult(change, deliveryKey: deliveryKey))
        }
        writeBlock()
        if let query = uses.query { add(query) }
        return results
    }

    /// Locks and reads what a batch names, in one round trip.
    private func prepare(
        _ batch: [WebhookArrival]
    ) async throws(PostgresError) -> (
        keys: [Name: Int64], sources: [String: Int64], newKeys: ArraySlice<Int64>,
        deliveryKeys: [Int64]
    ) {
        let names = Set(
            batch.map { Name(incidentID: $0.event.incidentID, sourceID: $0.sourceID) })
        let named: [PostgresValue] = [
            .texts(names.map(\.incidentID)), .texts(names.map(\.sourceID.text)),
        ]
        let sources = PostgresValue.texts(Set(names.map(\.sourceID.text)).map { $0 })
        let results = try await run([
            PostgresQuery(Self.lockByName, named), PostgresQuery(Self.byName, named),
            PostgresQuery(Self.sourceKeys, [sources]),
            PostgresQuery(Self.numbers, [.int(Int64(batch.count))]),
        ])
        var keys: [Name: Int64] = [:]
        for var row in results[1].rows {
            let record = try row.readRecord(core.documents)
            alerts.load(record)
            let alert = record.subject.alert
            keys[Name(incidentID: alert.incidentID, sourceID: alert.sourceID)] = record.key
        }
        var sourceKeys: [String: Int64] = [:]
        for var row in results[2].rows { sourceKeys[row.readText()] = row.readInt64() }
        var numbers: (changes: [Int64], keys: [Int64], deliveries: [Int64]) = ([], [], [])
        for var row in results[3].rows {
            numbers.changes.append(row.readInt64())
            numbers.keys.append(row.readInt64())
            numbers.deliveries.append(row.readInt64())
        }
        alerts.sequences = numbers.changes[...]
        return (keys, sourceKeys, numbers.keys[...], numbers.deliveries)
    }
}

extension WebhookResult {
    fileprivate init(_ change: AlertMachine.Change, deliveryKey: Int64) {
        self.init(
            alertID: change.subject.alert.id, outcome: change.outcome,
            status: change.subject.alert.status, wantsReading: change.wantsReading,
            deliveryID: DeliveryID(number: deliveryKey))
    }
}
