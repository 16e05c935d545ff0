/// A moment of civil time, as BigPanda and people tell it: milliseconds since 1970-01-01T00:00:00Z.
///
/// Waits are never measured with it, since civil time may jump; they use `ContinuousClock.Instant`.
package struct Timestamp: Sendable, Hashable, Comparable {
    /// Milliseconds since the Unix epoch, leap seconds not counted (POSIX.1-2017, section 4.16).
    package let milliseconds: Int64

    /// The moments that RFC 3339 can write: the years 0001 to 9999.
    package static let representable =
        -62_135_596_800_000...253_402_300_799_999 as ClosedRange<Int64>

    /// Makes a moment from milliseconds since the Unix epoch.
    package init(milliseconds: Int64) {
        self.milliseconds = milliseconds
    }

    /// Makes a moment from whole seconds since the Unix epoch; `nil` when no calendar can show it.
    package init?(seconds: Int64) {
        let (product, hasOverflowed) = seconds.multipliedReportingOverflow(by: 1000)
        guard !hasOverflowed, Self.representable.contains(product) else { return nil }
        milliseconds = product
    }

    /// The last whole second at or before this moment, which is as exactly as BigPanda tells time.
    package var wholeSeconds: Int64 {
        milliseconds >= 0 ? milliseconds / 1000 : (milliseconds - 999) / 1000
    }

    /// Orders moments in time.
    package static func < (lhs: Timestamp, rhs: Timestamp) -> Bool {
        lhs.milliseconds < rhs.milliseconds
    }

    /// The moment `duration` later, cut to whole milliseconds.
    package static func + (moment: Timestamp, duration: Duration) -> Timestamp {
        let (seconds, attoseconds) = duration.components
        return Timestamp(
            milliseconds: moment.milliseconds + seconds * 1000
                + attoseconds / 1_000_000_000_000_000)
    }

    /// The moment `duration` earlier, cut to whole milliseconds.
    package static func - (moment: Timestamp, duration: Duration) -> Timestamp {
        moment + (.zero - duration)
    }

    /// How long after `earlier` this moment is; negative when it is before.
    package static func - (later: Timestamp, earlier: Timestamp) -> Duration {
        .milliseconds(later.milliseconds - earlier.milliseconds)
    }
}
