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
    /// 4,000 pages of log when its turn comes: one of lone webhooks, which is moved in slices.
    static let logPagesInSlices = 4_000
    /// 200 changes, some 100 webhooks: a log that fewer filled is moved at once.
    static let logChangesInSlices = 200
    /// 16 pages of a slice: with their sync 0.5 ms of a disk, of which most passes before a lone
    /// webhook's commit needs it.
    static let logSlicePages = 16
    /// 1 ms for a gap between two commits: nobody is kept waiting when none comes.
    static let gapDurationMax = Duration.milliseconds(1)
    /// 100 pages that came while the log was moved, seven lone webhooks, before it is gone over
    /// again.
    static let logPagesWorthAPass = 100
    /// 4 times, at most, that a log is gone over.
    static let logPassesMax = 4
    /// 5,500 pages of log, while it is moved in slices, before the rest is moved at once.
    static let logPagesBeforeHurry = 5_500
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
