import AlertStorage
import Alerts
import EventLoop
import Postgres
import PostgresTesting
import Synchronization
import TLS

/// A schema of a run's own on the test process's PostgreSQL server.
///
/// Needs the loop to run. Claims count by the run's virtual time.
final class PostgresGround: Ground {
    private static let masterKey = Secret(String(repeating: "k", count: 32))
    private static let limit = Duration.seconds(30)

    static var recoveryDelay: Int { Int(CloseMachine.lease / .milliseconds(1)) }

    private let address = Mutex<String?>(nil)

    init() {}

    func open() async throws -> StoreDoor.Store {
        let address = try await schemaAddress()
        return try await PostgresStore.open(
            try PostgresLocation(address), masterKey: Self.masterKey, leaseClock: .caller)
    }

    func close(_ store: StoreDoor.Store) async { await store.close() }

    private func schemaAddress() async throws -> String {
        if let known = address.withLock({ $0 }) { return known }
        let server = try PostgresServer.shared()
        let schema = server.newSchemaName()
        try await Self.make(schema, PostgresAddress(server.address()))
        let made = server.address(schema: schema)
        address.withLock { $0 = made }
        return made
    }

    @LoopActor
    private static func make(_ schema: String, _ address: PostgresAddress) async throws {
        let connector = try PostgresConnector()
        defer { connector.thread.stop() }
        let connection = try await PostgresConnection.open(address, by: connector, within: limit)
        defer { connection.close() }
        _ = try await connection.run(
            [PostgresQuery(once: "CREATE SCHEMA \(schema)")], within: limit)
    }
}
