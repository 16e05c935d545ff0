import Alerts
import EventLoop
import Postgres

/// The store's connections: opened when they are needed, kept, and opened anew after a loss.
@LoopActor
final class PostgresPool {
    private let address: PostgresAddress
    private let connector: PostgresConnector
    private var idle: [PostgresConnection] = []
    private var busy: [ObjectIdentifier: PostgresConnection] = [:]
    private var waiting: [PostgresWait] = []
    /// One is opened after the other, as they share a thread.
    private var isOpening = false
    private var opening: Task<Void, Never>?
    private var isClosed = false

    init(_ address: PostgresAddress, connector: PostgresConnector) {
        self.address = address
        self.connector = connector
    }

    /// A connection for one transaction; give it back afterwards, whatever came of it.
    func take() async throws(PostgresError) -> PostgresConnection {
        while let connection = idle.popLast() {
            guard connection.isOpen else { continue }
            busy[ObjectIdentifier(connection)] = connection
            return connection
        }
        waiting.removeAll(where: \.isOver)
        guard waiting.count < PostgresStoreLimits.waitingMax else {
            throw PostgresError(.timedOut, "Too many calls wait for a connection.")
        }
        // Where none works, nobody else's will become free.
        let wait = PostgresWait(
            busy.isEmpty ? PostgresStoreLimits.absenceDuration : PostgresStoreLimits.turnDuration)
        waiting.append(wait)
        openIfNeeded()
        return try await wait.connection()
    }

    /// Takes a connection back; lets go of one that was lost.
    func give(_ connection: PostgresConnection) {
        busy[ObjectIdentifier(connection)] = nil
        if connection.isOpen { offer(connection) } else { openIfNeeded() }
    }

    /// The server does not answer: calls under way end with a loss, and later ones need a new
    /// connection.
    func loseAll() {
        let lost = idle + busy.values
        idle = []
        for connection in lost { connection.close() }
    }

    /// Closes what is idle; nothing may be in use.
    func close() async {
        isClosed = true
        for connection in idle { connection.close() }
        idle = []
        await opening?.value
    }

    /// Opens one connection, set up for the store.
    func open() async throws(PostgresError) -> PostgresConnection {
        let connection = try await PostgresConnection.open(
            address, by: connector, within: PostgresStoreLimits.openingDuration)
        _ = try await connection.run(
            [PostgresQuery(once: Self.settings)], within: PostgresStoreLimits.roundTripDuration)
        return connection
    }

    private func openIfNeeded() {
        let hasRoom = busy.count + idle.count < PostgresStoreLimits.connectionsMax
        guard !isOpening, !isClosed, hasRoom, !waiting.allSatisfy(\.isOver) else { return }
        isOpening = true
        opening = LoopActor.spawn { [self] in
            do throws(PostgresError) {
                let connection = try await open()
                isOpening = false
                offer(connection)
                openIfNeeded()
            } catch {
                isOpening = false
                failWaiting(error)
            }
        }
    }

    /// Hands a connection to who waits first, or keeps it.
    private func offer(_ connection: PostgresConnection) {
        guard !isClosed else { return connection.close() }
        while !waiting.isEmpty {
            guard waiting.removeFirst().end(.success(connection)) else { continue }
            busy[ObjectIdentifier(connection)] = connection
            return
        }
        idle.append(connection)
    }

    /// Nobody who waits would fare better than the opening that just failed, unless a connection
    /// that is in use becomes free.
    private func failWaiting(_ error: PostgresError) {
        guard busy.isEmpty else { return }
        let waiting = self.waiting
        self.waiting = []
        for wait in waiting { _ = wait.end(.failure(error)) }
    }

    /// Every statement finds its rows by an index.
    ///
    /// A plan is made once for all calls of a session, and one made while the tables are empty
    /// would read them through when they are full: the server is told to do neither that nor what
    /// needs it.
    private static let indicesOnly = ["seqscan", "hashjoin", "mergejoin", "material"]
        .map { "set_config('enable_\($0)', 'off', false)" }.joined(separator: ", ")
    /// What the store relies on is set for each session.
    ///
    /// - A server that is set to answer before a commit is on its disk is told to wait for ours;
    ///   one that waits for its standbys too goes on doing so.
    /// - Statements that are stopped by the server leave the connection as good as before.
    private static let settings = """
        SELECT set_config('statement_timeout', '\
        \(PostgresStoreLimits.statementDuration.milliseconds)', false),
            set_config('idle_in_transaction_session_timeout', '\
        \(PostgresStoreLimits.idleTransactionDuration.milliseconds)', false),
            set_config('default_transaction_isolation', 'read committed', false),
            set_config('jit', 'off', false), \(indicesOnly),
            CASE current_setting('synchronous_commit')
                WHEN 'off' THEN set_config('synchronous_commit', 'on', false) END
        """
}

/// A call that waits for a connection.
@LoopActor
private final class PostgresWait {
    typealias Outcome = Result<PostgresConnection, PostgresError>

    private let limit: Duration
    private let timer = Timer()
    private var outcome: Outcome?
    private var waiting: CheckedContinuation<Void, Never>?

    init(_ limit: Duration) {
        self.limit = limit
    }

    /// Whether it waits no longer.
    var isOver: Bool { outcome != nil }

    func connection() async throws(PostgresError) -> PostgresConnection {
        let error = PostgresError(.timedOut, "There was no connection within \(limit).")
        timer.start(after: limit) { [weak self] in _ = self?.end(.failure(error)) }
        await withCheckedContinuation { waiting = $0 }
        guard let outcome else { preconditionFailure("a wait ends with an outcome") }
        return try outcome.get()
    }

    /// - Returns: Whether it still waited.
    func end(_ outcome: Outcome) -> Bool {
        guard !isOver else { return false }
        self.outcome = outcome
        timer.stop()
        waiting?.resume()
        return true
    }
}
