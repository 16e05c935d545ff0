package import Alerts
import SQLite

extension SQLiteStore: AlertStore {
    /// Takes in webhooks in one transaction, in order.
    package func apply(
        taking next: @Sendable () -> [WebhookArrival]
    ) async throws(StoreError) -> [WebhookResult] {
        try await write("Storing webhooks") { (session) throws(SQLiteError) in
            try session.apply(next())
        }
    }

    /// True: one thread writes.
    package var appliesInTurn: Bool { true }

    /// Resolves an alert and makes its close owed.
    package func resolve(
        _ request: AlertMachine.ResolveRequest, at now: Timestamp
    ) async throws(StoreError) -> AlertMachine.Change? {
        try await write("Resolving an alert") { (session) throws(SQLiteError) in
            guard let record = try session.record(request.alertID) else { return nil }
            let change = AlertMachine.resolve(record.subject, by: request, at: now)
            try session.store(change, of: record)
            try session.audit(change.auditOutcome(of: record.subject))
            return change
        }
    }

    /// Brings an alert in line with a reading.
    package func apply(
        _ reading: IncidentReading, to alertID: AlertID, readAt: Timestamp, at now: Timestamp
    ) async throws(StoreError) -> AlertMachine.Change? {
        try await write("Storing a reading") { (session) throws(SQLiteError) in
            try session.apply(
                AlertReading(alertID: alertID, reading: reading, readAt: readAt), at: now)
        }
    }

    /// One alert with its newest close.
    package func alert(_ id: AlertID) async throws(StoreError) -> AlertMachine.Subject? {
        try await read("Reading an alert") { (session) throws(SQLiteError) in
            try session.record(id)?.subject
        }
    }

    /// An alert's timeline, oldest first, the newest `limit` entries.
    package func timeline(
        of id: AlertID, limit: Int
    ) async throws(StoreError) -> [Transition] {
        try await read("Reading a timeline") { (session) throws(SQLiteError) in
            try session.timeline(of: id, limit: limit)
        }
    }

    /// Alerts by filter, newest change first.
    package func alerts(
        _ query: AlertQuery
    ) async throws(StoreError) -> Page<AlertMachine.Subject> {
        try await read("Listing alerts") { (session) throws(SQLiteError) in
            try session.alerts(query)
        }
    }

    /// How many alerts and closes there are in each state.
    package func statistics() async throws(StoreError) -> StoreStatistics {
        try await read("Counting alerts") { (session) throws(SQLiteError) in
            try session.statistics()
        }
    }

    /// Removes old resolved alerts that owe nothing, in one transaction.
    package func prune(
        resolvedBefore moment: Timestamp, limit: Int
    ) async throws(StoreError) -> Int {
        try await write("Pruning alerts") { (session) throws(SQLiteError) in
            try session.prune(resolvedBefore: moment, limit: limit)
        }
    }

    /// Proves that the store can be written, by counting the proofs.
    package func checkWritable() async throws(StoreError) {
        try await write("Writing to the store") { (session) throws(SQLiteError) in
            // A value that stays the same would not reach the disk.
            session.add(1, toCount: "probes")
        }
    }

    func write<Result: Sendable>(
        _ what: String, _ body: @Sendable (StoreSession) throws(SQLiteError) -> Result
    ) async throws(StoreError) -> Result {
        let asked = ContinuousClock.now
        do throws(StoreError) {
            let result = try await call { () async throws(StoreError) in
                if turns.isTooLong { await waitForLog() }
                return try await writer.write(what, asked: asked, body)
            }
            moveLogIfLong()
            tellOfChange()
            return result
        } catch {
            tell(error)
            throw error
        }
    }

    func read<Result: Sendable>(
        _ what: String, _ body: @Sendable (StoreSession) throws(SQLiteError) -> Result
    ) async throws(StoreError) -> Result {
        try await call { () async throws(StoreError) in try await reader.read(what, body) }
    }
}
