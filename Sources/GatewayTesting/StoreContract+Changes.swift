import Alerts

extension StoreContract {
    static let changeCases = [
        Case("resolving stores the resolution and its close together") { store in
            try await prepare(store)
            _ = try await store.apply([Sample.arrival("a", .new)])
            let change = try unwrap(
                try await store.resolve(Sample.request("a"), at: Sample.at(10)))
            try expectEqual(change.outcome, .resolved)
            let stored = try unwrap(try await store.alert(Sample.alertID("a")))
            try expectEqual(stored, change.subject)
            try expectEqual(stored.alert.resolvedBy, Actor(.user, name: "ada"))
            try expectEqual(stored.close?.state, .pending)
            try expectEqual(stored.close?.nextAttemptAt, Sample.at(10))
            try expectEqual(try await store.timeline(of: Sample.alertID("a"), limit: 9).count, 2)
        },
        Case("a repeated resolve changes nothing") { store in
            try await prepare(store)
            try await resolve(["a"], in: store)
            let before = try await store.alert(Sample.alertID("a"))
            let again = try await store.resolve(
                Sample.request("a", close: "cls_other"), at: Sample.at(20))
            try expectEqual(again?.outcome, .updated)
            try expectEqual(try await store.alert(Sample.alertID("a")), before)
            try expectEqual(try await store.closes(CloseQuery()).items.count, 1)
        },
        Case("a close that failed is followed by a new one") { store in
            try await prepare(store)
            try await resolve(["a"], in: store)
            _ = try await store.claimDueCloses(CloseClaim(at: Sample.at(11), limit: 1))
            _ = try await store.conclude(Sample.conclusion("a", .notFound, at: 12))
            let again = try await store.resolve(
                Sample.request("a", close: "cls_new"), at: Sample.at(20))
            try expectEqual(again?.outcome, .closeOwed)
            let closes = try await store.closes(CloseQuery()).items
            try expectEqual(closes.map(\.id), [CloseID("cls_new"), CloseID("cls_a")])
            try expectEqual(closes.map(\.state), [.pending, .failed])
            let subject = try await store.alert(Sample.alertID("a"))
            try expectEqual(subject?.close?.id, CloseID("cls_new"))
        },
        Case("a re-open cancels the close") { store in
            try await prepare(store)
            try await resolve(["a"], in: store)
            let results = try await store.apply([
                Sample.arrival("a", .reopen, changedOn: 100, at: 100)
            ])
            try expectEqual(results.map(\.outcome), [.refired])
            let subject = try unwrap(try await store.alert(Sample.alertID("a")))
            try expectEqual(subject.alert.status, .firing)
            try expectEqual(subject.close?.state, .cancelled)
            try expectEqual(try await store.nextCloseDueAt(excluding: []), nil)
        },
        Case("a reading brings the alert in line") { store in
            try await prepare(store)
            _ = try await store.apply([Sample.arrival("a", .new, changedOn: 1)])
            let change = try await store.apply(
                IncidentReading(isActive: false, times: EventTimes(changedOn: Sample.at(9))),
                to: Sample.alertID("a"), readAt: Sample.at(10), at: Sample.at(11))
            try expectEqual(change?.outcome, .resolved)
            let subject = try unwrap(try await store.alert(Sample.alertID("a")))
            try expectEqual(subject, change?.subject)
            try expectEqual(subject.alert.resolvedBy?.kind, .reconcile)
        },
        Case("what isn't there is nil") { store in
            let id = AlertID("alrt_none")
            let request = AlertMachine.ResolveRequest(
                alertID: id, requestedBy: "ada", comment: nil, newCloseID: CloseID("cls"))
            try expectEqual(try await store.alert(id), nil)
            try expectEqual(try await store.timeline(of: id, limit: 5), [])
            try expectEqual(try await store.resolve(request, at: Sample.start), nil)
            try expectEqual(
                try await store.apply(
                    IncidentReading(isActive: true), to: id, readAt: Sample.start,
                    at: Sample.start), nil)
            let conclusion = Sample.conclusion("none", .notFound, at: 1)
            try expectEqual(try await store.conclude(conclusion), nil)
            let actor = Actor(.user, name: "ada")
            let close = CloseID("cls_none")
            try expectEqual(try await store.retryClose(close, by: actor, at: Sample.start), nil)
            try expectEqual(try await store.cancelClose(close, by: actor, at: Sample.start), nil)
        },
        Case("a timeline is cut at its old end") { store in
            try await prepare(store)
            for second in 1...5 {
                _ = try await store.apply([
                    Sample.arrival("a", changedOn: Double(second), at: Double(second))
                ])
            }
            let all = try await store.timeline(of: Sample.alertID("a"), limit: 100)
            try expectEqual(all.map(\.at), (1...5).map { Sample.at(Double($0)) })
            try expectEqual(all.map(\.changedOn), (1...5).map { Sample.at(Double($0)) })
            try expectEqual(all[0].cause, Actor(.bigpanda, name: "update"))
            let newest = try await store.timeline(of: Sample.alertID("a"), limit: 2)
            try expectEqual(newest, Array(all.suffix(2)))
        },
        Case("a person's comment is in the timeline") { store in
            try await prepare(store)
            try await resolve(["a"], in: store)
            let entry = try unwrap(
                try await store.timeline(of: Sample.alertID("a"), limit: 1).last)
            try expectEqual(entry.comment, "done")
            try expectEqual(entry.cause, Actor(.user, name: "ada"))
            try expectEqual(entry.status, .resolved)
        },
    ]
}
