/// The tables in PostgreSQL, as numbered steps from one version of them to the next.
///
/// Text columns hold what the domain's enums call their cases; times are milliseconds since 1970,
/// and all whole numbers are `bigint`.
enum PostgresSchema {
    /// The version that this program writes: the number of steps.
    static var version: Int64 { Int64(steps.count) }

    /// Step n leads from version n to version n + 1; each is a list of single statements.
    static let steps = [
        first, changes, sessions, coordination, replicas, uses, audit, traffic, canaries,
        outbound,
    ]

    /// The constraints that keep two replicas from making two alerts of one incident.
    static let namesOfAlert = ["alerts_by_incident", "alerts_by_id"]

    /// What replicas that start at once wait for each other by: "BPGW" in ASCII.
    static let migrationLock: Int64 = 0x4250_4757
    /// What replicas that prune the journal at once wait for each other by.
    static let pruningLock: Int64 = 0x4250_4758
    /// Held in common by every transaction that may draw numbers of changes, until it has ended; an
    /// SQL text of two numbers, one of them that of the schema.
    static let changesLock = "\(changesLockClass), hashtext(current_schema())"
    static let changesLockClass = 0x4250_4759

    /// The first tables.
    ///
    /// - The sequences give numbers without a lock: alerts their keys, changes their order, and
    ///   deliveries numbers of which none comes twice.
    /// - Counts are spread over slots, so that replicas don't wait for each other's commits there.
    /// - Closes carry the lease and the number of the claim that they are under.
    private static let first =
        [
            "CREATE SEQUENCE alert_keys", "CREATE SEQUENCE alert_changes",
            "CREATE SEQUENCE delivery_keys",
            """
            CREATE TABLE counts(
                name text NOT NULL, slot bigint NOT NULL, value bigint NOT NULL,
                PRIMARY KEY (name, slot)
            )
            """,
        ] + directory + alerts + closes + journal

    /// What gateways on one database agree by; the times are the server's.
    private static let coordination = [
        """
        CREATE TABLE leases(name text PRIMARY KEY, holder text NOT NULL, ends_at bigint NOT NULL)
        """,
        // Of integrations that may not be stored yet, whose keys are checked first.
        """
        CREATE TABLE call_places(
            integration_id text NOT NULL, place bigint NOT NULL, ticket bigint NOT NULL,
            is_running boolean NOT NULL, free_at bigint NOT NULL,
            PRIMARY KEY (integration_id, place)
        ) WITH (fillfactor = 50)
        """,
    ]

    /// Before it, every batch locked the row of its source until it was on disk.
    private static let uses = [
        """
        CREATE TABLE secret_uses(
            secret_id text NOT NULL, source_key bigint NOT NULL, slot bigint NOT NULL,
            count bigint NOT NULL, last_at bigint NOT NULL, PRIMARY KEY (secret_id, slot)
        ) WITH (fillfactor = 50)
        """
    ]

    private static let directory = [
        """
        CREATE TABLE integrations(
            key bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY, id text NOT NULL UNIQUE,
            name text NOT NULL, region text, base_url text NOT NULL, environment_id text,
            environments text NOT NULL, key_suffix text NOT NULL, key_expires_at bigint,
            state text NOT NULL, state_reason text, checked_at bigint NOT NULL,
            created_at bigint NOT NULL, updated_at bigint NOT NULL, sealed_key bytea NOT NULL
        )
        """,
        """
        CREATE TABLE sources(
            key bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY, id text NOT NULL UNIQUE,
            integration_key bigint REFERENCES integrations(key) ON DELETE SET NULL,
            name text NOT NULL, is_enabled boolean NOT NULL, last_delivery_at bigint,
            delivery_count bigint NOT NULL, created_at bigint NOT NULL,
            updated_at bigint NOT NULL, removed_at bigint
        ) WITH (fillfactor = 50)
        """,
        "CREATE INDEX sources_by_integration ON sources(integration_key)",
        """
        CREATE TABLE source_secrets(
            id text PRIMARY KEY, source_key bigint NOT NULL REFERENCES sources(key),
            position bigint NOT NULL, hash bytea NOT NULL, created_at bigint NOT NULL,
            expires_at bigint, last_used_at bigint
        ) WITH (fillfactor = 50)
        """,
        "CREATE INDEX source_secrets_by_source ON source_secrets(source_key)",
    ]

