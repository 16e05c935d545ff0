import Alerts

extension Schema {
    /// Named tokens, and what was done with them.
    ///
    /// - Entries of the audit log are numbered by the table, which gives no number twice.
    /// - The file itself refuses to change an entry, or to remove one that is not old enough.
    static let audit = """
        CREATE TABLE admin_tokens(
            id TEXT PRIMARY KEY, name TEXT NOT NULL UNIQUE, role TEXT NOT NULL,
            hash BLOB NOT NULL, created_at INTEGER NOT NULL, last_used_at INTEGER
        ) STRICT, WITHOUT ROWID;
        ALTER TABLE sessions ADD COLUMN token_id TEXT;
        CREATE TABLE audit(
            key INTEGER PRIMARY KEY AUTOINCREMENT, at INTEGER NOT NULL,
            actor_kind TEXT NOT NULL, actor_name TEXT NOT NULL, session_id TEXT,
            peer TEXT NOT NULL, action TEXT NOT NULL, object_id TEXT NOT NULL,
            fields TEXT NOT NULL, outcome TEXT NOT NULL
        ) STRICT;
        CREATE INDEX audit_by_action ON audit(action, key);
        CREATE INDEX audit_by_object ON audit(object_id, key);
        CREATE INDEX audit_by_actor ON audit(actor_name, key);
        CREATE TRIGGER audit_unchanged BEFORE UPDATE ON audit
            BEGIN SELECT RAISE(ABORT, 'the audit log can only be added to'); END;
        CREATE TRIGGER audit_kept BEFORE DELETE ON audit
            WHEN old.at > unixepoch() * 1000 - \(AuditEntry.age.components.seconds) * 1000
            BEGIN SELECT RAISE(ABORT, 'the audit log can only be added to'); END;
        """
}
