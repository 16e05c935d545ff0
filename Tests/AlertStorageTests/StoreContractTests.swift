import Alerts
import EventLoop
import FileTesting
import GatewayTesting
import SQLite
import TLS
import Testing

@testable import AlertStorage

@Suite struct StoreContractTests {
    @Test(arguments: StoreContract.cases)
    func `the store in memory keeps its promises`(promise: StoreContract.Case) async throws {
        try await promise.run(MemoryAlertStore())
    }

    @Test(arguments: StoreContract.cases)
    func `the store on SQLite keeps its promises`(promise: StoreContract.Case) async throws {
        let directory = TemporaryDirectory()
        let store = try await SQLiteStore.open(
            path: directory.file("gateway.db"), masterKey: SecureRandom.secret(32))
        do {
            try await promise.run(store)
        } catch {
            await store.close()
            throw error
        }
        await store.close()
        let connection = try SQLiteConnection(directory.file("gateway.db"))
        #expect(try connection.pragmaText("integrity_check") == "ok")
        #expect(try connection.pragmaText("foreign_key_check") == "")
    }

    @Test(arguments: StoreContract.cases)
    func `the store on PostgreSQL keeps its promises`(promise: StoreContract.Case) async throws {
        try await PostgresFixture.test { fixture in
            try await fixture.withStore { store in try await promise.run(store) }
            // What is counted along the way is what is there.
            for (counted, rows) in [
                ("alerts.firing", "alerts WHERE is_firing"),
                ("alerts.resolved", "alerts WHERE NOT is_firing"),
                ("closes.pending", "closes WHERE state = 'pending'"),
                ("closes.confirmed", "closes WHERE state = 'confirmed'"),
            ] {
                let difference = try await fixture.run(
                    """
                    SELECT (SELECT count(*) FROM \(rows))
                        - coalesce(
                            (SELECT sum(value) FROM counts WHERE name = '\(counted)'), 0)::bigint
                    """)
                #expect(difference == 0, "\(counted)")
            }
        }
    }
}
