import Alerts
import EventLoop
import GatewayApp
import Synchronization

/// The time of day of the demo's two programs, which may be behind the real one.
final class DemoClock: Sendable {
    private let milliseconds = Mutex<Int64>(0)

    /// Sets it to `minutes` before the real time.
    func fallBehind(minutes: Int64) {
        milliseconds.withLock { $0 = minutes * 60_000 }
    }

    /// The time in milliseconds since 1970.
    var now: Int64 { SystemClock.wallMilliseconds() - milliseconds.withLock { $0 } }

    /// The gateway's time of day.
    var wall: WallClock { WallClock { [self] in Timestamp(milliseconds: now) } }
}
