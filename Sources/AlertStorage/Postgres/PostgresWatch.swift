import EventLoop
import Postgres

/// Asks the server every two seconds whether it is there and what is new, on a connection of its
/// own, which other replicas' notifications reach.
///
/// Calls alone would not do: a server that vanished without a word leaves them waiting, and an idle
/// gateway makes none. Notifications alone would not do either: some come while nobody listens.
@LoopActor
final class PostgresWatch {
    /// The name of this replica; another one after each start.
    let replica = "rep_\(UInt64.random(in: .min ... .max))"
    private let pool: PostgresPool
    private let timer = Timer()
    private var connection: PostgresConnection?
    private var look: Task<Void, Never>?
    private var isStopped = false
    private var newestChange: Int64 = 0
    /// The version of the directory that this replica has taken in.
    private(set) var directoryVersion: Int64 = 0
    /// Is told when the server is not there, or takes no writes.
    var onTrouble: @LoopActor () -> Void = {}
    /// Is told what other replicas did, or may have done unheard.
    var onNews: @LoopActor (PostgresNews) -> Void = { _ in }

    private static let question = PostgresText(
        """
        SELECT pg_is_in_recovery(), (SELECT last_value FROM changes),
            (SELECT version FROM directory_versions)
        """)
    /// Says that this replica lives; forgets those that have not said so for an hour.
    private static let beats = [
        PostgresText(
            """
            INSERT INTO replicas VALUES ($1, $2::bigint, clock_timestamp())
            ON CONFLICT (id) DO UPDATE SET seen_at = excluded.seen_at,
                directory_version = greatest(replicas.directory_version, excluded.directory_version)
            """),
        PostgresText("DELETE FROM replicas WHERE seen_at < clock_timestamp() - interval '1 hour'"),
    ]
    private static let farewell = PostgresText("DELETE FROM replicas WHERE id = $1")

    init(pool: PostgresPool) {
        self.pool = pool
    }

    /// Whether notifications of others reach this replica, and it has said that it lives.
    var isListening: Bool { connection?.isOpen == true && hasSaidSo }
    private var hasSaidSo = false

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
        await look?.value
        if let connection, connection.isOpen {
            let query = PostgresQuery(Self.farewell, [.text(replica)])
            let limit = PostgresStoreLimits.farewellDuration
            _ = try? await connection.run([query], within: limit)  // Others wait 5 s without it.
            connection.close()
        }
        connection = nil
    }

    /// The statement that says how far this replica has read the directory.
    func note(directory version: Int64) -> PostgresQuery {
        directoryVersion = max(directoryVersion, version)
        return PostgresQuery(Self.beats[0], [.text(replica), .int(directoryVersion)])
    }

    private func askOnce() async {
        do throws(PostgresError) {
            let connection = try await standingConnection()
            let answer = try await connection.run(
                [PostgresQuery(Self.question)], within: PostgresStoreLimits.answerDuration)
            guard var row = answer[0].first, row.readBool() else {
                return try await goOn(connection, answer[0])
            }
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

    /// Looks for what was not notified, and says that this replica lives.
    private func goOn(
        _ connection: PostgresConnection, _ answer: PostgresResult
    ) async throws(PostgresError) {
        guard var row = answer.first else { return }
        row.skip()
        let (newest, version) = (row.readInt64(), row.readInt64())
        if newest != newestChange { onNews([.changes, .closes]) }
        newestChange = newest
        if version > directoryVersion { onNews(.directory) }
        _ = try await connection.run(
            [note(directory: directoryVersion), PostgresQuery(Self.beats[1])],
            within: PostgresStoreLimits.answerDuration)
        hasSaidSo = true
    }

    private func standingConnection() async throws(PostgresError) -> PostgresConnection {
        if let connection, connection.isOpen { return connection }
        let opened = try await pool.open()
        do throws(PostgresError) {
            let named = try await opened.run(
                [PostgresQuery(once: "SELECT \(PostgresSchema.channel)")],
                within: PostgresStoreLimits.answerDuration)
            guard var row = named[0].first else { throw PostgresError(corrupt: "no row") }
            _ = try await opened.run(
                [PostgresQuery(once: "LISTEN \"\(row.readText())\"")],
                within: PostgresStoreLimits.answerDuration)
        } catch {
            opened.close()
            throw error
        }
        guard !isStopped else {
            opened.close()
            throw PostgresError(.lost, "The store is closed.")
        }
        opened.onNotification = { [weak self] notification in
            guard let self else { return }
            let news = PostgresNews(notification.payload, to: replica)
            if !news.isEmpty { onNews(news) }
        }
        connection = opened
        // Some may have come while nobody listened.
        onNews(.all)
        return opened
    }
}
