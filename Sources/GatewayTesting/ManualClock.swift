import Synchronization

/// A wall clock that moves only when a test says so.
package final class ManualClock: Sendable {
    private let milliseconds: Mutex<Int64>

    /// A clock that stands at `milliseconds` since 1970-01-01T00:00:00Z.
    package init(milliseconds: Int64 = 1_700_000_000_000) {
        self.milliseconds = Mutex(milliseconds)
    }

    /// Milliseconds since 1970-01-01T00:00:00Z.
    package func wallMilliseconds() -> Int64 { milliseconds.withLock { $0 } }

    /// Moves the clock; back as well, as wall clocks do.
    package func advance(by duration: Duration) {
        let (seconds, attoseconds) = duration.components
        let delta = seconds * 1000 + attoseconds / 1_000_000_000_000_000
        milliseconds.withLock { $0 += delta }
    }
}
