extension SQLiteConnection {
    /// When a transaction takes its lock.
    package enum TransactionKind: Sendable, Equatable {
        /// With the first statement: for reading.
        case deferred
        /// At once, the write lock: for reading and then writing without a chance of a dead end.
        case immediate
    }

    /// Runs `body` in a transaction: all of it is durable afterwards, or none of it happened.
    ///
    /// - Throws: What `body` threw, or the failure to begin or commit; the transaction is then
    ///   rolled back in either case.
    /// Source: <https://www.sqlite.org/lang_transaction.html>
    package func withTransaction<Result>(
        _ kind: TransactionKind, _ body: () throws(SQLiteError) -> Result
    ) throws(SQLiteError) -> Result {
        precondition(!isInTransaction, "a transaction inside another")
        do throws(SQLiteError) {
            // Inside, since a BEGIN that fails may have begun all the same.
            switch kind {
            case .deferred: try run("BEGIN DEFERRED")
            case .immediate: try run("BEGIN IMMEDIATE")
            }
            let result = try body()
            try runUninterrupted("COMMIT")
            return result
        } catch {
            rollBack()
            throw error
        }
    }

    /// Ends the open transaction, if there is one, as if it had never begun.
    private func rollBack() {
        // After a full disk, an I/O error or an interrupt SQLite may have done it already.
        guard isInTransaction else { return }
        // The first error counts. If this fails too, the journal undoes it on the next open.
        try? runUninterrupted("ROLLBACK")  // As said.
    }
}