    private static let alerts = [
        """
        CREATE TABLE alerts(
            key bigint PRIMARY KEY, id text NOT NULL CONSTRAINT \(namesOfAlert[1]) UNIQUE,
            source_key bigint NOT NULL REFERENCES sources(key),
            incident_id text COLLATE "C" NOT NULL, created_at bigint NOT NULL,
            sequence bigint NOT NULL, is_firing boolean NOT NULL, title text NOT NULL,
            summary text, severity text, bigpanda_status text,
            is_open_in_bigpanda boolean NOT NULL, environment_id text,
            is_flapping boolean NOT NULL, is_snoozed boolean NOT NULL, tags text NOT NULL,
            source_url text, alert_count bigint, fired_at bigint, resolved_at bigint,
            resolved_by_kind text, resolved_by_name text, updated_at bigint NOT NULL,
            changed_on bigint, updated_on bigint, fingerprint_high bigint,
            fingerprint_low bigint, reading_due_at bigint, missing_count bigint NOT NULL,
            CONSTRAINT \(namesOfAlert[0]) UNIQUE (incident_id, source_key)
        )
        """,
        "CREATE INDEX alerts_by_change ON alerts(sequence)",
        "CREATE INDEX alerts_by_status ON alerts(is_firing, sequence)",
        "CREATE INDEX alerts_by_source ON alerts(source_key, is_firing, sequence)",
        """
        CREATE INDEX alerts_by_resolution ON alerts(resolved_at) WHERE resolved_at IS NOT NULL
        """,
        """
        CREATE INDEX alerts_to_read ON alerts(source_key, reading_due_at)
            WHERE reading_due_at IS NOT NULL
        """,
        """
        CREATE TABLE transitions(
            key bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
            alert_key bigint NOT NULL REFERENCES alerts(key), at bigint NOT NULL,
            outcome text NOT NULL, is_firing boolean NOT NULL, cause_kind text NOT NULL,
            cause_name text NOT NULL, comment text, changed_on bigint, delivery_key bigint
        )
        """,
        "CREATE INDEX transitions_by_alert ON transitions(alert_key, key)",
    ]

    private static let closes = [
        """
        CREATE TABLE closes(
            key bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY, id text NOT NULL UNIQUE,
            alert_key bigint NOT NULL REFERENCES alerts(key), integration_key bigint,
            requested_by text NOT NULL, comment text, created_at bigint NOT NULL,
            state text NOT NULL, next_step text NOT NULL, attempts bigint NOT NULL,
            failures bigint NOT NULL, next_attempt_at bigint, last_error text, sent_at bigint,
            updated_at bigint NOT NULL, lease_ends_at bigint, fence bigint NOT NULL
        )
        """,
        "CREATE INDEX closes_by_alert ON closes(alert_key, key)",
        "CREATE INDEX closes_by_state ON closes(state, key)",
        """
        CREATE INDEX closes_owed ON closes(integration_key, next_attempt_at)
            WHERE state IN ('pending', 'sending', 'sent')
        """,
    ]

    private static let journal = [
        """
        CREATE TABLE delivery_blocks(
            key bigint PRIMARY KEY, content_bytes bigint NOT NULL,
            content bytea NOT NULL
        )
        """,
        // Compressed already.
        "ALTER TABLE delivery_blocks ALTER COLUMN content SET STORAGE EXTERNAL",
        """
        CREATE TABLE deliveries(
            key bigint PRIMARY KEY, received_at bigint NOT NULL, source_key bigint,
            secret_id text, outcome text NOT NULL, reason text, incident_id text, alert_id text,
            peer text NOT NULL, bytes bigint NOT NULL, replay_of bigint,
            stored_bytes bigint NOT NULL, header_bytes bigint NOT NULL, body_bytes bigint,
            content_at bigint NOT NULL, block_key bigint NOT NULL
        )
        """,
        "CREATE INDEX deliveries_refused ON deliveries(key) WHERE outcome = 'refused'",
        "CREATE INDEX deliveries_by_source ON deliveries(source_key, key)",
    ]
}
