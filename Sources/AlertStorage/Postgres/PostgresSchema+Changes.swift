extension PostgresSchema {
    /// One sequence for the changes of everything that is told, as `Schema.changes` has it.
    static let changes = [
        """
        SELECT setval('alert_changes', greatest(
            (SELECT last_value FROM alert_changes), (SELECT last_value FROM delivery_keys)))
        """,
        "DROP SEQUENCE delivery_keys",
        "ALTER SEQUENCE alert_changes RENAME TO changes",
        "ALTER TABLE closes ADD COLUMN sequence bigint NOT NULL DEFAULT 0",
        "CREATE INDEX closes_by_change ON closes(sequence)",
        "ALTER TABLE integrations ADD COLUMN sequence bigint NOT NULL DEFAULT 0",
        "CREATE TABLE removed_integrations(sequence bigint PRIMARY KEY, id text NOT NULL)",
    ]
}
