package import Alerts
package import EventLoop
package import Logging

/// Tells operators that somebody still uses the admin token that is on its way out.
@LoopActor
package final class PreviousTokenUse {
    /// When it was last used; 1970 when it was not.
    private(set) package var lastAt = Timestamp(milliseconds: 0)

    private let clock: WallClock
    private let log: Logger
    private var toldAt: Timestamp?

    /// Knows of no use.
    package init(clock: WallClock, log: Logger) {
        self.clock = clock
        self.log = log
    }

    /// It was used just now: said at once, and then about once an hour.
    func note() {
        lastAt = clock.now
        if let toldAt, lastAt >= toldAt, lastAt - toldAt < Limits.previousTokenReminder { return }
        toldAt = lastAt
        log.notice(
            """
            A call was made with the previous admin token; whoever makes it needs the new one \
            before GATEWAY_ADMIN_TOKEN_PREVIOUS is taken away.
            """)
    }
}
