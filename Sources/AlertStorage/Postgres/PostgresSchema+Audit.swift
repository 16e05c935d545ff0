import Alerts

extension PostgresSchema {
    /// Named tokens, and what was done with them.
    ///
    /// The database itself refuses to change an entry of the audit log, or to remove one that is
    /// not old enough.
    static let audit = [
        """
        CREATE TABLE admin_tokens(
            id text PRIMARY KEY, name text NOT NULL UNIQUE, role text NOT NULL,
            hash bytea NOT NULL, created_at bigint NOT NULL, last_used_at bigint
        )
        """,
        "ALTER TABLE sessions ADD COLUMN token_id text",
        """
        CREATE TABLE audit(
            key bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY, at bigint NOT NULL,
            actor_kind text NOT NULL, actor_name text NOT NULL, session_id text,
            peer text NOT NULL, action text NOT NULL, object_id text NOT NULL,
            fields text NOT NULL, outcome text NOT NULL
        )
        """,
        "CREATE INDEX audit_by_action ON audit(action, key)",
        "CREATE INDEX audit_by_object ON audit(object_id, key)",
        "CREATE INDEX audit_by_actor ON audit(actor_name, key)",
        """
        CREATE OR REPLACE FUNCTION keep_audit() RETURNS trigger LANGUAGE plpgsql AS $$
        BEGIN
            IF TG_OP = 'DELETE' THEN
                IF OLD.at <= extract(epoch FROM clock_timestamp()) * 1000
                    - \(AuditEntry.age.components.seconds) * 1000::bigint THEN
                    RETURN OLD;
                END IF;
            END IF;
            RAISE EXCEPTION 'the audit log can only be added to'
                USING ERRCODE = 'restrict_violation';
        END
        $$
        """,
        """
        CREATE TRIGGER audit_kept BEFORE UPDATE OR DELETE ON audit
            FOR EACH ROW EXECUTE FUNCTION keep_audit()
        """,
        """
        CREATE TRIGGER audit_not_emptied BEFORE TRUNCATE ON audit
            FOR EACH STATEMENT EXECUTE FUNCTION keep_audit()
        """,
    ]
}
