import AlertJSON
import Alerts
import EventLoop
import HTTPServer
import JSON

/// `/v1/integrations/{id}/canary`: show, switch on, switch off.
@LoopActor
final class CanaryRoutes {
    private let store: any CanaryStore
    private let directory: Directory
    private let clock: WallClock
    /// Called after one was switched on.
    var onSwitched: (@LoopActor () -> Void)?

    init(store: any CanaryStore, directory: Directory, clock: WallClock) {
        self.store = store
        self.directory = directory
        self.clock = clock
    }

    func add(to routes: inout AdminRoutes) {
        let one = "/v1/integrations/{id}/canary"
        routes.add(one) { [self] _, parameters in try await show(stored(parameters)) }
        routes.add(.put, one, needs: .admin) { [self] request, parameters, caller in
            let id = try stored(parameters)
            let fields = try RequestFields(request)
            let seconds = try fields.integer("interval_seconds", in: Canary.intervalSeconds)
            let interval = Duration.seconds(seconds ?? Canary.intervalSecondsDefault)
            try await write(interval, id, caller)
            onSwitched?()
            return try await show(id)
        }
        routes.add(.delete, one, needs: .admin) { [self] _, parameters, caller in
            let id = try stored(parameters)
            try await write(nil, id, caller)
            try await directory.removeCanarySource(of: id)
            return .noContent
        }
    }

    private func stored(_ parameters: RouteParameters) throws(APIProblem) -> IntegrationID {
        let id = IntegrationID(parameters["id"] ?? "")
        guard directory.integration(id) != nil else { throw APIProblem.notFound("integration") }
        return id
    }

    private func write(
        _ interval: Duration?, _ id: IntegrationID, _ caller: Caller
    ) async throws(StoreError) {
        try await caller.changing(
            .integrationUpdate, id.text, fields: ["canary"], at: clock.now
        ) { () async throws(StoreError) in
            try await store.setCanary(interval, of: id, at: clock.now)
        }
    }

    private func show(_ id: IntegrationID) async throws -> HTTPResponse {
        let canary = try await store.canaries()[id]
        return .json { [now = clock.now] in $0.canary(canary, at: now) }
    }
}

extension JSONWriter {
    fileprivate mutating func canary(_ canary: Canary?, at now: Timestamp) {
        object { json in
            json.member("enabled", canary != nil)
            json.member("interval_seconds", canary?.interval.components.seconds)
            json.member("state", canary?.verdict(at: now).name)
            json.member("last_passed_at", canary?.succeededAt)
            json.name("last_run")
            json.run(canary?.lastRun)
        }
    }

    private mutating func run(_ run: CanaryRun?) {
        guard let run else { return null() }
        object { json in
            json.member("started_at", run.startedAt)
            json.member("ended_at", run.endedAt)
            json.member("alert_id", run.alertID?.text)
            json.member("failed_hop", run.failure?.hop.rawValue)
            json.member("reason", run.failure?.reason)
            json.name("hops")
            json.array { json in
                for (hop, duration) in zip(CanaryRun.Hop.allCases, run.durations) {
                    json.object { json in
                        json.member("hop", hop.rawValue)
                        json.member("seconds", duration.inSeconds)
                    }
                }
            }
        }
    }
}

extension Duration {
    /// As a number of seconds.
    var inSeconds: Double {
        Double(components.seconds) + Double(components.attoseconds) / 1e18
    }
}
