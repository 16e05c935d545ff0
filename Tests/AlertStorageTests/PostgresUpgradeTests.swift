import Alerts
import EventLoop
import GatewayTesting
import Testing

@testable import AlertStorage

/// Replicas of two versions on one database, while one after the other is replaced.
@Suite struct PostgresUpgradeTests {
    private typealias Sample = StoreContract.Sample

    /// What a step of the schema may do: add.
    private static let addition = [
        "ALTER TABLE alerts ADD COLUMN added text",
        "ALTER TABLE closes ADD COLUMN added bigint NOT NULL DEFAULT 7",
        "ALTER TABLE sources ADD COLUMN added boolean",
        "ALTER TABLE integrations ADD COLUMN added text NOT NULL DEFAULT 'x'",
        "ALTER TABLE deliveries ADD COLUMN added bigint",
        "ALTER TABLE transitions ADD COLUMN added text",
        "CREATE INDEX alerts_added ON alerts(added)",
        "CREATE TABLE added(key bigint PRIMARY KEY REFERENCES alerts(key))",
        "UPDATE gateway_schema SET version = version + 1",
    ]

    @Test func `a gateway that runs goes on when a newer one adds to the tables`() async throws {
        try await PostgresFixture.test { fixture in
            try await fixture.withStore { store in
                try await StoreContract.prepare(store)
                // Each statement is prepared before the tables change, and used again after.
                try await live(in: store, "before", at: 100)
                for statement in Self.addition { try await fixture.run(statement) }
                try await live(in: store, "after", at: 200)
                #expect(try await store.alerts(AlertQuery()).items.count == 2)
            }
            let error = await #expect(throws: StoreError.self) { try await fixture.open() }
            #expect(error?.kind == .newerSchema)
            let known = PostgresSchema.version
            #expect(error?.message.contains("version \(known + 1)") == true)
            #expect(error?.message.contains("up to \(known)") == true)
        }
    }

    /// An alert's whole life, and every list.
    private func live(in store: PostgresStore, _ name: String, at second: Double) async throws {
        func at(_ more: Double) -> Timestamp { Sample.at(second + more) }
        _ = try await store.apply([Sample.arrival(name, .new, at: second)])
        _ = try await store.resolve(Sample.request(name), at: at(1))
        _ = try await store.claimDueCloses(CloseClaim(at: at(2), limit: 5))
        _ = try await store.conclude(
            Sample.conclusion(name, .accepted(isAlreadyClosed: false), at: second + 3))
        _ = try await store.apply([
            Sample.arrival(name, .closed, active: false, changedOn: second + 4, at: second + 5)
        ])
        let subject = try await store.alert(Sample.alertID(name))
        #expect(subject?.close?.state == .confirmed)
        #expect(try await store.timeline(of: Sample.alertID(name), limit: 9).count >= 4)
        #expect(try await store.closes(CloseQuery()).items.first?.state == .confirmed)
        let newest = try #require(try await store.deliveries(DeliveryQuery()).items.first)
        #expect(try await store.delivery(newest.id)?.request.body == [0x7b, 0x7d])
        var source = try #require(try await store.sources().first)
        source.name = name
        try await store.update(source)
        try await store.update(Sample.integration(name: name), key: APIKey(name))
        #expect(try await store.apiKey(of: Sample.integrationID) == APIKey(name))
        #expect(try await store.sources().map(\.name) == [name])
        _ = try await store.pruneDeliveries(
            JournalBound(receivedBefore: at(-9_999), bytesMax: .max), limit: 9)
        #expect(try await store.prune(resolvedBefore: at(-9_999), limit: 9) == 0)
        try await store.checkWritable()
    }
}
