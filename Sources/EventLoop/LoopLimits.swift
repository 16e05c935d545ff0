/// The bounds of the event loop, each with its unit and its reason.
package enum LoopLimits {
    /// Rounds of jobs between two polls for I/O.
    ///
    /// Enough for a chain of awaits to finish without a system call between its steps; few enough
    /// that two tasks that wake each other for ever don't keep the sockets waiting.
    static let jobRoundsMax = 16
    /// Jobs; a list that a storm made longer than this gives its memory back.
    static let jobListCapacityKeptMax = 4096
    /// Bytes of the one read buffer that all streams share: what Linux hands over in one read of a
    /// full default socket buffer, and one allocation for the whole process.
    package static let readBufferBytes = 65_536
    /// 128 KiB, of which Linux makes twice as much, that the kernel holds for a peer that is slow
    /// to read; else it lets that grow to some MB, and thousands of such peers to some GB.
    ///
    /// Enough for 1 MB/s to the other side of the world. Source: tcp(7), socket(7), `SO_SNDBUF`.
    package static let sendBufferBytes: Int32 = 131_072
    /// Connections accepted from one listener in one turn, so that a storm of connections doesn't
    /// starve those that are open.
    static let acceptsPerTurnMax = 64
    /// How long a listener rests after the process ran out of descriptors: short for a person,
    /// long for a loop that would spin otherwise.
    static let acceptPauseDuration = Duration.milliseconds(100)
    /// Bytes of a Unix socket's path, without the closing zero.
    ///
    /// Source: unix(7), `sun_path`.
    package static let unixPathBytesMax = 107
    /// 1.44.0 as `uv_version()` counts: the oldest release that this was tested with.
    static let libuvVersionMin: UInt32 = 1 << 16 | 44 << 8
}
