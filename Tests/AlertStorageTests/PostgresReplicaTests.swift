import Alerts
import EventLoop
import GatewayTesting
import Postgres
import Synchronization
import Testing

@testable import AlertStorage

/// What two replicas on one database do to each other.
@Suite struct PostgresReplicaTests {
    private typealias Sample = StoreContract.Sample

    @Test func `two replicas that hear of the same incidents make one alert of each`() async throws
    {
        try await PostgresFixture.withReplicas { _, first, second in
            let names = (0..<40).map { "inc-\($0)" }
            try await withThrowingTaskGroup(of: Void.self) { group in
                for (store, order) in [(first, names), (second, Array(names.reversed()))] {
                    for round in 0..<5 {
                        group.addTask {
                            let batch = order.map { name in
                                Sample.arrival(name, .new, at: Double(round))
                            }
                            let results = try await store.apply(batch)
                            #expect(results.map(\.alertID) == order.map { Sample.alertID($0) })
                        }
                    }
                }
                try await group.waitForAll()
            }
            let statistics = try await second.statistics()
            #expect(statistics.alerts == [.firing: names.count])
            #expect(try await first.sources().first?.deliveryCount == 2 * 5 * names.count)
            for name in names {
                let timeline = try await first.timeline(of: Sample.alertID(name), limit: 100)
                #expect(timeline.map(\.outcome).filter { $0 == .created }.count == 1)
                #expect(timeline.first?.outcome == .created)
                #expect(timeline.count == 10)
            }
            // What changed last is listed first, and every change has a number of its own.
            let listed = try await first.alerts(AlertQuery(limit: 100)).items
            #expect(Set(listed.map(\.alert.incidentID)) == Set(names))
        }
    }

    @Test func `a batch does not wait for one of the same source that is under way`() async throws {
        try await PostgresFixture.withReplicas { fixture, first, second in
            let key = try #require(try await fixture.run("SELECT min(key) FROM sources"))
            var uses = PostgresUses()
            uses.count(Sample.arrival("a"), sourceKey: key)
            let query = try #require(uses.query)
            _ = try await first.core.countingAttempts { transaction, _ in
                // What another's batch has locked until it is on disk; and a change of the source.
                let lock = "SELECT 1::bigint FROM sources WHERE key = \(key) FOR NO KEY UPDATE"
                _ = try await transaction.run([PostgresQuery(once: lock), query])
                let results = try await second.apply([Sample.arrival("b", .new)])
                #expect(results.map(\.outcome) == [.created])
            }
            #expect(try await first.sources().first?.deliveryCount == 2)
            #expect(try await first.sources().first?.secrets.first?.lastUsedAt == Sample.at(0))
        }
    }

    @Test func `a close is claimed by one replica`() async throws {
        try await PostgresFixture.withReplicas { _, first, second in
            let names = (0..<30).map { "inc-\($0)" }
            try await StoreContract.resolve(names, gap: 0, in: first)
            let claimed = try await withThrowingTaskGroup(of: [String].self) { group in
                for store in [first, second, first, second] {
                    group.addTask {
                        let claim = CloseClaim(at: Sample.at(100), limit: 20)
                        return try await store.claimDueCloses(claim).map(\.incidentID)
                    }
                }
                return try await group.reduce(into: []) { $0 += $1 }
            }
            #expect(claimed.count == Set(claimed).count, "a close was claimed twice")
            let rest = try await first.claimDueCloses(CloseClaim(at: Sample.at(100), limit: 99))
            #expect(Set(claimed + rest.map(\.incidentID)) == Set(names))
        }
    }

