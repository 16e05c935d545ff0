extension Schema {
    /// What is learned of each source's webhooks; see `TrafficProfile`.
    static let traffic = """
        ALTER TABLE sources ADD COLUMN is_watched_for_quiet INTEGER NOT NULL DEFAULT 1;
        CREATE TABLE source_traffic(
            source_key INTEGER PRIMARY KEY REFERENCES sources(key), profile BLOB NOT NULL
        ) STRICT;
        """
}
