extension PostgresSchema {
    /// Who is signed in, and what happened in each hour.
    static let sessions = [
        """
        CREATE TABLE sessions(
            hash bytea PRIMARY KEY, id text NOT NULL, peer text NOT NULL,
            created_at bigint NOT NULL, last_used_at bigint NOT NULL
        )
        """,
        """
        CREATE TABLE activity(
            hour bigint NOT NULL, name text NOT NULL, slot bigint NOT NULL,
            value bigint NOT NULL, PRIMARY KEY (hour, name, slot)
        )
        """,
    ]
}
