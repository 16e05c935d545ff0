import Alerts
import Synchronization

extension StoreContract {
    static let feedCases = [
        Case("a fresh store has no changes") { store in
            let latest = try await store.latestChange()
            let page = try await store.changes(ChangeQuery(after: latest))
            try expectEqual(page.changes, [])
            try expectEqual(page.position, latest)
            try expect(!page.hasMore, "there is more")
        },
        Case("each thing is told as it is now, in the order of its newest change") { store in
            try await prepare(store)
            let start = try await store.latestChange()
            _ = try await store.apply([Sample.arrival("a", .new)])
            _ = try await store.apply([Sample.arrival("b", .new, changedOn: 1)])
            _ = try await store.apply([Sample.arrival("a", changedOn: 2)])
            let page = try await store.changes(ChangeQuery(after: start, kinds: [.alert]))
            let told = [
                try unwrap(try await store.alert(Sample.alertID("b"))),
                try unwrap(try await store.alert(Sample.alertID("a"))),
            ]
            try expectEqual(page.changes.map(\.subject), told.map { .alert($0) })
            try expectEqual(page.position, try await store.latestChange())
        },
        Case("a resolve tells the alert and its close, and so does each step") { store in
            try await prepare(store)
            _ = try await store.apply([Sample.arrival("a", .new)])
            try await expectTold(by: store, closeState: .pending) {
                _ = try await store.resolve(Sample.request("a"), at: Sample.at(10))
            }
            try await expectTold(by: store, closeState: .sending) {
                _ = try await store.claimDueCloses(CloseClaim(at: Sample.at(11), limit: 1))
            }
            try await expectTold(by: store, closeState: .sent) {
                _ = try await store.conclude(
                    Sample.conclusion(
                        "a", .accepted(isAlreadyClosed: false), at: 12, environmentID: "env-1"))
            }
            try await expectTold(by: store, closeState: .cancelled) {
                _ = try await store.cancelClose(
                    CloseID("cls_a"), by: Actor(.user, name: "ada"), at: Sample.at(13))
            }
        },
        Case("deliveries are told once, those that were refused too") { store in
            try await prepare(store)
            let start = try await store.latestChange()
            let results = try await store.apply([
                Sample.arrival("a", .new), Sample.arrival("b", .new),
            ])
            try await store.record([
                RefusedDelivery(
                    reason: .notJSON, receivedAt: Sample.at(1), sourceID: Sample.sourceID,
                    secretID: nil, request: DeliveryRequest(peer: "192.0.2.1"))
            ])
            let page = try await store.changes(ChangeQuery(after: start, kinds: [.delivery]))
            let listed = try await store.deliveries(DeliveryQuery()).items.reversed()
            try expectEqual(page.changes.map(\.subject), listed.map { .delivery($0) })
            try expectEqual(page.changes.prefix(2).map(\.number), results.map(\.deliveryID.number))
            let rest = try await store.changes(ChangeQuery(after: page.position))
            try expectEqual(rest.changes, [])
        },
        Case("integrations are told when they are made, changed and removed") { store in
            let start = try await store.latestChange()
            var integration = Sample.integration()
            try await store.insert(integration, key: APIKey("BPU-sample-key"))
            integration.state = .keyRejected
            try await store.update(integration, key: nil)
            let page = try await store.changes(ChangeQuery(after: start))
            try expectEqual(page.changes.map(\.subject), [.integration(integration)])
            _ = try await store.removeIntegration(integration.id)
            let rest = try await store.changes(ChangeQuery(after: page.position))
            try expectEqual(rest.changes.map(\.subject), [.removedIntegration(integration.id)])
            let whole = try await store.changes(ChangeQuery(after: start))
            try expectEqual(whole.changes, rest.changes)
        },
        Case("pages leave nothing out and repeat nothing") { store in
            try await prepare(store)
            for incident in ["a", "b", "c", "d", "e"] {
                _ = try await store.apply([Sample.arrival(incident, .new)])
            }
            try await resolve(["a", "d", "f"], in: store)
            let whole = try await store.changes(ChangeQuery(after: 0, limit: 500))
            try expect(!whole.hasMore, "a page of 500 did not hold it all")
            for limit in 1...4 {
                var (found, position): ([Change], Int64) = ([], 0)
                while true {
                    let page = try await store.changes(ChangeQuery(after: position, limit: limit))
                    try expect(page.changes.count <= limit, "a page is too long")
                    found += page.changes
                    position = page.position
                    guard page.hasMore else { break }
                }
                try expectEqual(found, whole.changes)
            }
            let numbers = whole.changes.map(\.number)
            try expectEqual(numbers, Set(numbers).sorted())
        },
        Case("a position that is not there yet is kept, and nothing told") { store in
            try await prepare(store)
            let page = try await store.changes(ChangeQuery(after: 1 << 40))
            try expectEqual(page.changes, [])
            try expectEqual(page.position, 1 << 40)
        },
        Case("who asked is told after each commit, until they asked no more") { store in
            try await prepare(store)
            let calls = Atomic(0)
            store.onChange { calls.add(1, ordering: .relaxed) }
            _ = try await store.apply([Sample.arrival("a", .new)])
            let count = calls.load(ordering: .relaxed)
            try expect(count > 0, "nobody was told")
            store.onChange(nil)
            _ = try await store.apply([Sample.arrival("b", .new)])
            try expectEqual(calls.load(ordering: .relaxed), count)
        },
    ]

    /// Whether `body` changes an alert and its close alone, which then is in `state`.
    private static func expectTold(
        by store: Store, closeState state: CloseState,
        _ body: () async throws -> Void
    ) async throws {
        let before = try await store.latestChange()
        try await body()
        let changes = try await store.changes(ChangeQuery(after: before)).changes
        try expectEqual(Set(changes.map(\.subject.kind)), [.alert, .close])
        for change in changes {
            switch change.subject {
            case .alert(let subject): try expectEqual(subject.close?.state, state)
            case .close(let close): try expectEqual(close.state, state)
            case .delivery, .integration, .removedIntegration: break
            }
        }
    }
}
