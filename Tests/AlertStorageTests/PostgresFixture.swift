import Alerts
import EventLoop
import GatewayTesting
import Postgres
import PostgresTesting
import TLS
import Testing

@testable import AlertStorage

/// A schema of a test's own on a real PostgreSQL server, and the loop that stores on it need.
struct PostgresFixture: Sendable {
    let address: String
    let schema: String
    let masterKey = Secret(String(repeating: "k", count: 32))

    var location: PostgresLocation {
        get throws(StoreError) { try PostgresLocation(address) }
    }

    /// Runs a test's body on the loop, which nobody else uses meanwhile; no handle may be left.
    static func test(
        _ body: sending @escaping @LoopActor (PostgresFixture) async throws -> Void
    ) async throws {
        let server = try PostgresServer.shared()
        let schema = server.newSchemaName()
        let fixture = PostgresFixture(address: server.address(schema: schema), schema: schema)
        try await LoopFixture.run(deadline: .seconds(60)) {
            try await fixture.run("CREATE SCHEMA \(schema)")
            try await body(fixture)
        }
    }

    func open(
        masterKey: Secret? = nil, leaseClock: LeaseClock = .caller
    ) async throws(StoreError) -> PostgresStore {
        try await PostgresStore.open(
            try location, masterKey: masterKey ?? self.masterKey, leaseClock: leaseClock)
    }

    /// Runs `body` on a store, which is closed afterwards.
    func withStore<Result: Sendable>(
        _ body: @Sendable (PostgresStore) async throws -> Result
    ) async throws -> Result {
        let store = try await open()
        let result: Result
        do {
            result = try await body(store)
        } catch {
            await store.close()
            throw error
        }
        await store.close()
        return result
    }

    /// Runs `body` with two stores on one database that has a source.
    static func withReplicas(
        _ body:
            @escaping @Sendable (PostgresFixture, PostgresStore, PostgresStore) async throws -> Void
    ) async throws {
        try await test { fixture in
            try await fixture.withStore { first in
                try await StoreContract.prepare(first)
                try await fixture.withStore { second in try await body(fixture, first, second) }
            }
        }
    }

    /// Runs statements on a connection of their own; returns the first number that they bring.
    @discardableResult
    func run(_ texts: String...) async throws -> Int64? {
        let (address, connector) = (try PostgresAddress(address), try PostgresConnector())
        defer { connector.thread.stop() }
        let queries = texts.map { PostgresQuery(once: $0) }
        return try await Self.run(queries, address, connector)
    }

    @LoopActor
    private static func run(
        _ queries: [PostgresQuery], _ address: PostgresAddress, _ connector: PostgresConnector
    ) async throws -> Int64? {
        let connection = try await PostgresConnection.open(
            address, by: connector, within: .seconds(30))
        defer { connection.close() }
        let results = try await connection.run(queries, within: .seconds(30))
        guard var row = results.last?.first else { return nil }
        return row.readInt64IfAny()
    }
}

extension PostgresCore {
    /// Runs `body` in a transaction, and tells it which attempt this is.
    ///
    /// - Returns: How many attempts it took.
    func countingAttempts(
        _ body: @LoopActor (PostgresTransaction, _ attempt: Int) async throws -> Void
    ) async throws(StoreError) -> Int {
        let counter = Counter()
        return try await write("Testing") { (transaction) async throws(PostgresError) in
            counter.value += 1
            do {
                try await body(transaction, counter.value)
            } catch let error as PostgresError {
                throw error
            } catch {
                Issue.record(error)
            }
            return counter.value
        }
    }

    @LoopActor
    private final class Counter {
        var value = 0
    }
}
