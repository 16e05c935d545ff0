import Alerts

extension StoreContract {
    static let closeCases = [
        Case("a close goes from pending to confirmed") { store in
            try await prepare(store)
            try await resolve(["a"], in: store)
            let claimed = try await store.claimDueCloses(CloseClaim(at: Sample.at(11), limit: 5))
            try expectEqual(claimed.map(\.close.state), [.sending])
            try expectEqual(claimed.map(\.close.attempts), [1])
            try expectEqual(
                try await store.alert(Sample.alertID("a"))?.close, claimed.first?.close)
            let sent = try await store.conclude(
                Sample.conclusion(
                    "a", .accepted(isAlreadyClosed: false), at: 12, environmentID: "env-9"))
            try expectEqual(sent?.outcome, .closeSent)
            let subject = try unwrap(try await store.alert(Sample.alertID("a")))
            try expectEqual(subject, sent?.subject)
            try expectEqual(subject.alert.environmentID, "env-9")
            try expectEqual(subject.close?.sentAt, Sample.at(12))
            _ = try await store.apply([
                Sample.arrival("a", .closed, active: false, changedOn: 13, at: 14)
            ])
            try expectEqual(try await store.alert(Sample.alertID("a"))?.close?.state, .confirmed)
            try expectEqual(try await store.nextCloseDueAt(excluding: []), nil)
        },
        Case("a close that was delayed is due later and says why") { store in
            try await prepare(store)
            try await resolve(["a"], in: store)
            _ = try await store.claimDueCloses(CloseClaim(at: Sample.at(11), limit: 5))
            let conclusion = Sample.conclusion(
                "a", .delayed(reason: "503", retryAfter: .seconds(7)), at: 12)
            _ = try await store.conclude(conclusion)
            let close = try unwrap(try await store.closes(CloseQuery()).items.first)
            try expectEqual(close.state, .pending)
            try expectEqual(close.lastError, "503")
            try expectEqual(close.failures, 1)
            try expectEqual(try await store.nextCloseDueAt(excluding: []), close.nextAttemptAt)
            let early = CloseClaim(at: Sample.at(12.5), limit: 5)
            try expectEqual(try await store.claimDueCloses(early), [])
        },
        Case("interrupted closes are looked at first") { store in
            try await prepare(store)
            try await resolve(["a", "b", "c"], in: store)
            _ = try await store.claimDueCloses(CloseClaim(at: Sample.at(11), limit: 2))
            try expectEqual(try await store.recoverInterruptedCloses(at: Sample.at(50)), 2)
            try expectEqual(try await store.recoverInterruptedCloses(at: Sample.at(51)), 0)
            let close = try unwrap(try await store.alert(Sample.alertID("a"))?.close)
            try expectEqual(close.state, .pending)
            try expectEqual(close.nextStep, .look)
            try expectEqual(close.nextAttemptAt, Sample.at(50))
        },
        Case("an operator cancels and retries a close") { store in
            try await prepare(store)
            try await resolve(["a"], in: store)
            let (id, actor) = (CloseID("cls_a"), Actor(.user, name: "grace"))
            let cancelled = try unwrap(
                try await store.cancelClose(id, by: actor, at: Sample.at(20)))
            try expectEqual(try cancelled.get().outcome, .closeCancelled)
            try expectEqual(try await store.alert(Sample.alertID("a"))?.close?.state, .cancelled)
            let retried = try unwrap(
                try await store.retryClose(id, by: actor, at: Sample.at(30)))
            try expectEqual(try retried.get().outcome, .closeOwed)
            try expectEqual(try await store.nextCloseDueAt(excluding: []), Sample.at(30))
            let timeline = try await store.timeline(of: Sample.alertID("a"), limit: 2)
            try expectEqual(timeline.map(\.outcome), [.closeCancelled, .closeOwed])
            try expectEqual(timeline.map(\.cause), [actor, actor])
        },
        Case("a refused wish changes nothing") { store in
            try await prepare(store)
            try await resolve(["a"], in: store)
            _ = try await store.apply([
                Sample.arrival("a", .closed, active: false, changedOn: 12, at: 12)
            ])
            let before = try await store.alert(Sample.alertID("a"))
            let (id, actor) = (CloseID("cls_a"), Actor(.user, name: "grace"))
            for refused in [
                try await store.cancelClose(id, by: actor, at: Sample.at(20)),
                try await store.retryClose(id, by: actor, at: Sample.at(20)),
            ] {
                try expectEqual(try unwrap(refused), .failure(.alreadyConfirmed))
            }
            try expectEqual(try await store.alert(Sample.alertID("a")), before)
        },
        Case("closes are listed by state, newest first, page by page") { store in
            try await prepare(store)
            let names = (0..<7).map { "inc-\($0)" }
            try await resolve(names, in: store)
            _ = try await store.cancelClose(
                CloseID("cls_inc-3"), by: Actor(.user, name: "ada"), at: Sample.at(50))
            var query = CloseQuery(limit: 2)
            try expectEqual(
                try await allCloses(query, in: store), names.reversed().map { "cls_\($0)" })
            query.state = .pending
            try expectEqual(
                try await allCloses(query, in: store),
                names.reversed().filter { $0 != "inc-3" }.map { "cls_\($0)" })
            query.state = .cancelled
            try expectEqual(try await allCloses(query, in: store), ["cls_inc-3"])
            query.state = .failed
            try expectEqual(try await allCloses(query, in: store), [])
        },
        Case("alerts and closes are counted by state") { store in
            try await prepare(store)
            try expectEqual(try await store.statistics(), StoreStatistics())
            try await resolve(["a", "b"], in: store)
            _ = try await store.apply([Sample.arrival("c", .new), Sample.arrival("d", .new)])
            _ = try await store.claimDueCloses(CloseClaim(at: Sample.at(11), limit: 1))
            _ = try await store.conclude(Sample.conclusion("a", .notFound, at: 12))
            let statistics = try await store.statistics()
            try expectEqual(statistics.alerts, [.firing: 2, .resolved: 2])
            try expectEqual(statistics.closes, [.failed: 1, .pending: 1])
            try expectEqual(statistics.oldestOwedClose, Sample.at(11))
        },
    ]

    private static func allCloses(_ query: CloseQuery, in store: Store) async throws -> [String] {
        var query = query
        var found: [String] = []
        for _ in 0..<100 {
            let page = try await store.closes(query)
            try expect(page.items.count <= query.limit, "a page longer than its limit")
            found += page.items.map(\.id.text)
            guard let next = page.next else { return found }
            query.cursor = next
        }
        throw Violation(description: "the pages have no end")
    }
}
