package import EventLoop

/// Looks every two seconds how late the loop comes to its timers.
///
/// A loop that is held up answers nobody, and shows in no other figure: what waits in the kernel is
/// not counted yet.
@LoopActor
package final class LoopWatch {
    private let metrics: Metrics
    private let timer = Timer()
    private var isStopped = false
    private let interval: Duration

    /// Counts in `metrics` once it is started.
    package init(metrics: Metrics, interval: Duration = .seconds(2)) {
        self.metrics = metrics
        self.interval = interval
    }

    /// Looks from now on.
    package func start() {
        guard !isStopped else { return }
        let due = SystemClock.nanoseconds() + Int(interval / .nanoseconds(1))
        timer.start(after: interval) { [weak self] in
            guard let self else { return }
            metrics.countLag(SystemClock.nanoseconds() - due)
            start()
        }
    }

    /// Looks no more.
    package func stop() {
        isStopped = true
        timer.stop()
    }
}
