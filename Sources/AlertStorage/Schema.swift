/// The tables, as numbered steps from one version of them to the next.
///
/// Text columns hold what the domain's enums call their cases; times are milliseconds since 1970.
enum Schema {
    /// "BPGW", which tells our files from those of other programs that use SQLite.
    static let applicationID: Int32 = 0x4250_4757

    /// The version that this program writes: the number of steps.
    static var version: Int32 { Int32(steps.count) }

    /// Step n leads from version n to version n + 1.
    static let steps = [
        first, readings, deliveries, deliveryBlocks, changes, sessions, audit, traffic, canaries,
        outbound,
    ]

    /// The first tables, made with an eye on a million alerts.
    ///
    /// - Rows carry a small number (`key`) as their name inside the file, so that indexes stay
    ///   small, and tables are written at their ends however large they have become.
    /// - A timeline is a chain: the alert knows its newest transition, each transition the one
    ///   before it. Appending to a timeline thus touches the end of one table and no index.
    /// - `sequence` grows with every change to an alert; lists are read in its order. Two indexes
    ///   begin with what is mostly asked for, and end with it.
    /// - Counts are kept, since counting a million rows takes too long to be done every time.
    private static let first = """
        CREATE TABLE meta(
            name TEXT PRIMARY KEY, value BLOB NOT NULL
        ) STRICT, WITHOUT ROWID;

        CREATE TABLE counts(
            name TEXT PRIMARY KEY, value INTEGER NOT NULL
        ) STRICT, WITHOUT ROWID;
        INSERT INTO counts VALUES
            ('sequence', 0), ('probes', 0), ('alerts.firing', 0), ('alerts.resolved', 0),
            ('closes.pending', 0), ('closes.sending', 0), ('closes.sent', 0),
            ('closes.confirmed', 0), ('closes.failed', 0), ('closes.cancelled', 0);

        -- AUTOINCREMENT: closes that outlive an integration must not become another's.
        CREATE TABLE integrations(
            key INTEGER PRIMARY KEY AUTOINCREMENT, id TEXT NOT NULL UNIQUE, name TEXT NOT NULL,
            region TEXT, base_url TEXT NOT NULL, environment_id TEXT, environments TEXT NOT NULL,
            key_suffix TEXT NOT NULL, key_expires_at INTEGER, state TEXT NOT NULL,
            state_reason TEXT, checked_at INTEGER NOT NULL, created_at INTEGER NOT NULL,
            updated_at INTEGER NOT NULL, sealed_key BLOB NOT NULL
        ) STRICT;

        CREATE TABLE sources(
            key INTEGER PRIMARY KEY, id TEXT NOT NULL UNIQUE,
            integration_key INTEGER REFERENCES integrations(key) ON DELETE SET NULL,
            name TEXT NOT NULL, is_enabled INTEGER NOT NULL, last_delivery_at INTEGER,
            delivery_count INTEGER NOT NULL, created_at INTEGER NOT NULL,
            updated_at INTEGER NOT NULL, removed_at INTEGER
        ) STRICT;
        CREATE INDEX sources_by_integration ON sources(integration_key);

        CREATE TABLE source_secrets(
            id TEXT PRIMARY KEY, source_key INTEGER NOT NULL REFERENCES sources(key),
            position INTEGER NOT NULL, hash BLOB NOT NULL, created_at INTEGER NOT NULL,
            expires_at INTEGER, last_used_at INTEGER
        ) STRICT, WITHOUT ROWID;
        CREATE INDEX source_secrets_by_source ON source_secrets(source_key, position);

        CREATE TABLE alerts(
            key INTEGER PRIMARY KEY, id TEXT NOT NULL UNIQUE,
            source_key INTEGER NOT NULL REFERENCES sources(key), incident_id TEXT NOT NULL,
            created_at INTEGER NOT NULL, sequence INTEGER NOT NULL, is_firing INTEGER NOT NULL,
            title TEXT NOT NULL, summary TEXT, severity TEXT, bigpanda_status TEXT,
            is_open_in_bigpanda INTEGER NOT NULL, environment_id TEXT,
            is_flapping INTEGER NOT NULL, is_snoozed INTEGER NOT NULL, tags TEXT NOT NULL,
            source_url TEXT, alert_count INTEGER, fired_at INTEGER, resolved_at INTEGER,
            resolved_by_kind TEXT, resolved_by_name TEXT, updated_at INTEGER NOT NULL,
            changed_on INTEGER, updated_on INTEGER, fingerprint_high INTEGER,
            fingerprint_low INTEGER, close_key INTEGER, transition_key INTEGER,
            UNIQUE(incident_id, source_key)
        ) STRICT;
        CREATE INDEX alerts_by_change ON alerts(is_firing, sequence);
        CREATE INDEX alerts_by_source ON alerts(source_key, is_firing, sequence);
        CREATE INDEX alerts_by_resolution ON alerts(resolved_at) WHERE resolved_at IS NOT NULL;

        CREATE TABLE transitions(
            key INTEGER PRIMARY KEY, alert_key INTEGER NOT NULL, previous_key INTEGER,
            at INTEGER NOT NULL, outcome TEXT NOT NULL, is_firing INTEGER NOT NULL,
            cause_kind TEXT NOT NULL, cause_name TEXT NOT NULL, comment TEXT, changed_on INTEGER
        ) STRICT;

        CREATE TABLE closes(
            key INTEGER PRIMARY KEY, id TEXT NOT NULL UNIQUE,
            alert_key INTEGER NOT NULL REFERENCES alerts(key), integration_key INTEGER,
            requested_by TEXT NOT NULL, comment TEXT, created_at INTEGER NOT NULL,
            state TEXT NOT NULL, next_step TEXT NOT NULL, attempts INTEGER NOT NULL,
            failures INTEGER NOT NULL, next_attempt_at INTEGER, last_error TEXT, sent_at INTEGER,
            updated_at INTEGER NOT NULL
        ) STRICT;
        CREATE INDEX closes_by_alert ON closes(alert_key);
        CREATE INDEX closes_by_state ON closes(state);
        CREATE INDEX closes_owed ON closes(integration_key, next_attempt_at)
            WHERE state IN ('pending', 'sending', 'sent');
        """
}
