import Alerts
package import EventLoop
package import Logging

/// Checks the keys of integrations that are not `connected` now and then, so that one that BigPanda
/// accepts again, or can be reached again, is used again without anybody asking.
@LoopActor
package final class KeyRechecker {
    private let directory: Directory
    private let connections: Connections
    private let interval: Duration
    private let log: Logger
    private let timer = Timer()
    private var waiting: [IntegrationID] = []
    private var checkersCount = 0
    private var isStopped = false
    /// Whether that is this gateway's to do.
    private let isOnDuty: @LoopActor () -> Bool

    /// Makes one that checks nothing yet.
    ///
    /// `interval` is the mean wait between two rounds. Each wait is drawn from 80 to 120 % of it,
    /// so that gateways that share an organisation don't check together.
    package init(
        directory: Directory, connections: Connections,
        interval: Duration = Limits.keyRecheckInterval, log: Logger,
        isOnDuty: @escaping @LoopActor () -> Bool
    ) {
        self.isOnDuty = isOnDuty
        self.directory = directory
        self.connections = connections
        self.interval = interval
        self.log = log
    }

    /// Begins with a round at once: a key may have been put right while the gateway was away, or
    /// not on duty.
    package func start() {
        guard !isStopped else { return }
        // A round that still runs is not overtaken: it would check the same keys twice.
        if checkersCount == 0, isOnDuty() {
            waiting = directory.integrations.filter { $0.state != .connected }.map(\.id)
        }
        while checkersCount < min(waiting.count, Limits.keyRechecksMax) {
            checkersCount += 1
            LoopActor.spawn { [self] in
                while !isStopped, isOnDuty(), let id = waiting.popLast() { await check(id) }
                checkersCount -= 1
            }
        }
        timer.start(after: interval * .random(in: 0.8..<1.2)) { [weak self] in self?.start() }
    }

    /// Begins no further check.
    package func stop() {
        isStopped = true
        timer.stop()
    }

    private func check(_ id: IntegrationID) async {
        guard let integration = directory.integration(id), integration.state != .connected,
            let key = directory.key(of: id)
        else { return }
        let found = await connections.check(
            id, endpoint: integration.endpoint, key: key, urgency: .reading)
        switch found {
        case .good, .rejected, .forbidden: break
        // Says nothing about the key: what was known of it stays.
        case .notBigPanda, .unreachable: return
        }
        do throws(StoreError) {
            // Somebody may have changed the integration while BigPanda was asked.
            guard directory.integration(id)?.endpoint == integration.endpoint,
                let changed = try await directory.record(found, of: key, for: id)
            else { return }
            guard changed.state != integration.state else { return }
            log.notice(
                "A key was checked again.",
                metadata: ["integration": "\(id)", "state": "\(changed.state.rawValue)"])
        } catch {
            log.error(
                "What a check of a key found could not be stored.",
                metadata: ["integration": "\(id)", "error": "\(error)"])
        }
    }
}
