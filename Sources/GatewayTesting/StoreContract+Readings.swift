import Alerts

extension StoreContract {
    static let readingCases =
        plannedReadingCases + storedReadingCases + missedReadingCases

    private static let plannedReadingCases = [
        Case("a new firing alert is due an interval later, a resolved one never") { store in
            try await prepare(store)
            _ = try await store.apply([
                Sample.arrival("a", .new), Sample.arrival("b", .closed, active: false),
            ])
            try expectEqual(try await due(at: 239, in: store), [])
            try expectEqual(try await due(at: 300, in: store), ["a"])
            try expectEqual(try await due(at: 1_000_000, in: store), ["a"])
        },
        Case("a webhook counts as a reading, unless nothing of it was applied") { store in
            try await prepare(store)
            _ = try await store.apply([
                Sample.arrival("a", .new, changedOn: 0, fingerprint: 1),
                Sample.arrival("b", .new, changedOn: 0, fingerprint: 2),
                Sample.arrival("c", .new, changedOn: 0, fingerprint: 3),
            ])
            _ = try await store.apply([
                Sample.arrival("a", changedOn: 100, at: 200),
                Sample.arrival("b", .new, changedOn: 0, fingerprint: 2, at: 200),
                Sample.arrival("c", changedOn: -5, at: 200),
            ])
            try expectEqual(Set(try await due(at: 400, in: store)), ["b", "c"])
            try expect(try await due(at: 500, in: store).contains("a"), "a is due")
        },
        Case("resolving ends the readings, re-firing begins them again") { store in
            try await prepare(store)
            _ = try await store.apply([Sample.arrival("a", .new, changedOn: 0)])
            _ = try await store.resolve(Sample.request("a"), at: Sample.at(10))
            try expectEqual(try await due(at: 400, in: store), [])
            _ = try await store.apply([Sample.arrival("a", .reopen, changedOn: 500, at: 500)])
            try expectEqual(try await due(at: 739, in: store), [])
            try expectEqual(try await due(at: 800, in: store), ["a"])
        },
        Case("flapping and snoozed incidents are read sooner") { store in
            try await prepare(store)
            _ = try await store.apply([
                Sample.arrival("flapping", .new) { $0.flapping = true },
                Sample.arrival("snoozed", .new) { $0.snoozed = true },
                Sample.arrival("steady", .new),
            ])
            try expectEqual(
                Set(try await due(at: 100, in: store)), ["flapping", "snoozed"])
        },
        Case("due readings are an integration's own, longest due first, as many as asked") {
            store in
            try await prepare(store)
            try await prepareSecond(store)
            _ = try await store.apply([
                Sample.arrival("late", .new, at: 200), Sample.arrival("early", .new, at: 0),
                Sample.arrival("middle", .new, at: 100) { $0.environmentID = "env-1" },
                Sample.arrival("x", .new, source: secondSource),
            ])
            try expectEqual(
                try await due(at: 500, in: store), ["early", "middle", "late"])
            try expectEqual(try await due(at: 500, limit: 2, in: store), ["early", "middle"])
            let others = try await store.dueReadings(
                of: IntegrationID("int_2"), at: Sample.at(500), limit: 9)
            try expectEqual(others.map(\.incidentID), ["x"])
            try expectEqual(others.map(\.sourceID), [secondSource])
            _ = try await store.removeSource(Sample.sourceID, at: Sample.at(300))
            try expectEqual(try await due(at: 500, limit: 1, in: store), ["early"])
            let one = try await store.reading(of: Sample.alertID("middle"))
            try expectEqual(
                one,
                DueReading(
                    alertID: Sample.alertID("middle"), integrationID: Sample.integrationID,
                    sourceID: Sample.sourceID, incidentID: "middle", environmentID: "env-1"))
            try expectEqual(try await store.reading(of: AlertID("none")), nil)
        },
        Case("a start makes what is planned due, in steps") { store in
            try await prepare(store)
            _ = try await store.apply(
                ["a", "b", "c"].map { Sample.arrival($0, .new) }
                    + [Sample.arrival("over", .closed, active: false)])
            try expectEqual(try await store.makeReadingsDue(at: Sample.at(5), limit: 2), 2)
            try expectEqual(try await due(at: 5, in: store).count, 2)
            try expectEqual(try await store.makeReadingsDue(at: Sample.at(5), limit: 2), 1)
            try expectEqual(try await store.makeReadingsDue(at: Sample.at(5), limit: 2), 0)
            try expectEqual(Set(try await due(at: 5, in: store)), ["a", "b", "c"])
        },
    ]

