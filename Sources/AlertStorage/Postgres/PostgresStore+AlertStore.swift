package import Alerts
import EventLoop
import Postgres

extension PostgresStore: AlertStore {
    /// Takes in webhooks in one transaction of two round trips, in order.
    package func apply(
        taking next: @Sendable () -> [WebhookArrival]
    ) async throws(StoreError) -> [WebhookResult] {
        let batch = next()
        return try await core.write("Storing webhooks") {
            (transaction) async throws(PostgresError) in
            try await transaction.apply(batch)
        }
    }

    /// False: each call takes a connection of its own.
    package var appliesInTurn: Bool { false }

    /// Resolves an alert and makes its close owed.
    package func resolve(
        _ request: AlertMachine.ResolveRequest, at now: Timestamp
    ) async throws(StoreError) -> AlertMachine.Change? {
        try await core.write("Resolving an alert") {
            (transaction) async throws(PostgresError) in
            let records = try await transaction.lock([request.alertID])
            guard let record = records[request.alertID] else { return nil }
            let change = AlertMachine.resolve(record.subject, by: request, at: now)
            transaction.alerts.take(change, of: record.key)
            transaction.audit(change.auditOutcome(of: record.subject))
            return change
        }
    }

    /// Brings an alert in line with a reading.
    package func apply(
        _ reading: IncidentReading, to alertID: AlertID, readAt: Timestamp, at now: Timestamp
    ) async throws(StoreError) -> AlertMachine.Change? {
        let item = AlertReading(alertID: alertID, reading: reading, readAt: readAt)
        return try await apply([item], at: now)[0]
    }

    /// One alert with its newest close.
    package func alert(_ id: AlertID) async throws(StoreError) -> AlertMachine.Subject? {
        try await core.alert(id)
    }

    /// An alert's timeline, oldest first, the newest `limit` entries.
    package func timeline(
        of id: AlertID, limit: Int
    ) async throws(StoreError) -> [Transition] {
        try await core.timeline(of: id, limit: limit)
    }

    /// Alerts by filter, newest change first.
    package func alerts(
        _ query: AlertQuery
    ) async throws(StoreError) -> Page<AlertMachine.Subject> {
        try await core.alerts(query)
    }

    /// How many alerts and closes there are in each state.
    package func statistics() async throws(StoreError) -> StoreStatistics {
        try await core.statistics()
    }

    /// Removes old resolved alerts that owe nothing, in one transaction.
    package func prune(
        resolvedBefore moment: Timestamp, limit: Int
    ) async throws(StoreError) -> Int {
        try await core.write("Pruning alerts") { (transaction) async throws(PostgresError) in
            try await transaction.prune(resolvedBefore: moment, limit: limit)
        }
    }

    /// Proves that the store can be written, by counting the proofs.
    package func checkWritable() async throws(StoreError) {
        let limit = PostgresStoreLimits.answerDuration
        try await core.write("Writing to the store", within: limit) {
            (transaction) async throws(PostgresError) in
            transaction.add(1, toCount: "probes")
        }
    }
}

extension PostgresStore: ReconcileStore {
    /// Firing alerts whose reading is due, those longest due first.
    package func dueReadings(
        of id: IntegrationID, at moment: Timestamp, limit: Int
    ) async throws(StoreError) -> [DueReading] {
        try await core.dueReadings(of: id, at: moment, limit: limit)
    }

    /// What reading one alert's incident takes.
    package func reading(of id: AlertID) async throws(StoreError) -> DueReading? {
        try await core.reading(of: id)
    }

    /// Brings alerts in line with readings, in order.
    package func apply(
        _ readings: [AlertReading], at now: Timestamp
    ) async throws(StoreError) -> [AlertMachine.Change?] {
        try await core.write("Storing readings") { (transaction) async throws(PostgresError) in
            let records = try await transaction.lock(readings.map(\.alertID))
            var changes: [AlertMachine.Change?] = []
            for item in readings {
                guard let key = records[item.alertID]?.key, let record = transaction.alerts[key]
                else {
                    changes.append(nil)
                    continue
                }
                let change = AlertMachine.apply(
                    item.reading, to: record.subject, readAt: item.readAt, at: now)
                let plan = transaction.core.schedule.plan(
                    for: change.subject.alert, missesCount: 0, askedAt: now)
                transaction.alerts.take(change, of: key, plan: plan)
                changes.append(change)
            }
            return changes
        }
    }

    /// Takes in that no environment holds an alert's incident.
    package func note(
        _ absence: IncidentAbsence, of id: AlertID, readAt: Timestamp, at now: Timestamp
    ) async throws(StoreError) -> AlertMachine.Change? {
        try await core.write("Storing a reading") { (transaction) async throws(PostgresError) in
            guard let record = try await transaction.lock([id])[id] else { return nil }
            let missesCount = record.plan.missesCount + 1
            let change = AlertMachine.apply(
                absence, to: record.subject, missesCount: missesCount, readAt: readAt, at: now)
            // Told of meanwhile: then this was no miss.
            let isMiss = change.outcome != .ignoredStale
            let plan = transaction.core.schedule.plan(
                for: change.subject.alert,
                missesCount: isMiss ? missesCount : record.plan.missesCount, askedAt: now)
            transaction.alerts.take(change, of: record.key, plan: plan)
            return change
        }
    }

    /// Makes an alert's reading due an interval later.
    package func postponeReading(of id: AlertID, at now: Timestamp) async throws(StoreError) {
        try await core.write("Postponing a reading") { (transaction) async throws(PostgresError) in
            guard let record = try await transaction.lock([id])[id] else { return }
            let plan = transaction.core.schedule.plan(
                for: record.subject.alert, missesCount: record.plan.missesCount, askedAt: now)
            transaction.alerts.replan(record.key, plan)
        }
    }

    /// Makes readings due that are planned for later.
    package func makeReadingsDue(
        at now: Timestamp, limit: Int
    ) async throws(StoreError) -> Int {
        try await core.write("Planning readings") { (transaction) async throws(PostgresError) in
            try await transaction.makeReadingsDue(at: now, limit: limit)
        }
    }
}
