import Alerts
import EventLoop
import Postgres

/// The store's connections: opened when they are needed, kept, and opened anew after a loss.
@LoopActor
final class PostgresPool {
    private let address: PostgresAddress
    private let connector: PostgresConnector
    private var idle: [PostgresConnection] = []
    /// Those in use, and those being opened.
    private var busyCount = 0
    private var waiting: [PostgresWait] = []

    init(_ address: PostgresAddress, connector: PostgresConnector) {
        self.address = address
        self.connector = connector
    }

    /// A connection for one transaction; give it back afterwards, whatever came of it.
    func take() async throws(PostgresError) -> PostgresConnection {
        while let connection = idle.popLast() {
            guard connection.isOpen else { continue }
            busyCount += 1
            return connection
        }
        if busyCount < PostgresStoreLimits.connectionsMax {
            busyCount += 1
            return try await open()
        }
        guard waiting.count < PostgresStoreLimits.waitingMax else {
            throw PostgresError(.timedOut, "Too many calls wait for a connection.")
        }
        let wait = PostgresWait()
        waiting.append(wait)
        guard let connection = try await wait.connection() else { return try await open() }
        return connection
    }

    /// Takes a connection back; lets go of one that was lost.
    func give(_ connection: PostgresConnection) {
        // The place goes to who waits first, with the connection or with leave to open one.
        while !waiting.isEmpty {
            let next = waiting.removeFirst()
            if next.end(connection.isOpen ? connection : nil) { return }
        }
        busyCount -= 1
        if connection.isOpen { idle.append(connection) }
    }

    /// Closes what is idle; nothing may be in use.
    func close() {
        for connection in idle { connection.close() }
        idle = []
    }

    private func open() async throws(PostgresError) -> PostgresConnection {
        do throws(PostgresError) {
            let connection = try await PostgresConnection.open(
                address, by: connector, within: PostgresStoreLimits.connectionDuration)
            _ = try await connection.run(
                [PostgresQuery(once: Self.settings)], within: PostgresStoreLimits.roundTripDuration)
            return connection
        } catch {
            giveUpPlace(error)
            throw error
        }
    }

    /// Nobody who waits would fare better than the one that just failed.
    private func giveUpPlace(_ error: PostgresError) {
        busyCount -= 1
        guard busyCount == 0 else { return }
        let waiting = self.waiting
        self.waiting = []
        for wait in waiting { wait.fail(error) }
    }

    /// - A server that is set to answer before a commit is on its disk is told to wait for ours;
    ///   one that waits for its standbys too goes on doing so.
    /// - Statements that are stopped by the server leave the connection as good as before.
    private static let settings = """
        SELECT set_config('statement_timeout', '\
        \(PostgresStoreLimits.statementDuration.milliseconds)', false),
            set_config('idle_in_transaction_session_timeout', '\
        \(PostgresStoreLimits.idleTransactionDuration.milliseconds)', false),
            set_config('default_transaction_isolation', 'read committed', false),
            set_config('jit', 'off', false),
            CASE current_setting('synchronous_commit')
                WHEN 'off' THEN set_config('synchronous_commit', 'on', false) END
        """
}

/// A call that waits for a connection.
@LoopActor
private final class PostgresWait {
    typealias Outcome = Result<PostgresConnection?, PostgresError>

    private let timer = Timer()
    private var isOver = false
    private var waiting: CheckedContinuation<Void, Never>?
    private var outcome = Outcome.success(nil)

    /// The connection, or leave to open one.
    func connection() async throws(PostgresError) -> PostgresConnection? {
        timer.start(after: PostgresStoreLimits.connectionDuration) { [weak self] in
            self?.fail(PostgresError(.timedOut, "No connection became free in time."))
        }
        await withCheckedContinuation { waiting = $0 }
        return try outcome.get()
    }

    /// - Returns: Whether it still waited.
    func end(_ connection: PostgresConnection?) -> Bool { finish(.success(connection)) }

    func fail(_ error: PostgresError) { _ = finish(.failure(error)) }

    private func finish(_ outcome: Outcome) -> Bool {
        guard !isOver else { return false }
        isOver = true
        timer.stop()
        self.outcome = outcome
        waiting?.resume()
        return true
    }
}
