import EventLoop
import GatewayTesting
import PostgresTesting

@testable import Postgres

/// Runs a test's body on the loop, with connections to the real server.
struct PostgresFixture: Sendable {
    let address: PostgresAddress
    let connector: PostgresConnector

    static let limit = Duration.seconds(10)

    /// Runs `body`; no handle and no thread may be left afterwards.
    static func run<Success: Sendable>(
        _ body: sending @escaping @LoopActor (PostgresFixture) async throws -> Success
    ) async throws -> Success {
        let address = try PostgresServer.shared().address()
        let connector = try PostgresConnector()
        let fixture = PostgresFixture(
            address: try PostgresAddress(address), connector: connector)
        defer { connector.thread.stop() }
        return try await LoopFixture.run(deadline: .seconds(30)) { try await body(fixture) }
    }

    @LoopActor
    func open() async throws -> PostgresConnection {
        try await PostgresConnection.open(address, by: connector, within: Self.limit)
    }
}

extension PostgresConnection {
    /// Runs statements that are put together here.
    func run(_ texts: String...) async throws(PostgresError) -> [PostgresResult] {
        try await run(texts.map { PostgresQuery(once: $0) }, within: PostgresFixture.limit)
    }

    /// The error that statements end in.
    func error(_ texts: String...) async -> PostgresError? {
        do throws(PostgresError) {
            _ = try await run(
                texts.map { PostgresQuery(once: $0) }, within: PostgresFixture.limit)
            return nil
        } catch {
            return error
        }
    }

    /// The number in the first column of the first row.
    func number(_ text: String) async throws -> Int64 {
        guard var row = try await run(text).first?.first else { return -1 }
        return row.readInt64()
    }
}
