import Alerts

extension StoreContract {
    private static let canarySource = SourceID(canaryFrom: "src_1")

    /// A store with an integration, a source, and the source of the integration's canaries.
    private static func prepareCanary(_ store: Store) async throws {
        try await prepare(store)
        try await store.insert(
            Sample.source(canarySource, name: "Canary", secret: SecretID("sec_canary")))
    }

    private static func canaryArrival(
        _ incident: String, _ name: EventName, active: Bool = true, at second: Double
    ) -> WebhookArrival {
        Sample.arrival(
            incident, name, active: active, source: canarySource,
            secret: SecretID("sec_canary"), at: second)
    }

    static let canaryCases = [
        Case("a canary is switched on, at another interval, and off") { store in
            try await prepare(store)
            let id = Sample.integrationID
            try expectEqual(try await store.canaries(), [:])
            try await store.setCanary(.seconds(60), of: id, at: Sample.at(1))
            var canary = Canary(interval: .seconds(60), enabledAt: Sample.at(1))
            try expectEqual(try await store.canaries(), [id: canary])
            var run = CanaryRun(startedAt: Sample.at(2))
            run.endedAt = Sample.at(3)
            run.alertID = AlertID("alt_c")
            run.durations = [.microseconds(1500), .milliseconds(2), .seconds(3), .zero]
            try await store.record(run, of: id)
            (canary.lastRun, canary.succeededAt) = (run, Sample.at(3))
            try expectEqual(try await store.canaries(), [id: canary])
            var failed = CanaryRun(startedAt: Sample.at(4))
            failed.endedAt = Sample.at(5)
            failed.failure = CanaryRun.Failure(.close, "no answer")
            failed.durations = [.microseconds(7)]
            try await store.record(failed, of: id)
            try await store.setCanary(.seconds(90), of: id, at: Sample.at(6))
            (canary.lastRun, canary.interval) = (failed, .seconds(90))
            try expectEqual(try await store.canaries(), [id: canary])
            try await store.setCanary(nil, of: id, at: Sample.at(7))
            try await store.record(run, of: id)
            try expectEqual(try await store.canaries(), [:])
        },
        Case("a canary goes with its integration, and there is none without") { store in
            try await store.setCanary(.seconds(60), of: Sample.integrationID, at: Sample.at(1))
            try expectEqual(try await store.canaries(), [:])
            try await store.insert(Sample.integration(), key: APIKey("BPU-1"))
            try await store.setCanary(.seconds(60), of: Sample.integrationID, at: Sample.at(1))
            try expectEqual(try await store.removeIntegration(Sample.integrationID), .removed)
            try expectEqual(try await store.canaries(), [:])
        },
        Case("lists leave canaries out when asked to, those of a removed source too") { store in
            try await prepareCanary(store)
            _ = try await store.apply([
                Sample.arrival("a", .new), canaryArrival("canary-1", .new, at: 1),
                canaryArrival("canary-2", .closed, active: false, at: 2),
            ])
            var query = AlertQuery()
            query.includesCanaries = false
            try expectEqual(try await incidents(query, in: store), ["a"])
            query.status = .resolved
            try expectEqual(try await incidents(query, in: store), [])
            _ = try await store.removeSource(canarySource, at: Sample.at(3))
            query.status = nil
            try expectEqual(try await incidents(query, in: store), ["a"])
            try expectEqual(
                try await incidents(AlertQuery(), in: store), ["canary-2", "canary-1", "a"])
        },
        Case("pruning of canaries leaves all others") { store in
            try await prepareCanary(store)
            _ = try await store.apply([
                Sample.arrival("a", .closed, active: false, at: 1),
                canaryArrival("canary-1", .closed, active: false, at: 1),
                canaryArrival("canary-2", .closed, active: false, at: 2),
                canaryArrival("canary-3", .closed, active: false, at: 9),
                canaryArrival("canary-4", .new, at: 1),
            ])
            let moment = Sample.at(5)
            try expectEqual(try await store.pruneCanaries(resolvedBefore: moment, limit: 1), 1)
            try expectEqual(try await store.pruneCanaries(resolvedBefore: moment, limit: 9), 1)
            try expectEqual(try await store.pruneCanaries(resolvedBefore: moment, limit: 9), 0)
            try expectEqual(
                try await incidents(AlertQuery(), in: store), ["canary-4", "canary-3", "a"])
            let statistics = try await store.statistics()
            try expectEqual(statistics.alerts, [.firing: 1, .resolved: 2])
        },
    ]
}
