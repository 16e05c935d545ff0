import Alerts

extension StoreContract {
    static let claimCases = [
        Case("closes are claimed longest due first, each once") { store in
            try await prepare(store)
            try await resolve(["c", "a", "b"], in: store)
            let claim = CloseClaim(at: Sample.at(100), limit: 2)
            let first = try await store.claimDueCloses(claim)
            try expectEqual(first.map(\.incidentID), ["c", "a"])
            try expectEqual(
                first.map(\.integrationID), Array(repeating: Sample.integrationID, count: 2))
            try expectEqual(try await store.claimDueCloses(claim).map(\.incidentID), ["b"])
            try expectEqual(try await store.claimDueCloses(claim), [])
        },
        Case("a close that isn't due is not claimed") { store in
            try await prepare(store)
            try await resolve(["a", "b"], gap: 100, in: store)
            let claim = CloseClaim(at: Sample.at(50), limit: 9)
            try expectEqual(try await store.claimDueCloses(claim).map(\.incidentID), ["a"])
            try expectEqual(try await store.nextCloseDueAt(excluding: []), Sample.at(110))
        },
        Case("a close that a clock set back since has planned far ahead is due at once") { store in
            try await prepare(store)
            try await resolve(["a", "b"], in: store)
            let first = CloseClaim(at: Sample.at(3611), limit: 1)
            try expectEqual(try await store.claimDueCloses(first).map(\.incidentID), ["a"])
            let longest = CloseMachine.Result.delayed(reason: "503", retryAfter: .seconds(300))
            _ = try await store.conclude(Sample.conclusion("a", longest, at: 3612))
            let later = CloseClaim(at: Sample.at(3612), limit: 9)
            try expectEqual(try await store.claimDueCloses(later).map(\.incidentID), ["b"])
            let setBack = CloseClaim(at: Sample.at(12), limit: 9)
            try expectEqual(try await store.claimDueCloses(setBack).map(\.incidentID), ["a"])
        },
        Case("excluded integrations and alerts are passed over") { store in
            try await prepare(store)
            try await prepareSecond(store)
            try await resolve(["a", "b"], in: store)
            try await resolveInSecond("x", in: store)
            let now = Sample.at(100)
            let others = try await store.claimDueCloses(
                CloseClaim(at: now, limit: 9, excludedIntegrations: [Sample.integrationID]))
            try expectEqual(others.map(\.incidentID), ["x"])
            let rest = try await store.claimDueCloses(
                CloseClaim(at: now, limit: 1, excludedAlerts: [Sample.alertID("a")]))
            try expectEqual(rest.map(\.incidentID), ["b"])
            let none: Set<IntegrationID> = [Sample.integrationID, IntegrationID("int_2")]
            try expectEqual(try await store.nextCloseDueAt(excluding: none), nil)
            let other = try await store.nextCloseDueAt(excluding: [IntegrationID("int_2")])
            try expectEqual(other, Sample.at(10))
        },
        Case("a paused integration's closes wait for a good key") { store in
            try await prepare(store)
            try await resolve(["a"], in: store)
            var integration = Sample.integration()
            for state in [IntegrationState.keyRejected, .keyForbidden] {
                integration.state = state
                try await store.update(integration, key: nil)
                let claim = CloseClaim(at: Sample.at(100), limit: 9)
                try expectEqual(try await store.claimDueCloses(claim), [])
                try expectEqual(try await store.nextCloseDueAt(excluding: []), nil)
            }
            integration.state = .unreachable
            try await store.update(integration, key: nil)
            try expectEqual(try await store.nextCloseDueAt(excluding: []), Sample.at(10))
            let claimed = try await store.claimDueCloses(CloseClaim(at: Sample.at(100), limit: 9))
            try expectEqual(claimed.count, 1)
        },
        Case("a claimed close brings what the call needs") { store in
            try await prepare(store)
            _ = try await store.apply([
                Sample.arrival("a", .new) { $0.environmentID = "env-1" }
            ])
            _ = try await store.resolve(Sample.request("a"), at: Sample.at(10))
            let claimed = try await store.claimDueCloses(CloseClaim(at: Sample.at(11), limit: 1))
            let close = try unwrap(claimed.first)
            try expectEqual(close.environmentID, "env-1")
            try expectEqual(close.close.message, "Resolved in bigpanda-gateway by ada: done")
            try expectEqual(close.close.alertID, Sample.alertID("a"))
        },
        Case("a close of a removed source is still made") { store in
            try await prepare(store)
            try await resolve(["a"], in: store)
            try expect(
                try await store.removeSource(Sample.sourceID, at: Sample.at(20)), "no source")
            let claimed = try await store.claimDueCloses(CloseClaim(at: Sample.at(30), limit: 1))
            try expectEqual(claimed.map(\.incidentID), ["a"])
        },
    ]

    static let secondSource = SourceID("src_2")

    static func prepareSecond(_ store: Store) async throws {
        let id = IntegrationID("int_2")
        try await store.insert(Sample.integration(id, name: "Staging"), key: APIKey("BPU-2"))
        try await store.insert(Sample.source(secondSource, of: id, secret: SecretID("sec_2")))
    }

    private static func resolveInSecond(_ incident: String, in store: Store) async throws {
        _ = try await store.apply([Sample.arrival(incident, .new, source: secondSource)])
        let request = AlertMachine.ResolveRequest(
            alertID: Sample.alertID(incident, source: secondSource), requestedBy: "ada",
            comment: nil, newCloseID: CloseID("cls_\(incident)"))
        _ = try await store.resolve(request, at: Sample.at(10))
    }
}
