extension Schema {
    /// Which integrations have canaries, and what came of the last one of each.
    static let canaries = """
        CREATE TABLE canaries(
            integration_id TEXT PRIMARY KEY, interval_seconds INTEGER NOT NULL,
            enabled_at INTEGER NOT NULL, started_at INTEGER, ended_at INTEGER, alert_id TEXT,
            failed_hop TEXT, reason TEXT, hops TEXT, succeeded_at INTEGER
        ) STRICT, WITHOUT ROWID;
        """
}
