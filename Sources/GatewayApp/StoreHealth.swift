package import Alerts
package import EventLoop
package import Logging

/// Whether the store can be written, by what it did last.
///
/// After a failure it is tried again every two seconds, so that the gateway becomes ready by
/// itself when the trouble is over, even if no webhook comes to show it.
@LoopActor
package final class StoreHealth {
    private let store: any AlertStore
    private let log: Logger
    private let timer = Timer()
    private var isStopped = false
    private var isProbing = false
    /// What is wrong; `nil` when nothing is.
    package private(set) var problem: StoreError? {
        didSet {
            if problem != oldValue { onChange(problem) }
        }
    }
    /// Hears of what is wrong when that changes, and of `nil` when nothing is any more.
    package var onChange: @LoopActor (StoreError?) -> Void = { _ in }
    private static let probeInterval = Duration.seconds(2)

    /// Makes one that has no reason to complain.
    package init(store: any AlertStore, log: Logger) {
        self.store = store
        self.log = log
    }

    /// The store did what was asked.
    package func worked() {
        guard problem != nil else { return }
        problem = nil
        timer.stop()
        log.notice("The store can be written again.")
    }

    /// The store failed.
    package func failed(_ error: StoreError) {
        if problem?.kind != error.kind {
            log.error("The store can't be written.", metadata: ["error": "\(error)"])
        }
        problem = error
        guard !timer.isRunning, !isStopped else { return }
        timer.start(after: Self.probeInterval) { [weak self] in self?.probe() }
    }

    /// Probes no more.
    package func stop() {
        isStopped = true
        timer.stop()
    }

    /// Something else than a webhook could not be stored: finds out whether anything can be.
    package func doubt() {
        if problem == nil { probe() }
    }

    /// Finds out whether the store can be written now.
    package func probe() {
        guard !isProbing else { return }
        isProbing = true
        LoopActor.spawn { [self] in
            defer { isProbing = false }
            do throws(StoreError) {
                try await store.checkWritable()
                worked()
            } catch {
                failed(error)
            }
        }
    }
}
