/// What the SQLite store may use.
package enum StorageLimits {
    /// 2 MiB of page cache for writing: the ends of the tables and indexes that a storm appends to.
    static let writerCacheBytes: Int64 = 2 << 20
    /// 1 MiB of page cache for reading lists, which come from the newest pages.
    static let readerCacheBytes: Int64 = 1 << 20
    /// 500 pages (2 MB) of log before it is moved into the file, if there are changes enough.
    ///
    /// Under full load, twice as much has about the same 99th percentile, four times as much a
    /// tenth more, and half as much takes fewer webhooks in.
    static let logPagesMin = 500
    /// 700 changes, some 350 webhooks, before a log is moved that is not the longest yet.
    ///
    /// Of those that share a log, two wait while it is moved: less than one of a hundred, also of
    /// webhooks that come one by one and take 14 pages each.
    static let logChangesMin = 700
    /// 5,000 pages (20 MB) of log before it is moved whatever it holds.
    static let logPagesMax = 5_000
    /// 6,000 pages (25 MB) of log, while it is being moved, before the writer waits for that.
    static let logPagesBeforeWait = 6_000
    /// 25 MiB: a log that once grew longer, under a long read, is cut back to this.
    static let logBytesKept: Int64 = 25 << 20
    /// 64 KiB of headers and bodies compressed together, or one larger delivery: some 50 webhooks,
    /// and what is read and unpacked to show one of them.
    static let blockBytesMax = 65_536
    /// 1,024 pages (4 MB) of a backup between two looks at its progress.
    static let backupPagesMax = 1_024
    /// 10 s for one list: a search over a million alerts takes a few.
    static let searchDurationMax = Duration.seconds(10)
    /// 1 MiB of JSON in one column: tags and environments, each a few kilobytes.
    static let documentBytesMax = 1 << 20
}
