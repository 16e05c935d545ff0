import Alerts

extension StoreContract {
    static let upkeepCases = [
        Case("pruning takes the oldest resolved alerts that owe nothing") { store in
            try await prepare(store)
            _ = try await store.apply(
                (0..<4).map { number in
                    Sample.arrival("old-\(number)", .closed, active: false, at: Double(number))
                } + [Sample.arrival("firing", .new, at: 0)])
            _ = try await store.apply([Sample.arrival("owing", .new)])
            _ = try await store.resolve(Sample.request("owing"), at: Sample.at(1))
            let moment = Sample.at(3)
            try expectEqual(try await store.prune(resolvedBefore: moment, limit: 2), 2)
            try expectEqual(
                try await incidents(AlertQuery(), in: store),
                ["owing", "firing", "old-3", "old-2"])
            try expectEqual(try await store.prune(resolvedBefore: moment, limit: 9), 1)
            try expectEqual(try await store.prune(resolvedBefore: moment, limit: 9), 0)
            let statistics = try await store.statistics()
            try expectEqual(statistics.alerts, [.firing: 1, .resolved: 2])
            try expectEqual(try await store.alert(Sample.alertID("old-0")), nil)
            try expectEqual(try await store.timeline(of: Sample.alertID("old-0"), limit: 9), [])
        },
        Case("a pruned alert takes its closes along") { store in
            try await prepare(store)
            try await resolve(["a"], in: store)
            _ = try await store.cancelClose(
                CloseID("cls_a"), by: Actor(.user, name: "ada"), at: Sample.at(20))
            try expectEqual(try await store.prune(resolvedBefore: Sample.at(50), limit: 9), 1)
            try expectEqual(try await store.closes(CloseQuery()).items, [])
            try expectEqual(try await store.statistics(), StoreStatistics())
        },
        Case("an incident whose alert was pruned makes a new one") { store in
            try await prepare(store)
            _ = try await store.apply([Sample.arrival("a", .closed, active: false)])
            _ = try await store.prune(resolvedBefore: Sample.at(50), limit: 9)
            let results = try await store.apply([Sample.arrival("a", .reopen, at: 60)])
            try expectEqual(results.map(\.outcome), [.created])
            try expectEqual(
                try await store.timeline(of: Sample.alertID("a"), limit: 9).map(\.outcome),
                [.created])
        },
        Case("a proof that the store can be written changes nothing") { store in
            try await prepare(store)
            try await resolve(["a"], in: store)
            let before = try await store.alerts(AlertQuery()).items
            try await store.checkWritable()
            try expectEqual(try await store.alerts(AlertQuery()).items, before)
        },
        Case("a closed store refuses every call") { store in
            try await prepare(store)
            await store.close()
            await store.close()
            for call in [
                { _ = try await store.apply([Sample.arrival("a", .new)]) },
                { _ = try await store.alerts(AlertQuery()) },
                { _ = try await store.sources() },
                { try await store.checkWritable() },
            ] as [() async throws -> Void] {
                let error = try await expectError(call)
                try expectEqual(error.kind, .closed)
            }
        },
    ]
}
