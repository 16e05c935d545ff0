extension Schema {
    /// Webhook endpoints, and what they are told.
    ///
    /// - Numbers of endpoints are given once, so that what a removed one was told, which goes a
    ///   little later, is never another's.
    /// - `held_until` is when an endpoint may be worked for next: after the end of a claim, or of a
    ///   pause.
    /// - What is owed has an index of its own by time, and one by alert, as of messages about the
    ///   same alert only the oldest is posted.
    static let outbound = """
        CREATE TABLE webhook_endpoints(
            key INTEGER PRIMARY KEY AUTOINCREMENT, id TEXT NOT NULL UNIQUE, name TEXT NOT NULL,
            url TEXT NOT NULL, events TEXT NOT NULL, is_enabled INTEGER NOT NULL,
            disabled_reason TEXT, failures INTEGER NOT NULL, failing_since INTEGER,
            last_success_at INTEGER, secret_created_at INTEGER NOT NULL,
            previous_secret_ends_at INTEGER, created_at INTEGER NOT NULL,
            updated_at INTEGER NOT NULL, sealed_secret BLOB NOT NULL, previous_sealed_secret BLOB,
            held_until INTEGER NOT NULL, fence INTEGER NOT NULL
        ) STRICT;
        CREATE TABLE webhook_messages(
            key INTEGER PRIMARY KEY AUTOINCREMENT, endpoint_key INTEGER NOT NULL,
            lot INTEGER NOT NULL, event TEXT NOT NULL, alert_id TEXT, created_at INTEGER NOT NULL,
            body TEXT NOT NULL, state TEXT NOT NULL, attempts INTEGER NOT NULL,
            next_attempt_at INTEGER, attempted_at INTEGER, attempt_duration INTEGER,
            status_code INTEGER, error TEXT
        ) STRICT;
        CREATE INDEX webhook_messages_by_endpoint ON webhook_messages(endpoint_key, key);
        CREATE INDEX webhook_messages_owed ON webhook_messages(endpoint_key, next_attempt_at, key)
            WHERE state = 'pending';
        CREATE INDEX webhook_messages_of_alert ON webhook_messages(endpoint_key, alert_id, key)
            WHERE state = 'pending';
        """
}
