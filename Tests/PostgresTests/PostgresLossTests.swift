import EventLoop
import GatewayTesting
import Testing

@testable import Postgres

@Suite struct PostgresLossTests {
    @Test func `a call that takes too long is given up, and the server stops it`() async throws {
        try await PostgresFixture.run { fixture in
            let (slow, other) = (try await fixture.open(), try await fixture.open())
            let id = try await slow.number("SELECT pg_backend_pid()::bigint")
            do throws(PostgresError) {
                _ = try await slow.run(
                    [PostgresQuery(once: "SELECT pg_sleep(60)")], within: .milliseconds(100))
                Issue.record("60 s passed in 100 ms")
            } catch {
                #expect(error.kind == .timedOut)
                #expect(error.isConnectionLost && error.isRetryable)
            }
            #expect(!slow.isOpen)
            #expect(await slow.error("SELECT 1")?.kind == .timedOut)
            for _ in 0..<5_000 {
                let count = try await other.number(
                    "SELECT count(*) FROM pg_stat_activity WHERE pid = \(id)")
                if count == 0 { return }
                await LoopTurn.next()
            }
            Issue.record("the server goes on with what nobody waits for")
        }
    }

    @Test func `a session that the server ends says so, in a call and between`() async throws {
        try await PostgresFixture.run { fixture in
            let (victim, other) = (try await fixture.open(), try await fixture.open())
            var losses: [PostgresError] = []
            victim.onLoss = { losses.append($0) }
            let id = try await victim.number("SELECT pg_backend_pid()::bigint")
            let task = LoopActor.spawn { await victim.error("SELECT pg_sleep(60)") }
            for _ in 0..<5_000 {
                let isBusy = try await other.number(
                    """
                    SELECT count(*) FROM pg_stat_activity
                    WHERE pid = \(id) AND wait_event = 'PgSleep'
                    """)
                if isBusy == 1 { break }
                await LoopTurn.next()
            }
            _ = try await other.run("SELECT pg_terminate_backend(\(id))")
            let error = try #require(await task.value)
            #expect(error.isConnectionLost && error.isRetryable)
            #expect(!error.isConflictOfTransactions)
            try await LoopTurn.until { !victim.isOpen }
            #expect(losses.count == 1)

            let idle = try await fixture.open()
            idle.onLoss = { losses.append($0) }
            let idleID = try await idle.number("SELECT pg_backend_pid()::bigint")
            _ = try await other.run("SELECT pg_terminate_backend(\(idleID))")
            try await LoopTurn.until { losses.count == 2 }
            #expect(!idle.isOpen)
            #expect(await idle.error("SELECT 1")?.isConnectionLost == true)
        }
    }

    @Test func `closing ends a call under way, once`() async throws {
        try await PostgresFixture.run { fixture in
            let connection = try await fixture.open()
            let task = LoopActor.spawn { await connection.error("SELECT pg_sleep(60)") }
            await LoopTurn.next()
            connection.close()
            connection.close()
            #expect(await task.value?.kind == .lost)
        }
    }

    @Test func `nobody there is unreachable, with libpq's words and no password`() async throws {
        try await PostgresFixture.run { fixture in
            let address = try PostgresAddress("postgres://user:s3cret@127.0.0.1:1/db")
            do throws(PostgresError) {
                _ = try await PostgresConnection.open(
                    address, by: fixture.connector, within: PostgresFixture.limit)
                Issue.record("somebody listens on port 1")
            } catch {
                #expect(error.kind == .unreachable)
                #expect(error.isRetryable && error.isConnectionLost)
                #expect(error.message.contains("refused"))
                #expect(!"\(error) \(address)".contains("s3cret"))
            }
        }
    }

    @Test func `an opening that takes too long is waited for no longer`() async throws {
        try await PostgresFixture.run { fixture in
            // Takes connections and says nothing.
            var peers: [Stream] = []
            let listener = try Listener.tcp(host: "127.0.0.1", port: 0, backlog: 8)
            try listener.start { peers.append($0) }
            defer { listener.close() }
            let address = try PostgresAddress(
                "postgres://u@\(listener.boundAddress)/db?sslmode=disable")
            do throws(PostgresError) {
                _ = try await PostgresConnection.open(
                    address, by: fixture.connector, within: .milliseconds(100))
                Issue.record("a server that says nothing was good enough")
            } catch {
                #expect(error.kind == .timedOut)
            }
            for peer in peers { peer.close() }
        }
    }

    @Test(arguments: ["postgres://[::1", "postgres://h:port/db?nonsense=1", "no pairs"])
    func `an address that libpq can't read is refused at once`(text: String) {
        do throws(PostgresError) {
            _ = try PostgresAddress(text)
            Issue.record("\(text) is an address")
        } catch {
            #expect(!error.message.contains(text))
        }
    }
}