    @Test func `an alert that somebody holds keeps no other's close waiting`() async throws {
        try await PostgresFixture.withReplicas { _, first, second in
            try await StoreContract.resolve(["a", "b"], gap: 0, in: first)
            _ = try await first.core.countingAttempts { transaction, _ in
                _ = try await transaction.lock([Sample.alertID("a")])
                let claim = CloseClaim(at: Sample.at(20), limit: 9)
                #expect(try await second.claimDueCloses(claim).map(\.incidentID) == ["b"])
            }
            let rest = try await second.claimDueCloses(CloseClaim(at: Sample.at(20), limit: 9))
            #expect(rest.map(\.incidentID) == ["a"])
            _ = try await first.core.countingAttempts { transaction, _ in
                _ = try await transaction.lock([Sample.alertID("a")])
                #expect(try await second.recoverInterruptedCloses(at: Sample.at(99)) == 1)
            }
            #expect(try await second.recoverInterruptedCloses(at: Sample.at(99)) == 1)
        }
    }

    @Test func `alerts are locked in the order of their keys, however they are named`()
        async throws
    {
        try await PostgresFixture.withReplicas { fixture, first, second in
            _ = try await first.apply(["a", "b"].map { Sample.arrival($0, .new) })
            let ids = ["b", "a"].map { Sample.alertID($0) }
            try await Self.expectOrder(fixture, first) {
                _ = try await second.apply(["b", "a"].map { Sample.arrival($0) })
            }
            try await Self.expectOrder(fixture, first) {
                _ = try await second.core.countingAttempts { transaction, _ in
                    _ = try await transaction.lock(ids)
                }
            }
        }
    }

    /// Runs `body`, which locks two alerts, while the second is held: it must have the first.
    private static func expectOrder(
        _ fixture: PostgresFixture, _ holder: PostgresStore,
        _ body: @escaping @Sendable () async throws -> Void
    ) async throws {
        let task = Mutex<Task<Void, any Error>?>(nil)
        _ = try await holder.core.countingAttempts { transaction, _ in
            _ = try await transaction.lock([Sample.alertID("b")])
            task.withLock { $0 = Task { try await body() } }
            try await fixture.waitUntilOneWaits()
            let free = try await fixture.run(
                """
                SELECT count(*) FROM (SELECT FROM alerts
                    WHERE id = '\(Sample.alertID("a"))' FOR UPDATE SKIP LOCKED) AS free
                """)
            #expect(free == 0)
        }
        try await task.withLock { $0 }?.value
    }

    @Test func `a webhook that waited for an alert sees that it was resolved`() async throws {
        try await PostgresFixture.withReplicas { fixture, first, second in
            _ = try await first.apply([Sample.arrival("a", .new)])
            let id = Sample.alertID("a")
            let task = Mutex<Task<[WebhookResult], any Error>?>(nil)
            _ = try await first.core.countingAttempts { transaction, _ in
                let record = try #require(try await transaction.lock([id])[id])
                task.withLock {
                    $0 = Task { try await second.apply([Sample.arrival("a", at: 11)]) }
                }
                try await fixture.waitUntilOneWaits()
                let change = AlertMachine.resolve(
                    record.subject, by: Sample.request("a"), at: Sample.at(10))
                transaction.alerts.take(change, of: record.key)
            }
            let results = try await task.withLock { $0 }?.value
            #expect(results?.map(\.status) == [.resolved])
            #expect(try await first.alert(id)?.alert.status == .resolved)
        }
    }

    @Test func `a replica that lost its lease has no say any more`() async throws {
        try await PostgresFixture.withReplicas { _, first, second in
            try await StoreContract.resolve(["a"], in: first)
            let slow = try #require(
                try await first.claimDueCloses(CloseClaim(at: Sample.at(20), limit: 1)).first)
            // The lease holds for 25 s, whoever asks.
            for store in [first, second] {
                #expect(try await store.recoverInterruptedCloses(at: Sample.at(44)) == 0)
            }
            #expect(try await second.recoverInterruptedCloses(at: Sample.at(45)) == 1)
            // Even as long as nobody else has taken it up.
            try await expectIgnored(slow, at: 46, in: first)
            let quick = try #require(
                try await second.claimDueCloses(CloseClaim(at: Sample.at(51), limit: 1)).first)
            #expect(quick.close.nextStep == .look)

