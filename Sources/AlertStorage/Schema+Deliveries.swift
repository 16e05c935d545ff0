extension Schema {
    /// The first journal of deliveries, with each one's content in its own row.
    static let deliveries = """
        CREATE TABLE deliveries(
            key INTEGER PRIMARY KEY, received_at INTEGER NOT NULL, source_key INTEGER,
            secret_id TEXT, outcome TEXT NOT NULL, reason TEXT, incident_id TEXT, alert_id TEXT,
            peer TEXT NOT NULL, bytes INTEGER NOT NULL, replay_of INTEGER,
            stored_bytes INTEGER NOT NULL, header_bytes INTEGER NOT NULL, body_bytes INTEGER,
            content BLOB NOT NULL
        ) STRICT;
        CREATE INDEX deliveries_refused ON deliveries(key) WHERE outcome = 'refused';
        ALTER TABLE transitions ADD COLUMN delivery_key INTEGER;
        INSERT INTO counts VALUES ('deliveries.last', 0), ('deliveries.bytes', 0);
        """

    /// The journal of deliveries, with contents in blocks.
    ///
    /// - A delivery's key is its running number, counted in `counts` so that no number comes twice,
    ///   and makes its id. Rows are written at the table's end; of the two indexes one holds only
    ///   the refused ones, and the other grows at one place for each source.
    /// - A block holds the header lines and bodies of deliveries that were stored together, one
    ///   after the other, compressed when that makes them shorter. Its key is that of its last.
    /// - The bytes stored are counted, so that the journal's bound costs no look at its rows.
    /// - What an earlier version kept is given up: it is a record, and owes nobody anything.
    static let deliveryBlocks = """
        DROP TABLE deliveries;
        CREATE TABLE delivery_blocks(
            key INTEGER PRIMARY KEY, content_bytes INTEGER NOT NULL, content BLOB NOT NULL
        ) STRICT;
        CREATE TABLE deliveries(
            key INTEGER PRIMARY KEY, received_at INTEGER NOT NULL, source_key INTEGER,
            secret_id TEXT, outcome TEXT NOT NULL, reason TEXT, incident_id TEXT, alert_id TEXT,
            peer TEXT NOT NULL, bytes INTEGER NOT NULL, replay_of INTEGER,
            stored_bytes INTEGER NOT NULL, header_bytes INTEGER NOT NULL, body_bytes INTEGER,
            content_at INTEGER NOT NULL, block_key INTEGER NOT NULL
        ) STRICT;
        CREATE INDEX deliveries_refused ON deliveries(key) WHERE outcome = 'refused';
        CREATE INDEX deliveries_by_source ON deliveries(source_key, key);
        UPDATE counts SET value = 0 WHERE name = 'deliveries.bytes';
        """
}
