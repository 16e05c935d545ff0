import Alerts
import EventLoop
import Postgres

/// A transaction: what it reads comes at once, what it writes goes out with the commit.
///
/// So a batch of webhooks takes two round trips: one that locks and reads, one that writes.
@LoopActor
final class PostgresTransaction {
    let core: PostgresCore
    /// The alerts that it has locked.
    lazy var alerts = LockedAlerts(schedule: core.schedule, isTold: !core.targets.isEmpty)
    /// Whether it makes messages for webhook endpoints owed.
    var hasNewMessages = false
    /// Whether it changes what each replica holds in memory.
    var changesDirectory = false
    /// Deliveries that go into the journal.
    var block = DeliveryBlock()
    /// Whether the commit was sent, so that nobody knows what a lost connection means.
    private(set) var isCommitting = false

    private let connection: PostgresConnection
    /// For each round trip.
    private let limit: Duration
    private var isBegun = false
    private var writes: [PostgresQuery] = []
    private var additions: [String: Int64] = [:]
    private var activity: [Activity.Key: Int64] = [:]

    private static let begin = PostgresText("BEGIN")
    private static let lockChanges = PostgresText(
        "SELECT pg_advisory_xact_lock_shared(\(PostgresSchema.changesLock))::text")
    private static let end = PostgresText("COMMIT")
    private static let undo = PostgresText("ROLLBACK")
    private static let count = PostgresText(
        """
        INSERT INTO counts(name, slot, value)
        SELECT u.name, \(PostgresTables.slot), u.value
        FROM unnest($1::text[], $2::bigint[]) AS u(name, value) ORDER BY u.name
        ON CONFLICT (name, slot) DO UPDATE SET value = counts.value + excluded.value
        """)

    init(on connection: PostgresConnection, of core: PostgresCore, within limit: Duration) {
        self.connection = connection
        self.limit = limit
        self.core = core
    }

    /// Runs statements now.
    func run(
        _ queries: [PostgresQuery], within limit: Duration? = nil
    ) async throws(PostgresError) -> [PostgresResult] {
        let isFirst = !isBegun
        isBegun = true
        let head = isFirst ? [PostgresQuery(Self.begin), PostgresQuery(Self.lockChanges)] : []
        let results = try await connection.run(head + queries, within: limit ?? self.limit)
        return Array(results.dropFirst(head.count))
    }

    /// What others are told once it is committed.
    private(set) var news: PostgresNews = []

    /// Has others told once it is committed.
    func note(_ news: PostgresNews) { self.news.formUnion(news) }

    /// Has a statement run with the commit.
    func add(_ query: PostgresQuery) { writes.append(query) }

    /// Adds `number` to a count with the commit.
    func add(_ number: Int64, toCount name: String) {
        additions[name, default: 0] += number
    }

    /// Adds `number` to what is counted of an hour with the commit.
    func add(_ number: Int64, toActivity key: Activity.Key) {
        activity[key, default: 0] += number
    }

    /// Writes what was decided, and makes all of it durable.
    ///
    /// Alerts come first, then sources, then counts, then those of hours: every transaction
    /// locks in that order.
    func commit() async throws(PostgresError) {
        try await tellTargets()
        var queries = alerts.writes(counting: &additions)
        if !queries.isEmpty { note(.changes) }
        if alerts.makesCloseDue { note(.closes) }
        queries += writes
        let counts = additions.filter { $0.value != 0 }.sorted { $0.key < $1.key }
        if !counts.isEmpty {
            queries.append(
                PostgresQuery(
                    Self.count, [.texts(counts.map(\.key)), .ints(counts.map(\.value))]))
        }
        alerts.count(into: &activity)
        if let query = PostgresActivity.query(activity) { queries.append(query) }
        if isBegun {
            queries.append(PostgresQuery(Self.end))
        } else if !queries.isEmpty {
            // Statements that go out together are a transaction by themselves.
            queries.insert(PostgresQuery(Self.lockChanges), at: 0)
        }
        guard !queries.isEmpty else { return }
        isCommitting = true
        // Whether it comes to be or not: what is read after this is not older.
        defer { if changesDirectory { core.targets.forget() } }
        _ = try await connection.run(queries, within: limit)
        isBegun = false
    }

    /// Makes the connection good for the next, after an error.
    func rollBack() async {
        guard isBegun, connection.isOpen else { return }
        do throws(PostgresError) {
            _ = try await connection.run([PostgresQuery(Self.undo)], within: limit)
        } catch {
            // The server undoes what a closed connection has left open.
            connection.close()
        }
    }
}
