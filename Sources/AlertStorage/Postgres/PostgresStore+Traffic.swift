package import Alerts
import EventLoop
import Postgres

extension PostgresStore: TrafficStore {
    private static let all = PostgresText(
        """
        SELECT s.id, t.profile FROM source_traffic t JOIN sources s ON s.key = t.source_key
        WHERE s.removed_at IS NULL
        """)
    private static let write = PostgresText(
        """
        INSERT INTO source_traffic(source_key, profile)
        SELECT key, $2::bytea FROM sources WHERE id = $1 AND removed_at IS NULL
        ON CONFLICT (source_key) DO UPDATE SET profile = excluded.profile
        """)

    /// What was learned of the sources in use; what another version wrote is learned anew.
    package func trafficProfiles() async throws(StoreError) -> [SourceID: TrafficProfile] {
        try await core.trafficProfiles(PostgresQuery(Self.all))
    }

    /// Writes some over.
    package func write(_ profiles: [SourceID: TrafficProfile]) async throws(StoreError) {
        let queries = profiles.sorted { $0.key < $1.key }.map { id, profile in
            PostgresQuery(Self.write, [.text(id.text), .bytes(profile.bytes)])
        }
        try await core.write("Storing what was learned of sources") {
            (transaction) async throws(PostgresError) in
            for query in queries { transaction.add(query) }
        }
    }
}

extension PostgresCore {
    fileprivate func trafficProfiles(
        _ query: PostgresQuery
    ) async throws(StoreError) -> [SourceID: TrafficProfile] {
        let results = try await read("Reading what was learned of sources", [query])
        var found: [SourceID: TrafficProfile] = [:]
        for var row in results[0].rows {
            let id = SourceID(row.readText())
            found[id] = TrafficProfile(bytes: row.readBlob())
        }
        return found
    }
}
