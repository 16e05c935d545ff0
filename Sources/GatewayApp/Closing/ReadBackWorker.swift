package import Alerts
package import EventLoop
package import Logging

/// Reads incidents back from BigPanda when something about them can't be decided without.
@LoopActor
package final class ReadBackWorker {
    private let store: any AlertStore
    private let directory: Directory
    private let connections: Connections
    private let finder: IncidentFinder
    private let clock: WallClock
    private let log: Logger
    private var waiting: [AlertID] = []
    private var isRunning = false
    private var isStopped = false

    /// Makes a worker with nothing to do.
    package init(
        store: any AlertStore, directory: Directory, connections: Connections, clock: WallClock,
        log: Logger
    ) {
        self.store = store
        self.directory = directory
        self.connections = connections
        finder = IncidentFinder(connections: connections, directory: directory)
        self.clock = clock
        self.log = log
    }

    /// Asks for an alert's incident to be read soon; one that waits already is not asked twice.
    package func request(_ id: AlertID) {
        guard !isStopped, waiting.count < Limits.readingsMax, !waiting.contains(id) else { return }
        waiting.append(id)
        guard !isRunning else { return }
        isRunning = true
        LoopActor.spawn { [self] in
            while !waiting.isEmpty, !isStopped { await read(waiting.removeFirst()) }
            isRunning = false
        }
    }

    /// Takes up nothing more.
    package func stop() {
        isStopped = true
        waiting = []
    }

    private func read(_ id: AlertID) async {
        do throws(StoreError) {
            guard let subject = try await store.alert(id),
                let source = directory.source(subject.alert.sourceID.text)
            else { return }
            let readAt = clock.now
            switch await reading(of: subject.alert, for: source.integrationID) {
            case .success(let reading):
                let change = try await store.apply(reading, to: id, readAt: readAt, at: clock.now)
                log.info(
                    "An incident was read back.",
                    metadata: [
                        "alert": "\(id)", "incident": "\(subject.alert.incidentID)",
                        "outcome": "\(change?.outcome.rawValue ?? "gone")",
                    ])
            case .failure(let failure):
                log.notice(
                    "An incident could not be read back.",
                    metadata: [
                        "alert": "\(id)", "incident": "\(subject.alert.incidentID)",
                        "error": "\(failure.asRead.inWords)",
                    ])
            }
        } catch {
            log.error(
                "A reading could not be stored.",
                metadata: [
                    "alert": "\(id)", "error": "\(error)",
                ])
        }
    }

    private func reading(
        of alert: Alert, for id: IntegrationID
    ) async -> Result<IncidentReading, CallFailure> {
        var tried: Set<String> = []
        if let preferred = finder.preferred(alert.environmentID, for: id) {
            let answer = await connections.call(id, .reading) {
                await $0.read(incidentID: alert.incidentID, environmentID: preferred)
            }
            guard answer == .failure(.notFound) else { return answer }
            tried = [preferred]
        }
        return await finder.search(
            alert.incidentID, for: id, urgency: .reading, except: tried)
    }
}
