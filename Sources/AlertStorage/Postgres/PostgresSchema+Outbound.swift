extension PostgresSchema {
    /// Webhook endpoints, and what they are told, as `Schema.outbound` has it.
    ///
    /// Messages don't refer to their endpoints by a constraint: to add one would wait for whoever
    /// works for the endpoint, and with it the webhook that it tells of.
    static let outbound = [
        """
        CREATE TABLE webhook_endpoints(
            key bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY, id text NOT NULL UNIQUE,
            name text NOT NULL, url text NOT NULL, events text NOT NULL,
            is_enabled boolean NOT NULL, disabled_reason text, failures bigint NOT NULL,
            failing_since bigint, last_success_at bigint, secret_created_at bigint NOT NULL,
            previous_secret_ends_at bigint, created_at bigint NOT NULL,
            updated_at bigint NOT NULL, sealed_secret bytea NOT NULL,
            previous_sealed_secret bytea, held_until bigint NOT NULL, fence bigint NOT NULL
        ) WITH (fillfactor = 50)
        """,
        """
        CREATE TABLE webhook_messages(
            key bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY, endpoint_key bigint NOT NULL,
            lot bigint NOT NULL, event text NOT NULL, alert_id text, created_at bigint NOT NULL,
            body text NOT NULL, state text NOT NULL, attempts bigint NOT NULL,
            next_attempt_at bigint, attempted_at bigint, attempt_duration bigint,
            status_code bigint, error text
        )
        """,
        "CREATE INDEX webhook_messages_by_endpoint ON webhook_messages(endpoint_key, key)",
        """
        CREATE INDEX webhook_messages_owed ON webhook_messages(endpoint_key, next_attempt_at, key)
            WHERE state = 'pending'
        """,
        """
        CREATE INDEX webhook_messages_of_alert ON webhook_messages(endpoint_key, alert_id, key)
            WHERE state = 'pending'
        """,
    ]
}
