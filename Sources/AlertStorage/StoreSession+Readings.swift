import Alerts
import SQLite

extension StoreSession {
    /// Finds due readings of one source.
    static let dueOfSource = SQLText(
        """
        SELECT reading_due_at, id, (SELECT id FROM sources WHERE key = source_key), incident_id,
            environment_id
        FROM alerts
        WHERE source_key = ? AND reading_due_at <= ? AND reading_due_at IS NOT NULL
        ORDER BY reading_due_at LIMIT ?
        """)
    private static let one = SQLText(
        """
        SELECT a.id, i.id, s.id, a.incident_id, a.environment_id
        FROM alerts a JOIN sources s ON s.key = a.source_key
            JOIN integrations i ON i.key = s.integration_key
        WHERE a.id = ?
        """)

    /// Firing alerts of an integration's sources whose reading is due, those longest due first.
    func dueReadings(
        of id: IntegrationID, at moment: Timestamp, limit: Int
    ) throws(SQLiteError) -> [DueReading] {
        guard let integrationKey = try integrationKey(id) else { return [] }
        var found: [(dueAt: Timestamp, reading: DueReading)] = []
        for sourceKey in try sourceKeys(ofIntegration: integrationKey) {
            try connection.withStatement(Self.dueOfSource) { (select) throws(SQLiteError) in
                try select.bind(sourceKey)
                try select.bind(moment)
                try select.bind(limit)
                while try select.step() == .row {
                    let dueAt = select.readTime()
                    let reading = DueReading(
                        alertID: AlertID(select.readText()), integrationID: id,
                        sourceID: SourceID(select.readText()),
                        incidentID: select.readText(), environmentID: select.readTextIfAny())
                    found.append((dueAt, reading))
                }
            }
        }
        found.sort { ($0.dueAt, $0.reading.alertID) < ($1.dueAt, $1.reading.alertID) }
        return found.prefix(limit).map(\.reading)
    }

    /// What reading one alert's incident takes.
    func reading(of id: AlertID) throws(SQLiteError) -> DueReading? {
        try connection.withStatement(Self.one) { (select) throws(SQLiteError) in
            try select.bind(id.text)
            guard try select.step() == .row else { return nil }
            return DueReading(
                alertID: AlertID(select.readText()),
                integrationID: IntegrationID(select.readText()),
                sourceID: SourceID(select.readText()), incidentID: select.readText(),
                environmentID: select.readTextIfAny())
        }
    }

    /// Brings an alert in line with a reading, and plans the next.
    func apply(
        _ item: AlertReading, at now: Timestamp
    ) throws(SQLiteError) -> AlertMachine.Change? {
        guard let record = try record(item.alertID) else { return nil }
        let change = AlertMachine.apply(
            item.reading, to: record.subject, readAt: item.readAt, at: now)
        let plan = schedule.plan(for: change.subject.alert, missesCount: 0, askedAt: now)
        try store(change, of: record, plan: plan)
        return change
    }

    /// Takes in that no environment holds an alert's incident, and plans the next reading.
    func note(
        _ absence: IncidentAbsence, of id: AlertID, readAt: Timestamp, at now: Timestamp
    ) throws(SQLiteError) -> AlertMachine.Change? {
        guard let record = try record(id) else { return nil }
        let missesCount = record.plan.missesCount + 1
        let change = AlertMachine.apply(
            absence, to: record.subject, missesCount: missesCount, readAt: readAt, at: now)
        // Told of meanwhile: then this was no miss.
        let isMiss = change.outcome != .ignoredStale
        let plan = schedule.plan(
            for: change.subject.alert, missesCount: isMiss ? missesCount : record.plan.missesCount,
            askedAt: now)
        try store(change, of: record, plan: plan)
        return change
    }

    /// Makes an alert's reading due an interval later.
    func postponeReading(of id: AlertID, at now: Timestamp) throws(SQLiteError) {
        guard let record = try record(id) else { return }
        var planned = record
        planned.plan = schedule.plan(
            for: record.subject.alert, missesCount: record.plan.missesCount, askedAt: now)
        try save(planned, before: record)
    }

    /// Makes at most `limit` of the readings that are planned for later due at `now`.
    func makeReadingsDue(at now: Timestamp, limit: Int) throws(SQLiteError) -> Int {
        var count = 0
        for sourceKey in try sourceKeys(ofIntegration: nil) where count < limit {
            try connection.withStatement(
                """
                UPDATE alerts SET reading_due_at = ? WHERE key IN (
                    SELECT key FROM alerts
                    WHERE source_key = ? AND reading_due_at > ? AND reading_due_at IS NOT NULL
                    LIMIT ?)
                """
            ) { (update) throws(SQLiteError) in
                try update.bind(now)
                try update.bind(sourceKey)
                try update.bind(now)
                try update.bind(limit - count)
                try update.run()
            }
            count += connection.changesCount
        }
        return count
    }

    /// The keys of an integration's sources, removed ones included; of all sources without one.
    private func sourceKeys(ofIntegration key: Int64?) throws(SQLiteError) -> [Int64] {
        try connection.withStatement(
            "SELECT key FROM sources WHERE integration_key = ?1 OR ?1 IS NULL"
        ) { (select) throws(SQLiteError) in
            try select.bind(key)
            var keys: [Int64] = []
            while try select.step() == .row { keys.append(select.int64(at: 0)) }
            return keys
        }
    }
}
