import Alerts
import GatewayTesting
import SQLite
import Testing

@testable import AlertStorage

/// The audit log can only be added to, whoever opens the store and by what program.
@Suite struct AuditLogTests {
    private static let now = "CAST(strftime('%s', 'now') AS INTEGER) * 1000"
    private static let columns =
        "at, actor_kind, actor_name, peer, action, object_id, fields, outcome"
    private static func entry(at moment: String) -> String {
        """
        INSERT INTO audit(\(columns)) VALUES
            (\(moment), 'token', 'ann', '', 'token.create', 'tok_1', '', 'done')
        """
    }

    @Test func `an SQLite file refuses to change or to forget what is not old enough`()
        async throws
    {
        let fixture = Fixture()
        await (try await fixture.open()).close()
        let connection = try SQLiteConnection(fixture.path)
        let age = AuditEntry.age.components.seconds * 1000
        try connection.execute(Self.entry(at: Self.now))
        try connection.execute(Self.entry(at: "\(Self.now) - \(age) + 60000"))
        for attempt in [
            "UPDATE audit SET actor_name = 'bob'", "UPDATE audit SET at = 0 WHERE key = 1",
            "DELETE FROM audit", "DELETE FROM audit WHERE key = 2",
        ] {
            let error = #expect(throws: SQLiteError.self) { try connection.execute(attempt) }
            #expect("\(try #require(error))".contains("can only be added to"), "\(attempt)")
        }
        try connection.execute(Self.entry(at: "\(Self.now) - \(age) - 60000"))
        try connection.execute("DELETE FROM audit WHERE key = 3")
        let store = try await fixture.open()
        #expect(try await store.audit(AuditQuery()).items.map(\.number) == [2, 1])
        await store.close()
    }

    @Test func `a PostgreSQL database refuses that too, and to be emptied`() async throws {
        try await PostgresFixture.test { fixture in
            try await fixture.withStore { store in
                let now = "(extract(epoch FROM now()) * 1000)::bigint"
                let age = AuditEntry.age.components.seconds * 1000
                try await fixture.run(Self.entry(at: now))
                try await fixture.run(Self.entry(at: "\(now) - \(age) + 60000"))
                for attempt in [
                    "UPDATE audit SET actor_name = 'bob'", "DELETE FROM audit",
                    "DELETE FROM audit WHERE key = 2", "TRUNCATE audit",
                ] {
                    await #expect(throws: (any Error).self, "\(attempt)") {
                        try await fixture.run(attempt)
                    }
                }
                try await fixture.run(Self.entry(at: "\(now) - \(age) - 60000"))
                try await fixture.run("DELETE FROM audit WHERE key = 3")
                #expect(try await store.audit(AuditQuery()).items.map(\.number) == [2, 1])
            }
        }
    }
}
