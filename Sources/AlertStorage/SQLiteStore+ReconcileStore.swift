package import Alerts
import SQLite

extension SQLiteStore: ReconcileStore {
    /// Firing alerts whose reading is due, those longest due first.
    package func dueReadings(
        of id: IntegrationID, at moment: Timestamp, limit: Int
    ) async throws(StoreError) -> [DueReading] {
        try await read("Looking for due readings") { (session) throws(SQLiteError) in
            try session.dueReadings(of: id, at: moment, limit: limit)
        }
    }

    /// What reading one alert's incident takes.
    package func reading(of id: AlertID) async throws(StoreError) -> DueReading? {
        try await read("Looking for an alert") { (session) throws(SQLiteError) in
            try session.reading(of: id)
        }
    }

    /// Brings alerts in line with readings, in order.
    package func apply(
        _ readings: [AlertReading], at now: Timestamp
    ) async throws(StoreError) -> [AlertMachine.Change?] {
        try await write("Storing readings") { (session) throws(SQLiteError) in
            var changes: [AlertMachine.Change?] = []
            for item in readings { changes.append(try session.apply(item, at: now)) }
            return changes
        }
    }

    /// Takes in that no environment holds an alert's incident.
    package func note(
        _ absence: IncidentAbsence, of id: AlertID, readAt: Timestamp, at now: Timestamp
    ) async throws(StoreError) -> AlertMachine.Change? {
        try await write("Storing a reading") { (session) throws(SQLiteError) in
            try session.note(absence, of: id, readAt: readAt, at: now)
        }
    }

    /// Makes an alert's reading due an interval later.
    package func postponeReading(of id: AlertID, at now: Timestamp) async throws(StoreError) {
        try await write("Postponing a reading") { (session) throws(SQLiteError) in
            try session.postponeReading(of: id, at: now)
        }
    }

    /// Makes readings due that are planned for later.
    package func makeReadingsDue(
        at now: Timestamp, limit: Int
    ) async throws(StoreError) -> Int {
        try await write("Planning readings") { (session) throws(SQLiteError) in
            try session.makeReadingsDue(at: now, limit: limit)
        }
    }
}
