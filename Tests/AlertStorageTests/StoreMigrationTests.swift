import Alerts
import GatewayTesting
import SQLite
import Testing

@testable import AlertStorage

@Suite struct StoreMigrationTests {
    typealias Sample = StoreContract.Sample

    let fixture = Fixture()

    @Test func `firing alerts of the first version are due to be read at once`() async throws {
        let store = try await fixture.open()
        try await StoreContract.prepare(store)
        _ = try await store.apply([
            Sample.arrival("firing", .new, at: 5),
            Sample.arrival("over", .closed, active: false, at: 5),
        ])
        await store.close()
        try takeLaterStepsAway()
        let again = try await fixture.open()
        let due = try await again.dueReadings(
            of: Sample.integrationID, at: Sample.at(5), limit: 9)
        #expect(due.map(\.incidentID) == ["firing"])
        #expect(try await again.alert(Sample.alertID("over"))?.alert.status == .resolved)
        await again.close()
    }

    @Test func `no number comes twice when deliveries join the sequence of changes`() async throws {
        let store = try await fixture.open()
        try await StoreContract.prepare(store)
        _ = try await store.apply([Sample.arrival("a", .new)])
        await store.close()
        let connection = try SQLiteConnection(fixture.path)
        try connection.execute(Self.takeChangesAway)
        try connection.execute("INSERT INTO counts VALUES ('deliveries.last', 4711)")
        try connection.setPragma("user_version", 4)
        let again = try await fixture.open()
        let results = try await again.apply([Sample.arrival("b", .new)])
        #expect(results[0].deliveryID == DeliveryID(number: 4712))
        let told = try await again.changes(ChangeQuery(after: 4711)).changes
        #expect(told.map(\.subject.kind) == [.delivery, .alert])
        await again.close()
    }

    private static let takeChangesAway = """
        DROP INDEX closes_by_change;
        ALTER TABLE closes DROP COLUMN sequence;
        ALTER TABLE integrations DROP COLUMN sequence;
        DROP TABLE removed_integrations;
        DROP TABLE sessions;
        DROP TABLE activity;
        DROP TABLE admin_tokens;
        DROP TABLE audit;
        ALTER TABLE sources DROP COLUMN is_watched_for_quiet;
        DROP TABLE source_traffic;
        DROP TABLE canaries;
        DROP TABLE webhook_endpoints;
        DROP TABLE webhook_messages;
        """

    /// Makes the file one of version 1.
    private func takeLaterStepsAway() throws {
        let connection = try SQLiteConnection(fixture.path)
        try connection.execute(Self.takeChangesAway)
        try connection.execute(
            """
            INSERT INTO counts VALUES ('deliveries.last', 0);
            DROP INDEX alerts_to_read;
            ALTER TABLE alerts DROP COLUMN reading_due_at;
            ALTER TABLE alerts DROP COLUMN missing_count;
            DROP TABLE deliveries;
            DROP TABLE delivery_blocks;
            ALTER TABLE transitions DROP COLUMN delivery_key;
            DELETE FROM counts WHERE name LIKE 'deliveries.%';
            """)
        try connection.setPragma("user_version", 1)
    }
}
