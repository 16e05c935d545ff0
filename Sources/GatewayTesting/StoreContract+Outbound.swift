import Alerts

extension StoreContract {
    static let outboundCases = [
        Case("endpoints are told what they asked for, in order") { store in
            try await prepareEndpoints(
                store, ["e1": OutboundEvent.standard, "e2": [.alertUpdated]])
            _ = try await store.apply([
                Sample.arrival("a", .new, at: 1), Sample.arrival("a", at: 2) { $0.title = "other" },
            ])
            _ = try await store.resolve(Sample.request("a"), at: Sample.at(3))
            let closed = Sample.arrival("a", .closed, active: false, changedOn: 4, at: 4)
            _ = try await store.apply([closed])
            let reopened = Sample.arrival("a", .reopen, changedOn: 9, at: 9)
            _ = try await store.apply([reopened])
            let told = try await messages(of: "e1", store)
            try expectEqual(
                told.map(\.event),
                [.alertRefired, .closeConfirmed, .alertResolved, .alertCreated])
            try expectEqual(told.map(\.createdAt), [9, 4, 3, 1].map { Sample.at($0) })
            try expectEqual(Set(told.map(\.alertID)), [Sample.alertID("a")])
            try expectEqual(told.map(\.state), Array(repeating: .pending, count: 4))
            try expectEqual(Set(told.map(\.id)).count, 4)
            // The last webhook but one changed nothing that is shown but the close.
            try expectEqual(try await messages(of: "e2", store).map(\.event), [.alertUpdated])
        },
        Case("a disabled endpoint is told of nothing, and what it is owed waits") { store in
            try await prepareEndpoints(store, ["e1": OutboundEvent.standard])
            _ = try await store.apply([Sample.arrival("a", .new)])
            var change = EndpointChange()
            change.isEnabled = false
            _ = try await store.change(EndpointID("e1"), change, at: Sample.at(1))
            _ = try await store.apply([Sample.arrival("b", .new)])
            try expectEqual(try await claim(store, at: 10), [])
            try expectEqual(try await store.nextMessageDueAt(excluding: []), nil)
            try expectEqual(try await store.outboundStatistics(), OutboundStatistics())
            change.isEnabled = true
            _ = try await store.change(EndpointID("e1"), change, at: Sample.at(11))
            let round = try unwrap(try await claim(store, at: 12).first)
            try expectEqual(round.messages.map(\.message.alertID), [Sample.alertID("a")])
        },
        Case("a round has what is due, in order, and of each alert the oldest") { store in
            try await prepareEndpoints(store, ["e1": OutboundEvent.standard])
            _ = try await store.apply([
                Sample.arrival("a", .new, at: 1), Sample.arrival("b", .new, at: 2),
            ])
            _ = try await store.resolve(Sample.request("a"), at: Sample.at(3))
            try expectEqual(try await store.nextMessageDueAt(excluding: []), Sample.at(1))
            try expectEqual(try await store.nextMessageDueAt(excluding: [EndpointID("e1")]), nil)
            let round = try unwrap(try await claim(store, at: 10).first)
            try expectEqual(round.url, "https://e1.example/")
            try expectEqual(round.secrets, [SigningSecret("whsec_e1")])
            try expectEqual(
                round.messages.map(\.message.alertID), ["a", "b"].map { Sample.alertID($0) })
            try expect(
                round.messages[0].body.contains("alert.created"), "what is posted is missing")
            // Nobody else works for the endpoint meanwhile.
            try expectEqual(try await claim(store, at: 11), [])
            try await conclude(
                round, [.taken(statusCode: 200), .taken(statusCode: 204)], 12, store)
            let next = try unwrap(try await claim(store, at: 13).first)
            try expectEqual(next.messages.map(\.message.event), [.alertResolved])
            let told = try await messages(of: "e1", store, .delivered)
            try expectEqual(told.map(\.lastAttempt?.statusCode), [204, 200])
        },
        Case("what was not taken is tried again, before what follows of its alert") { store in
            try await prepareEndpoints(store, ["e1": OutboundEvent.standard])
            _ = try await store.apply([Sample.arrival("a", .new, at: 1)])
            let first = try unwrap(try await claim(store, at: 2).first)
            try await conclude(first, [.failed(reason: "500", statusCode: 500)], 3, store)
            _ = try await store.resolve(Sample.request("a"), at: Sample.at(4))
            _ = try await store.apply([Sample.arrival("b", .new, at: 4)])
            let second = try unwrap(try await claim(store, at: 5).first)
            try expectEqual(second.messages.map(\.message.alertID), [Sample.alertID("b")])
            try await conclude(second, [.taken(statusCode: 200)], 5, store)
            try expectEqual(try await claim(store, at: 6), [])
            try expectEqual(
                try await store.nextMessageDueAt(excluding: []), Sample.at(3 + 5 + 0.5))
            let third = try unwrap(try await claim(store, at: 9).first)
            try expectEqual(third.messages.map(\.message.event), [.alertCreated])
            try expectEqual(third.messages.first?.message.attempts, 1)
            try expectEqual(third.messages.first?.message.id, first.messages.first?.message.id)
            try expectEqual(third.messages.first?.body, first.messages.first?.body)
        },
        Case("what is concluded under an overtaken claim changes nothing") { store in
            try await prepareEndpoints(store, ["e1": OutboundEvent.standard])
            _ = try await store.apply([Sample.arrival("a", .new, at: 1)])
            let old = try unwrap(try await claim(store, at: 2).first)
            let lease = Double(OutboundMachine.lease.components.seconds)
            try expectEqual(try await claim(store, at: 1 + lease), [])
            let new = try unwrap(try await claim(store, at: 2 + lease).first)
            let late = Sample.attempts(old, [.taken(statusCode: 200)], at: 70)
            try expectEqual(try await store.conclude(late), nil)
            try expectEqual(try await messages(of: "e1", store).map(\.state), [.pending])
            try await conclude(new, [.taken(statusCode: 200)], 71, store)
            try expectEqual(try await messages(of: "e1", store).map(\.state), [.delivered])
        },
        Case("an endpoint that wants no more is disabled, which the audit log tells") { store in
            try await prepareEndpoints(store, ["e1": OutboundEvent.standard])
            _ = try await store.apply([Sample.arrival("a", .new, at: 1)])
            let round = try unwrap(try await claim(store, at: 2).first)
            try await conclude(round, [.gone], 3, store)
            let endpoint = try unwrap(try await store.endpoints().first)
            try expectEqual(endpoint.isEnabled, false)
            try expectEqual(endpoint.disabledReason, .gone)
            _ = try await store.apply([Sample.arrival("b", .new, at: 4)])
            try expectEqual(try await messages(of: "e1", store).count, 1)
            let entry = try unwrap(try await store.audit(AuditQuery()).items.first)
            try expectEqual(entry.actor, .system)
            try expectEqual(entry.action, .endpointUpdate)
            try expectEqual(entry.objectID, "e1")
        },
        Case("an endpoint that was down is left alone, and gets everything when it is back") {
            store in
            try await prepareEndpoints(store, ["e1": OutboundEvent.standard])
            let incidents = ["a", "b", "c"]
            _ = try await store.apply(incidents.map { Sample.arrival($0, .new, at: 1) })
            for seconds in [2.0, 3, 4] {
                let round = try unwrap(try await claim(store, at: seconds).first)
                try await conclude(
                    round, [.failed(reason: "no answer", statusCode: nil)], seconds, store)
            }
            try expectEqual(try await store.endpoints().first?.failuresCount, 3)
            try expectEqual(try await store.endpoints().first?.failingSince, Sample.at(2))
            _ = try await store.apply([Sample.arrival("d", .new, at: 5)])
            try expectEqual(try await claim(store, at: 5), [])
            let probe = try unwrap(try await claim(store, at: 7.5).first)
            try await conclude(probe, [.taken(statusCode: 200)], 7.5, store)
            let rest = try unwrap(try await claim(store, at: 7.6).first)
            let alerts = (probe.messages.prefix(1) + rest.messages).map(\.message.alertID)
            try expectEqual(Set(alerts), Set(["a", "b", "c", "d"].map { Sample.alertID($0) }))
            try expectEqual(try await store.endpoints().first?.failingSince, nil)
        },
    ]
}
