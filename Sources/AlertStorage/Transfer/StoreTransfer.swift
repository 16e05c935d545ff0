package import Alerts
import EventLoop
import Postgres
package import TLS

/// Moves a whole store from SQLite to PostgreSQL.
///
/// One transaction on each side: all of it is there afterwards, or nothing is. What was broken off
/// leaves nothing behind, and is done again from the start.
package enum StoreTransfer {
    /// How far it is.
    package struct Progress: Sendable, Equatable {
        /// The table that is being moved.
        package let table: String
        /// Rows of it that are through.
        package let rowsDone: Int
        /// Rows that it has.
        package let rowsCount: Int
    }

    /// A table that was moved.
    package struct Moved: Sendable, Equatable {
        /// Its name.
        package let table: String
        /// Its rows, as counted in either store.
        package let rowsCount: Int
    }

    /// Moves the store at `path`, which no gateway may be using, into an empty database.
    ///
    /// - Parameters:
    ///   - path: The SQLite file; it is left as it is.
    ///   - location: The PostgreSQL database. Tables of ours may be there, but nothing in them.
    ///   - masterKey: What opens the store; the moved store wants the same.
    ///   - previousKey: Another one that may have sealed what is in it.
    ///   - onProgress: Is told after each step.
    /// - Returns: What was moved, counted on both sides.
    /// - Throws: What is wrong with either store, in which nothing was changed then. Where the
    ///   connection is lost at the very end the error says that both are possible.
    @LoopActor
    package static func run(
        from path: String, to location: PostgresLocation, masterKey: Secret,
        previousKey: Secret? = nil,
        onProgress: @LoopActor (Progress) -> Void = { _ in }
    ) async throws(StoreError) -> [Moved] {
        let sealer = try KeySealer(masterKey: masterKey, previous: previousKey)
        let source = TransferSource(path, thread: try makeThread())
        defer { source.thread.stop() }
        do throws(StoreError) {
            try await source.open(sealer)
            let moved = try await run(from: source, to: location, sealer, onProgress)
            await source.close()
            return moved
        } catch {
            await source.close()
            throw error
        }
    }

    private static func makeThread() throws(StoreError) -> WorkerThread {
        do throws(UVError) {
            return try WorkerThread()
        } catch {
            throw StoreError(.other, "Starting a thread failed: \(error)")
        }
    }

    @LoopActor
    private static func run(
        from source: TransferSource, to location: PostgresLocation, _ sealer: KeySealer,
        _ onProgress: @LoopActor (Progress) -> Void
    ) async throws(StoreError) -> [Moved] {
        let core = try PostgresStore.start(location, ReconcileSchedule())
        do throws(StoreError) {
            let moved = try await core.withTransaction(
                TransferTarget.what, within: TransferLimits.statementDuration
            ) {
                (transaction) throws(StoreError) in
                let target = TransferTarget(transaction)
                let expected = try await source.rowCounts()
                try await target.prepare(sealer, for: expected)
                return try await move(source, to: target, expected, onProgress)
            }
            await core.close()
            return moved
        } catch {
            await core.close()
            throw error
        }
    }

    @LoopActor
    private static func move(
        _ source: TransferSource, to target: TransferTarget, _ expected: [Int],
        _ onProgress: @LoopActor (Progress) -> Void
    ) async throws(StoreError) -> [Moved] {
        var moved: [Moved] = []
        for (table, rowsCount) in zip(TransferTable.all, expected) {
            var rowsDone = 0
            try await source.begin(table)
            while let chunk = try await source.next() {
                try await target.write(chunk, to: table)
                rowsDone += chunk.rowsCount
                onProgress(Progress(table: table.name, rowsDone: rowsDone, rowsCount: rowsCount))
            }
            moved.append(Moved(table: table.name, rowsCount: rowsCount))
        }
        try await target.finish(try await source.counts(), moved)
        return moved
    }
}
