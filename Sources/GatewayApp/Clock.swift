package import Alerts
import EventLoop

/// Where the application takes the time of day from; a test hands in one that it sets.
package struct WallClock: Sendable {
    private let read: @Sendable () -> Timestamp

    /// The system's clock.
    package static let system = WallClock {
        Timestamp(milliseconds: SystemClock.wallMilliseconds())
    }

    /// Takes the time from `read`.
    package init(_ read: @escaping @Sendable () -> Timestamp) {
        self.read = read
    }

    /// The time of day.
    package var now: Timestamp { read() }
}
