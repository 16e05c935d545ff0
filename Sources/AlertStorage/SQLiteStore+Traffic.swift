package import Alerts
import SQLite

extension SQLiteStore: TrafficStore {
    /// What was learned of the sources in use.
    package func trafficProfiles() async throws(StoreError) -> [SourceID: TrafficProfile] {
        try await read("Reading what was learned of sources") { (session) throws(SQLiteError) in
            try session.trafficProfiles()
        }
    }

    /// Writes some over.
    package func write(_ profiles: [SourceID: TrafficProfile]) async throws(StoreError) {
        try await write("Storing what was learned of sources") { (session) throws(SQLiteError) in
            for (id, profile) in profiles { try session.write(profile, of: id) }
        }
    }
}
