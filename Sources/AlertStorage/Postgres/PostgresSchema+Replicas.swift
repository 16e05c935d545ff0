extension PostgresSchema {
    /// How replicas hear of each other.
    ///
    /// - The version of the directory is one row that every change of it locks, so that versions
    ///   become visible in their order.
    /// - Replicas say that they live by the server's clock, and which version they have taken in.
    static let replicas = [
        "CREATE TABLE directory_versions(version bigint NOT NULL)",
        "INSERT INTO directory_versions VALUES (1)",
        """
        CREATE TABLE replicas(
            id text PRIMARY KEY, directory_version bigint NOT NULL, seen_at timestamptz NOT NULL
        )
        """,
    ]

    /// The channel of a store: channels belong to a database, which may hold several.
    static let channel = "('bigpanda_gateway_' || hashtext(current_schema()))"
}
