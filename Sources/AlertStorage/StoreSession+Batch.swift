import Alerts
import SQLite

extension StoreSession {
    /// Takes in webhooks, in order; call inside `write`.
    ///
    /// Alerts are loaded once and written once, however many webhooks of a batch are theirs.
    func apply(_ batch: [WebhookArrival]) throws(SQLiteError) -> [WebhookResult] {
        var alerts = LoadedAlerts()
        var uses = Uses()
        var results: [WebhookResult] = []
        results.reserveCapacity(batch.count)
        for arrival in batch {
            let sourceKey = try uses.key(of: arrival.sourceID, in: self)
            let name = LoadedAlerts.Name(
                incidentID: arrival.event.incidentID, sourceKey: sourceKey)
            let stored = try alerts.load(name, from: self)
            var change = AlertMachine.apply(
                arrival.event, to: stored?.subject, sourceID: arrival.sourceID,
                newAlertID: arrival.newAlertID, at: arrival.receivedAt)
            let deliveryKey = try takeSequence()
            change.name(DeliveryID(number: deliveryKey))
            var record =
                if let stored { stored } else {
                    try newRecord(change.subject, sourceKey: sourceKey)
                }
            try take(change, into: &record, isNew: stored == nil)
            alerts.keep(record, as: name)
            uses.count(arrival, sourceKey: sourceKey)
            for entry in arrival.audit { try append(entry) }
            try insert(
                arrival, key: deliveryKey, sourceKey: sourceKey, outcome: change.outcome,
                alertID: record.subject.alert.id)
            results.append(
                WebhookResult(
                    alertID: record.subject.alert.id, outcome: change.outcome,
                    status: record.subject.alert.status, wantsReading: change.wantsReading,
                    deliveryID: DeliveryID(number: deliveryKey)))
        }
        try alerts.save(to: self)
        try uses.save(to: self)
        return results
    }

    private func newRecord(
        _ subject: AlertMachine.Subject, sourceKey: Int64
    ) throws(SQLiteError) -> AlertRecord {
        AlertRecord(
            key: try takeAlertKey(), sourceKey: sourceKey, sequence: 0, subject: subject,
            closeKey: nil, transitionKey: nil)
    }
}

/// The alerts that a batch names.
private struct LoadedAlerts {
    struct Name: Hashable {
        let incidentID: String
        let sourceKey: Int64
    }

    private struct Item {
        /// What the rows hold; `nil` when there are none yet.
        let before: AlertRecord?
        var record: AlertRecord?
    }

    private var items: [Item] = []
    private var indexes: [Name: Int] = [:]

    mutating func load(
        _ name: Name, from session: StoreSession
    ) throws(SQLiteError) -> AlertRecord? {
        if let index = indexes[name] { return items[index].record }
        let record = try session.record(
            incidentID: name.incidentID, sourceKey: name.sourceKey)
        indexes[name] = items.count
        items.append(Item(before: record, record: record))
        return record
    }

    mutating func keep(_ record: AlertRecord, as name: Name) {
        guard let index = indexes[name] else { return }
        items[index].record = record
    }

    func save(to session: StoreSession) throws(SQLiteError) {
        for item in items {
            guard let record = item.record else { continue }
            try session.save(record, before: item.before)
        }
    }
}

/// The sources and secrets that a batch came through.
private struct Uses {
    private var keys: [SourceID: Int64] = [:]
    private var deliveries: [Int64: (count: Int, lastAt: Timestamp)] = [:]
    private var secrets: [SecretID: Timestamp] = [:]

    mutating func key(
        of source: SourceID, in session: StoreSession
    ) throws(SQLiteError) -> Int64 {
        if let known = keys[source] { return known }
        guard let key = try session.sourceKey(source) else {
            throw SQLiteError(missing: "a source that a webhook came through")
        }
        keys[source] = key
        return key
    }

    mutating func count(_ arrival: WebhookArrival, sourceKey: Int64) {
        guard let secretID = arrival.secretID else { return }
        let before = deliveries[sourceKey]?.count ?? 0
        deliveries[sourceKey] = (before + 1, arrival.receivedAt)
        secrets[secretID] = arrival.receivedAt
    }

    func save(to session: StoreSession) throws(SQLiteError) {
        for (key, use) in deliveries {
            try session.countDeliveries(use.count, lastAt: use.lastAt, sourceKey: key)
        }
        for (secret, moment) in secrets { try session.noteUse(of: secret, at: moment) }
    }
}
