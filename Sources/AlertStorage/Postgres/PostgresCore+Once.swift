import Alerts
import EventLoop
import Postgres

extension PostgresCore {
    /// Runs `body` in one transaction that is not tried again: durable when this returns, undone
    /// when it throws.
    ///
    /// For commands that somebody watches and can repeat; `body` may fail with whatever a store
    /// may. `limit` is for each round trip.
    func withTransaction<Result>(
        _ what: String, within limit: Duration = PostgresStoreLimits.roundTripDuration,
        _ body: @LoopActor (PostgresTransaction) async throws(StoreError) -> Result
    ) async throws(StoreError) -> Result {
        let connection = try await mappingErrors(while: what) {
            () async throws(PostgresError) in try await pool.take()
        }
        defer { pool.give(connection) }
        let transaction = PostgresTransaction(on: connection, of: self, within: limit)
        do throws(StoreError) {
            let result = try await body(transaction)
            try await mappingErrors(while: what) { () async throws(PostgresError) in
                try await transaction.commit()
            }
            return result
        } catch {
            await transaction.rollBack()
            guard transaction.isCommitting, error.isRetryable else { throw error }
            throw StoreError(
                error.kind,
                "\(error.message) It broke while all of it was being made durable, so that either "
                    + "all of it or nothing was done; run it again to see.")
        }
    }
}

/// Runs `body`; what PostgreSQL says is told as the store's error while doing `what`.
@LoopActor
func mappingErrors<Result>(
    while what: String, _ body: @LoopActor () async throws(PostgresError) -> Result
) async throws(StoreError) -> Result {
    do throws(PostgresError) {
        return try await body()
    } catch {
        throw StoreError(error, while: what)
    }
}
