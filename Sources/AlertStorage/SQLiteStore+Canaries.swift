package import Alerts
import SQLite

extension SQLiteStore: CanaryStore {
    /// The canaries of all integrations that have some.
    package func canaries() async throws(StoreError) -> [IntegrationID: Canary] {
        try await read("Reading canaries") { (session) throws(SQLiteError) in
            try session.canaries()
        }
    }

    /// Switches an integration's canary on, at another interval, or off.
    package func setCanary(
        _ interval: Duration?, of id: IntegrationID, at now: Timestamp
    ) async throws(StoreError) {
        try await write("Switching a canary") { (session) throws(SQLiteError) in
            if let interval {
                try session.setCanary(interval, of: id, at: now)
            } else {
                try session.removeCanary(of: id)
            }
            try session.audit(.done)
        }
    }

    /// Writes what came of a canary.
    package func record(_ run: CanaryRun, of id: IntegrationID) async throws(StoreError) {
        try await write("Storing a canary") { (session) throws(SQLiteError) in
            try session.record(run, of: id)
        }
    }

    /// Removes old alerts of canaries.
    package func pruneCanaries(
        resolvedBefore moment: Timestamp, limit: Int
    ) async throws(StoreError) -> Int {
        try await write("Removing old canaries") { (session) throws(SQLiteError) in
            try session.prune(resolvedBefore: moment, limit: limit, canariesOnly: true)
        }
    }
}
