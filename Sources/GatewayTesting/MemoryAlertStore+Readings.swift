package import Alerts

extension MemoryAlertStore: ReconcileStore {
    /// Firing alerts whose reading is due, those longest due first.
    package func dueReadings(
        of id: IntegrationID, at moment: Timestamp, limit: Int
    ) throws(StoreError) -> [DueReading] {
        try begin()
        let due = rows.values.compactMap { row -> (dueAt: Timestamp, reading: DueReading)? in
            guard let dueAt = row.plan.dueAt, dueAt <= moment,
                let reading = dueReading(row.subject.alert), reading.integrationID == id
            else { return nil }
            return (dueAt, reading)
        }
        let sorted = due.sorted {
            ($0.dueAt, $0.reading.alertID) < ($1.dueAt, $1.reading.alertID)
        }
        return sorted.prefix(limit).map(\.reading)
    }

    /// What reading one alert's incident takes.
    package func reading(of id: AlertID) throws(StoreError) -> DueReading? {
        try begin()
        return rows[id].flatMap { dueReading($0.subject.alert) }
    }

    /// Brings alerts in line with readings, in order.
    package func apply(
        _ readings: [AlertReading], at now: Timestamp
    ) throws(StoreError) -> [AlertMachine.Change?] {
        try begin()
        return readings.map { item in
            guard let row = rows[item.alertID] else { return nil }
            let change = AlertMachine.apply(
                item.reading, to: row.subject, readAt: item.readAt, at: now)
            keep(change)
            plan(change.subject.alert, missesCount: 0, askedAt: now)
            return change
        }
    }

    /// Takes in that no environment holds an alert's incident.
    package func note(
        _ absence: IncidentAbsence, of id: AlertID, readAt: Timestamp, at now: Timestamp
    ) throws(StoreError) -> AlertMachine.Change? {
        try begin()
        guard let row = rows[id] else { return nil }
        let missesCount = row.plan.missesCount + 1
        let change = AlertMachine.apply(
            absence, to: row.subject, missesCount: missesCount, readAt: readAt, at: now)
        let isMiss = change.outcome != .ignoredStale
        keep(change)
        plan(
            change.subject.alert, missesCount: isMiss ? missesCount : row.plan.missesCount,
            askedAt: now)
        return change
    }

    /// Makes an alert's reading due an interval later.
    package func postponeReading(of id: AlertID, at now: Timestamp) throws(StoreError) {
        try begin()
        guard let row = rows[id] else { return }
        plan(row.subject.alert, missesCount: row.plan.missesCount, askedAt: now)
    }

    /// Makes readings due that are planned for later.
    package func makeReadingsDue(at now: Timestamp, limit: Int) throws(StoreError) -> Int {
        try begin()
        let later = rows.values.filter { ($0.plan.dueAt ?? now) > now }.prefix(limit)
        for row in later { rows[row.subject.alert.id]?.plan.dueAt = now }
        return later.count
    }

    private func dueReading(_ alert: Alert) -> DueReading? {
        guard let integration = integration(of: alert.id) else { return nil }
        return DueReading(
            alertID: alert.id, integrationID: integration.id, sourceID: alert.sourceID,
            incidentID: alert.incidentID, environmentID: alert.environmentID)
    }

    private func plan(_ alert: Alert, missesCount: Int, askedAt now: Timestamp) {
        rows[alert.id]?.plan = schedule.plan(
            for: alert, missesCount: missesCount, askedAt: now)
    }
}
