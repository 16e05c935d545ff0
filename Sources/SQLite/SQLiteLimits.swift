/// What a connection may use.
package enum SQLiteLimits {
    /// 5 s: longer than any commit or checkpoint of another process on the same file, such as a
    /// backup, and short enough to answer a webhook before BigPanda gives up.
    package static let busyDuration = Duration.seconds(5)
    /// 2 MiB of page cache: the hot pages of a storm, well within the footprint of the process.
    package static let cacheBytes = 2 << 20
    /// 200 kept statements: more than the program has texts, few enough to notice a leak.
    static let keptMax = 200
    /// 100 bytes in a slot, 200 slots: 20 KB of small allocations without a lock.
    static let lookasideBytes = 100
    /// See `lookasideBytes`.
    static let lookasideCount = 200
    /// 64 KiB: what one webhook adds to the log is written in one piece, a batch in two or three.
    static let logWriteBytes = 64 << 10
    /// Bytes of what stands before each page of the log; no page is as short.
    static let logHeaderBytes = 24
    /// 32 MiB: several bodies of the largest size; a value above it is refused by SQLite.
    static let valueBytesMax = 32 << 20
    /// Bytes of one SQL text; ours are a few kilobytes.
    static let textBytesMax = 100_000
    /// 1,000 virtual machine instructions pass between two looks at the deadline, some 10 µs.
    static let instructionsBetweenChecks = 1_000
}
