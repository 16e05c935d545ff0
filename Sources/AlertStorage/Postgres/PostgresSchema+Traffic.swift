extension PostgresSchema {
    /// What is learned of each source's webhooks; see `TrafficProfile`.
    static let traffic = [
        "ALTER TABLE sources ADD COLUMN is_watched_for_quiet boolean NOT NULL DEFAULT true",
        """
        CREATE TABLE source_traffic(
            source_key bigint PRIMARY KEY REFERENCES sources(key), profile bytea NOT NULL
        ) WITH (fillfactor = 50)
        """,
    ]
}
