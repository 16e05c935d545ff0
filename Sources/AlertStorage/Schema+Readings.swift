extension Schema {
    /// When firing alerts are read back.
    ///
    /// The index holds only what is to be read, by source, so that an integration that is paused
    /// keeps nobody else's readings behind its own. Alerts from before are due at once.
    static let readings = """
        ALTER TABLE alerts ADD COLUMN reading_due_at INTEGER;
        ALTER TABLE alerts ADD COLUMN missing_count INTEGER NOT NULL DEFAULT 0;
        UPDATE alerts SET reading_due_at = updated_at WHERE is_firing;
        CREATE INDEX alerts_to_read ON alerts(source_key, reading_due_at)
            WHERE reading_due_at IS NOT NULL;
        """
}