            try await expectIgnored(slow, at: 52, in: first)
            let heard = try await second.conclude(
                conclusion(quick, .accepted(isAlreadyClosed: true), at: 53))
            #expect(heard?.outcome == .closeSent)
            #expect(try await first.alert(Sample.alertID("a"))?.close?.state == .sent)

            // One that is read back stays `sent`, and is taken up anew once the lease is over.
            let readings = try await [
                first.claimDueCloses(CloseClaim(at: Sample.at(60), limit: 1)),
                second.claimDueCloses(CloseClaim(at: Sample.at(86), limit: 1)),
            ]
            #expect(readings.map(\.count) == [1, 1])
            try await expectIgnored(readings[0][0], at: 87, in: first)
        }
    }

    /// What the call under a claim came to changes nothing any more.
    private func expectIgnored(
        _ claimed: ClaimedClose, at seconds: Double, in store: PostgresStore
    ) async throws {
        let before = try await store.alert(Sample.alertID("a"))
        let ignored = try await store.conclude(conclusion(claimed, .notFound, at: seconds))
        #expect(ignored?.transitions.isEmpty == true)
        #expect(try await store.alert(Sample.alertID("a")) == before)
    }

    @Test func `who waited for an alert sees what the other did to its close`() async throws {
        try await PostgresFixture.withReplicas { _, first, second in
            try await StoreContract.resolve(["a"], in: first)
            _ = try await first.claimDueCloses(CloseClaim(at: Sample.at(20), limit: 1))
            // Every one of these reads the close that another of them writes.
            try await withThrowingTaskGroup(of: Void.self) { group in
                for number in 0..<20 {
                    let store = number.isMultiple(of: 2) ? first : second
                    group.addTask {
                        let result = CloseMachine.Result.delayed(reason: "503", retryAfter: nil)
                        _ = try await store.conclude(
                            Sample.conclusion("a", result, at: Double(30 + number)))
                    }
                }
                try await group.waitForAll()
            }
            let close = try await first.alert(Sample.alertID("a"))?.close
            #expect(close?.failures == 20, "a failure was written over by one who had not seen it")
        }
    }

    @Test func `an alert whose close became owed meanwhile is not pruned`() async throws {
        try await PostgresFixture.withReplicas { _, first, second in
            try await StoreContract.resolve(["a", "b"], gap: 0, in: first)
            for id in [CloseID("cls_a"), CloseID("cls_b")] {
                _ = try await first.cancelClose(
                    id, by: Actor(.user, name: "ada"), at: Sample.at(20))
            }
            // What pruning finds, and then locks, may change in between.
            _ = try await second.retryClose(
                CloseID("cls_a"), by: Actor(.user, name: "eve"), at: Sample.at(30))
            _ = try await first.core.countingAttempts { transaction, _ in
                let records = try await transaction.lock(["a", "b"].map { Sample.alertID($0) })
                let removed = try await transaction.remove(
                    records.values.map(\.key), resolvedBefore: Sample.at(100))
                #expect(removed == 1)
            }
            #expect(try await second.alert(Sample.alertID("a"))?.close?.state == .pending)
            #expect(try await second.alert(Sample.alertID("b")) == nil)
            let statistics = try await second.statistics()
            #expect(statistics.closes == [.pending: 1])
            #expect(statistics.alerts == [.resolved: 1])
        }
    }

    private func conclusion(
        _ claimed: ClaimedClose, _ result: CloseMachine.Result, at seconds: Double
    ) -> CloseMachine.Conclusion {
        CloseMachine.Conclusion(
            closeID: claimed.close.id, result: result, environmentID: nil, at: Sample.at(seconds),
            fraction: 0.5, fence: claimed.fence)
    }
}

extension PostgresFixture {
    /// Waits until a session waits for what another has locked.
    fileprivate func waitUntilOneWaits() async throws {
        let waiting = """
            SELECT count(*) FROM pg_stat_activity
            WHERE application_name = '\(schema)' AND wait_event_type = 'Lock'
            """
        let deadline = ContinuousClock.now + .seconds(5)
        while try await run(waiting) == 0, .now < deadline {}
    }
}
