extension Schema {
    /// One sequence for the changes of everything that is told.
    ///
    /// - Closes and integrations carry the number of their newest change, as alerts do. Deliveries
    ///   never change: their keys are drawn from the same sequence, so that a webhook costs no
    ///   further row.
    /// - Nobody can have asked yet for what changed before.
    /// - An integration that is removed leaves its number behind; there are few.
    static let changes = """
        ALTER TABLE closes ADD COLUMN sequence INTEGER NOT NULL DEFAULT 0;
        CREATE INDEX closes_by_change ON closes(sequence);
        ALTER TABLE integrations ADD COLUMN sequence INTEGER NOT NULL DEFAULT 0;
        CREATE TABLE removed_integrations(
            sequence INTEGER PRIMARY KEY, id TEXT NOT NULL
        ) STRICT;
        UPDATE counts
            SET value = max(value, (SELECT value FROM counts WHERE name = 'deliveries.last'))
            WHERE name = 'sequence';
        DELETE FROM counts WHERE name = 'deliveries.last';
        """
}