    private static let storedReadingCases = [
        Case("a reading brings an alert in line and plans the next") { store in
            try await prepare(store)
            _ = try await store.apply([
                Sample.arrival("a", .new), Sample.arrival("b", .new),
            ])
            let changes = try await store.apply(
                [
                    reading("a", isActive: true), reading("none", isActive: false),
                    reading("b", isActive: false),
                ], at: Sample.at(301))
            try expectEqual(changes.map { $0?.outcome }, [.updated, nil, .resolved])
            try expectEqual(try await due(at: 540, in: store), [])
            try expectEqual(try await due(at: 601, in: store), ["a"])
            let alert = try unwrap(try await store.alert(Sample.alertID("b"))).alert
            try expectEqual(alert.resolvedBy?.kind, .reconcile)
            try expectEqual(try await store.statistics().alerts, [.firing: 1, .resolved: 1])
        },
        Case("a reading for a close plans the next as well") { store in
            try await prepare(store)
            _ = try await store.apply([Sample.arrival("a", .new)])
            _ = try await store.apply(
                IncidentReading(isActive: true), to: Sample.alertID("a"),
                readAt: Sample.at(300), at: Sample.at(301))
            try expectEqual(try await due(at: 540, in: store), [])
        },
        Case("a reading that came to nothing is postponed") { store in
            try await prepare(store)
            _ = try await store.apply([Sample.arrival("a", .new)])
            try await store.postponeReading(of: Sample.alertID("a"), at: Sample.at(300))
            try await store.postponeReading(of: AlertID("none"), at: Sample.at(300))
            try expectEqual(try await due(at: 539, in: store), [])
            try expectEqual(try await due(at: 600, in: store), ["a"])
        },
    ]

    private static let missedReadingCases = [
        Case("three misses in a row mark an alert once, which is then read seldom") { store in
            try await prepare(store)
            _ = try await store.apply([Sample.arrival("a", .new)])
            for (number, seconds) in [300.0, 600, 900, 4500].enumerated() {
                try expectEqual(try await due(at: seconds, in: store), ["a"])
                try await miss("a", at: seconds, in: store)
                let entries = try await store.timeline(of: Sample.alertID("a"), limit: 9)
                try expectEqual(entries.count, number < 2 ? 1 : 2)
            }
            try expectEqual(try await due(at: 7000, in: store), [])
            let last = try await store.timeline(of: Sample.alertID("a"), limit: 1).first
            try expectEqual(last?.cause.kind, .reconcile)
            try expectEqual(last?.status, .firing)
        },
        Case("misses that are not in a row mark nothing") { store in
            try await prepare(store)
            _ = try await store.apply([Sample.arrival("a", .new), Sample.arrival("b", .new)])
            for seconds in [300.0, 600] {
                for incident in ["a", "b"] { try await miss(incident, at: seconds, in: store) }
            }
            _ = try await store.apply([Sample.arrival("a", at: 700)])
            _ = try await store.apply([reading("b", isActive: true)], at: Sample.at(700))
            for incident in ["a", "b"] {
                try await miss(incident, at: 1000, in: store)
                let entries = try await store.timeline(of: Sample.alertID(incident), limit: 9)
                try expect(entries.allSatisfy { $0.comment == nil }, "\(incident) is marked")
            }
            try expectEqual(Set(try await due(at: 1300, in: store)), ["a", "b"])
        },
        Case("an incident that was merged away resolves its alert") { store in
            try await prepare(store)
            _ = try await store.apply([Sample.arrival("a", .new)])
            let change = try await store.note(
                .mergedAway, of: Sample.alertID("a"), readAt: Sample.at(300), at: Sample.at(301))
            try expectEqual(change?.outcome, .resolved)
            try expectEqual(try await due(at: 9999, in: store), [])
            try expectEqual(try await store.statistics().alerts[.resolved], 1)
            let none = try await store.note(
                .closed, of: AlertID("none"), readAt: Sample.at(1), at: Sample.at(1))
            try expectEqual(none, nil)
        },
    ]

    private static func due(
        at seconds: Double, limit: Int = 99, in store: Store
    ) async throws -> [String] {
        try await store.dueReadings(
            of: Sample.integrationID, at: Sample.at(seconds), limit: limit
        ).map(\.incidentID)
    }

    private static func reading(_ incident: String, isActive: Bool) -> AlertReading {
        AlertReading(
            alertID: Sample.alertID(incident), reading: IncidentReading(isActive: isActive),
            readAt: Sample.at(300))
    }

    private static func miss(
        _ incident: String, at seconds: Double, in store: Store
    ) async throws {
        let moment = Sample.at(seconds)
        _ = try await store.note(
            .unexplained, of: Sample.alertID(incident), readAt: moment, at: moment)
    }
}
