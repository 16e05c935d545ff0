import Alerts
import SQLite

extension StoreSession {
    /// What was learned of the sources in use; what another version wrote is learned anew.
    func trafficProfiles() throws(SQLiteError) -> [SourceID: TrafficProfile] {
        try connection.withStatement(
            """
            SELECT s.id, t.profile FROM source_traffic t JOIN sources s ON s.key = t.source_key
            WHERE s.removed_at IS NULL
            """
        ) { (select) throws(SQLiteError) in
            var found: [SourceID: TrafficProfile] = [:]
            while try select.step() == .row {
                let id = SourceID(select.readText())
                found[id] = TrafficProfile(bytes: select.readBlob())
            }
            return found
        }
    }

    /// Writes what was learned of a source in use.
    func write(_ profile: TrafficProfile, of id: SourceID) throws(SQLiteError) {
        try connection.withStatement(
            """
            INSERT INTO source_traffic(source_key, profile)
            SELECT key, ? FROM sources WHERE id = ? AND removed_at IS NULL
            ON CONFLICT(source_key) DO UPDATE SET profile = excluded.profile
            """
        ) { (insert) throws(SQLiteError) in
            try insert.bind(profile.bytes)
            try insert.bind(id.text)
            try insert.run()
        }
    }

    /// Forgets what was learned of a source.
    func removeTraffic(ofSource key: Int64) throws(SQLiteError) {
        try connection.withStatement("DELETE FROM source_traffic WHERE source_key = ?") {
            (delete) throws(SQLiteError) in
            try delete.bind(key)
            try delete.run()
        }
    }
}
