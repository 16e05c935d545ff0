import EventLoop
import Postgres

/// Asks the server every two seconds whether it is there, on a connection of its own.
///
/// Calls alone would not do: a server that vanished without a word leaves them waiting, and an idle
/// gateway makes none.
@LoopActor
final class PostgresWatch {
    private let pool: PostgresPool
    private let timer = Timer()
    private var connection: PostgresConnection?
    private var look: Task<Void, Never>?
    private var isStopped = false
    /// Is told when the server is not there, or takes no writes.
    var onTrouble: @LoopActor () -> Void = {}

    private static let question = PostgresText("SELECT pg_is_in_recovery()")

    init(pool: PostgresPool) {
        self.pool = pool
    }

    func start() {
        guard !isStopped else { return }
        look = LoopActor.spawn { [self] in
            await askOnce()
            guard !isStopped else { return }
            timer.start(after: PostgresStoreLimits.watchInterval) { [weak self] in self?.start() }
        }
    }

    /// Ends it; returns once nothing of it is left.
    func stop() async {
        isStopped = true
        timer.stop()
        connection?.close()
        connection = nil
        await look?.value
    }

    private func askOnce() async {
        do throws(PostgresError) {
            let connection = try await standingConnection()
            let answer = try await connection.run(
                [PostgresQuery(Self.question)], within: PostgresStoreLimits.answerDuration)
            guard var row = answer[0].first, row.readBool() else { return }
            // A server that became a standby; the address may lead to another one by now.
            connection.close()
            pool.loseAll()
        } catch {
            guard !isStopped else { return }
            if error.kind == .timedOut { pool.loseAll() }
        }
        connection = nil
        if !isStopped { onTrouble() }
    }

    private func standingConnection() async throws(PostgresError) -> PostgresConnection {
        if let connection, connection.isOpen { return connection }
        let opened = try await pool.open()
        guard !isStopped else {
            opened.close()
            throw PostgresError(.lost, "The store is closed.")
        }
        connection = opened
        return opened
    }
}
