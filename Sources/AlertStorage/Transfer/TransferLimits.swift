/// What moving a store may use.
enum TransferLimits {
    /// 1,000 rows in one go: a hundred thousand rows take a hundred round trips.
    static let rowsMax = 1_000
    /// 1 MiB of rows in one go, or one larger row: what is held at a time, some copies included, is
    /// a few times that.
    static let chunkBytes = 1 << 20
    /// 10 min for one statement: counting or sampling a million rows takes seconds, on a slow disk
    /// a minute.
    static let statementDuration = Duration.seconds(600)
}
