import Alerts
import Compression
import EventLoop
import Postgres
import Synchronization

/// What runs the store's transactions, on the loop.
@LoopActor
final class PostgresCore {
    let pool: PostgresPool
    let schedule: ReconcileSchedule
    private let leaseClock: LeaseClock
    let documents = StoredDocuments()
    /// Who is told of what transactions change.
    var targets = PostgresTargets()
    nonisolated let outbox = OutboxHook()
    nonisolated let changeHook = Mutex<(@Sendable () -> Void)?>(nil)
    /// For the contents of deliveries; made with the first, so that an idle gateway goes without.
    private(set) lazy var compressor = Compressor()

    private let connector: PostgresConnector
    let watch: PostgresWatch
    private(set) lazy var announcer = PostgresAnnouncer(replica: watch.replica) { [weak self] in
        await self?.notify($0)
    }
    nonisolated let newsHook = Mutex<(@Sendable (ReplicaNews) -> Void)?>(nil)
    private var troubleHook: (@Sendable () -> Void)?
    private var callsCount = 0
    private var isClosed = false
    private var closing: [CheckedContinuation<Void, Never>] = []

    init(
        _ address: PostgresAddress, schedule: ReconcileSchedule, leaseClock: LeaseClock
    ) throws(UVError) {
        self.schedule = schedule
        self.leaseClock = leaseClock
        connector = try PostgresConnector()
        pool = PostgresPool(address, connector: connector)
        watch = PostgresWatch(pool: pool)
        watch.onTrouble = { [weak self] in self?.troubleHook?() }
        watch.onNews = { [weak self] in self?.hear($0) }
    }

    /// What `PostgresTables.leaseClock` gets for a call made at `now`.
    func leaseTime(_ now: Timestamp) -> PostgresValue {
        switch leaseClock {
        case .server: .null
        case .caller: .int(now.milliseconds)
        }
    }

    /// Begins to watch the server.
    func startWatching() { watch.start() }

    /// Has `body` called after each call that failed because of the server, and when the server is
    /// found to be gone.
    func onTrouble(_ body: @escaping @Sendable () -> Void) { troubleHook = body }

    /// Runs `body` in one transaction, which is durable when this returns.
    ///
    /// One that lost against another transaction, or whose connection was lost before its commit
    /// was sent, is run again from the start: `body` must not leave anything behind. `limit` is for
    /// each round trip.
    func write<Result: Sendable>(
        _ what: String, within limit: Duration = PostgresStoreLimits.roundTripDuration,
        _ body: @LoopActor (PostgresTransaction) async throws(PostgresError) -> Result
    ) async throws(StoreError) -> Result {
        try beginCall()
        defer { endCall() }
        var attempt = 1
        while true {
            let outcome = await attemptWrite(limit, body)
            switch outcome {
            case .done(let result, let news, let hasNewMessages):
                if news.contains(.changes) { changeHook.withLock { $0 }?() }
                if hasNewMessages { outbox.tell() }
                announcer.announce(news)
                return result
            case .failed(let error, let canRepeat):
                guard canRepeat, attempt < PostgresStoreLimits.attemptsMax else {
                    throw failure(error, what)
                }
            }
            attempt += 1
        }
    }

    /// Runs statements that only read, as one transaction.
    func read(
        _ what: String, _ queries: [PostgresQuery]
    ) async throws(StoreError) -> [PostgresResult] {
        try beginCall()
        defer { endCall() }
        do throws(PostgresError) {
            do throws(PostgresError) {
                return try await attemptRead(queries)
            } catch {
                // Such as a connection that a restart of the server cut while it was idle.
                guard error.isConnectionLost, error.kind == .lost || error.kind == .refused else {
                    throw error
                }
                return try await attemptRead(queries)
            }
        } catch {
            throw failure(error, what)
        }
    }

    /// Lets calls under way end, then closes all; later calls throw `closed`.
    func close() async {
        let isFirst = !isClosed
        isClosed = true
        await watch.stop()
        if callsCount > 0 { await withCheckedContinuation { closing.append($0) } }
        guard isFirst else { return }
        announcer.stop()
        await pool.close()
        await connector.settle()
        connector.thread.stop()
    }

    private enum Attempt<Result> {
        case done(Result, PostgresNews, hasNewMessages: Bool)
        case failed(PostgresError, canRepeat: Bool)
    }

    /// The port's error for `error`, after which the server is looked at more closely.
    private func failure(_ error: PostgresError, _ what: String) -> StoreError {
        if !error.isConstraint { troubleHook?() }
        return StoreError(error, while: what)
    }

    private func attemptWrite<Result>(
        _ limit: Duration,
        _ body: @LoopActor (PostgresTransaction) async throws(PostgresError) -> Result
    ) async -> Attempt<Result> {
        let connection: PostgresConnection
        do throws(PostgresError) {
            connection = try await pool.take()
        } catch {
            return .failed(error, canRepeat: false)
        }
        defer { pool.give(connection) }
        let transaction = PostgresTransaction(on: connection, of: self, within: limit)
        do throws(PostgresError) {
            let result = try await body(transaction)
            try await transaction.commit()
            return .done(
                result, transaction.news, hasNewMessages: transaction.hasNewMessages)
        } catch {
            await transaction.rollBack()
            // It became a standby; the address may lead to another server by now.
            if error.isReadOnly { connection.close() }
            let isLossHarmless = error.isConnectionLost && !transaction.isCommitting
            let canRepeat =
                error.isConflictOfTransactions || error.isAlertThere
                || (isLossHarmless && error.kind != .timedOut)
            return .failed(error, canRepeat: canRepeat)
        }
    }

    private func attemptRead(
        _ queries: [PostgresQuery]
    ) async throws(PostgresError) -> [PostgresResult] {
        let connection = try await pool.take()
        defer { pool.give(connection) }
        return try await connection.run(queries, within: PostgresStoreLimits.roundTripDuration)
    }

    private func beginCall() throws(StoreError) {
        guard !isClosed else { throw .closed }
        callsCount += 1
    }

    private func endCall() {
        callsCount -= 1
        guard callsCount == 0, isClosed else { return }
        for waiting in closing { waiting.resume() }
        closing = []
    }
}

/// Whose time the claims of closes count by.
package enum LeaseClock: Sendable {
    /// The server's, which is the same for every replica.
    case server
    /// That of each call, for tests whose time is made up.
    case caller
}

extension PostgresError {
    /// Whether another replica made the alert that was to be made: there it is, the next time.
    fileprivate var isAlertThere: Bool {
        guard isUniqueViolation, let constraint else { return false }
        return PostgresSchema.namesOfAlert.contains(constraint)
    }
}
