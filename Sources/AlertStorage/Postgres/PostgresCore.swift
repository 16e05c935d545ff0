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
    let documents = StoredDocuments()
    nonisolated let changeHook = Mutex<(@Sendable () -> Void)?>(nil)
    /// For the contents of deliveries; made with the first, so that an idle gateway goes without.
    private(set) lazy var compressor = Compressor()

    private let connector: PostgresConnector
    private var callsCount = 0
    private var isClosed = false
    private var closing: [CheckedContinuation<Void, Never>] = []

    init(
        _ address: PostgresAddress, schedule: ReconcileSchedule
    ) throws(UVError) {
        self.schedule = schedule
        connector = try PostgresConnector()
        pool = PostgresPool(address, connector: connector)
    }

    /// Runs `body` in one transaction, which is durable when this returns.
    ///
    /// One that lost against another transaction, or whose connection was lost before its commit
    /// was sent, is run again from the start: `body` must not leave anything behind.
    func write<Result: Sendable>(
        _ what: String,
        _ body: @LoopActor (PostgresTransaction) async throws(PostgresError) -> Result
    ) async throws(StoreError) -> Result {
        try beginCall()
        defer { endCall() }
        var attempt = 1
        while true {
            let outcome = await attemptWrite(body)
            switch outcome {
            case .done(let result):
                changeHook.withLock { $0 }?()
                return result
            case .failed(let error, let canRepeat):
                guard canRepeat, attempt < PostgresStoreLimits.attemptsMax else {
                    throw StoreError(error, while: what)
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
            throw StoreError(error, while: what)
        }
    }

    /// Lets calls under way end, then closes all; later calls throw `closed`.
    func close() async {
        let isFirst = !isClosed
        isClosed = true
        if callsCount > 0 { await withCheckedContinuation { closing.append($0) } }
        guard isFirst else { return }
        pool.close()
        await connector.settle()
        connector.thread.stop()
    }

    private enum Attempt<Result> {
        case done(Result)
        case failed(PostgresError, canRepeat: Bool)
    }

    private func attemptWrite<Result>(
        _ body: @LoopActor (PostgresTransaction) async throws(PostgresError) -> Result
    ) async -> Attempt<Result> {
        let connection: PostgresConnection
        do throws(PostgresError) {
            connection = try await pool.take()
        } catch {
            return .failed(error, canRepeat: false)
        }
        defer { pool.give(connection) }
        let transaction = PostgresTransaction(on: connection, of: self)
        do throws(PostgresError) {
            let result = try await body(transaction)
            try await transaction.commit()
            return .done(result)
        } catch {
            await transaction.rollBack()
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

extension PostgresError {
    /// Whether another replica made the alert that was to be made: there it is, the next time.
    fileprivate var isAlertThere: Bool {
        guard isUniqueViolation, let constraint else { return false }
        return PostgresSchema.namesOfAlert.contains(constraint)
    }
}
