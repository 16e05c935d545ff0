extension PostgresSchema {
    /// Which integrations have canaries, and what came of the last one of each.
    static let canaries = [
        """
        CREATE TABLE canaries(
            integration_id text PRIMARY KEY, interval_seconds bigint NOT NULL,
            enabled_at bigint NOT NULL, started_at bigint, ended_at bigint, alert_id text,
            failed_hop text, reason text, hops text, succeeded_at bigint
        ) WITH (fillfactor = 50)
        """
    ]
}
