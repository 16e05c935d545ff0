extension Schema {
    /// Who is signed in, and what happened in each hour.
    ///
    /// A row of `activity` belongs to an hour and a source: those of a day are read in one go.
    static let sessions = """
        CREATE TABLE sessions(
            hash BLOB PRIMARY KEY, id TEXT NOT NULL, peer TEXT NOT NULL,
            created_at INTEGER NOT NULL, last_used_at INTEGER NOT NULL
        ) STRICT, WITHOUT ROWID;
        CREATE TABLE activity(
            hour INTEGER NOT NULL, name TEXT NOT NULL, value INTEGER NOT NULL,
            PRIMARY KEY (hour, name)
        ) STRICT, WITHOUT ROWID;
        """
}
