package import Alerts
import SQLite

extension SQLiteStore {
    /// Takes up due closes, those longest due first.
    package func claimDueCloses(
        _ claim: CloseClaim
    ) async throws(StoreError) -> [ClaimedClose] {
        try await write("Taking up closes") { (session) throws(SQLiteError) in
            try session.claimDueCloses(claim)
        }
    }

    /// Records what a call for a close came to.
    package func conclude(
        _ conclusion: CloseMachine.Conclusion
    ) async throws(StoreError) -> AlertMachine.Change? {
        try await write("Storing what a close came to") { (session) throws(SQLiteError) in
            guard let record = try session.record(owing: conclusion.closeID) else { return nil }
            let change = CloseMachine.conclude(record.subject, with: conclusion)
            try session.store(change, of: record)
            return change
        }
    }

    /// When the next close is due, but for those of paused and of excluded integrations.
    package func nextCloseDueAt(
        excluding integrations: Set<IntegrationID>
    ) async throws(StoreError) -> Timestamp? {
        try await read("Looking for due closes") { (session) throws(SQLiteError) in
            try session.nextCloseDueAt(excluding: integrations)
        }
    }

    /// Makes closes that were under way when the process ended due again.
    package func recoverInterruptedCloses(at now: Timestamp) async throws(StoreError) -> Int {
        try await write("Recovering closes") { (session) throws(SQLiteError) in
            try session.recoverInterruptedCloses(at: now)
        }
    }

    /// An operator's wish that a close be tried now.
    package func retryClose(
        _ id: CloseID, by actor: Actor, at now: Timestamp
    ) async throws(StoreError) -> Result<AlertMachine.Change, CloseMachine.Refusal>? {
        try await change(id, "Retrying a close") { subject in
            CloseMachine.retry(id, of: subject, by: actor, at: now)
        }
    }

    /// An operator's word that a close is not owed.
    package func cancelClose(
        _ id: CloseID, by actor: Actor, at now: Timestamp
    ) async throws(StoreError) -> Result<AlertMachine.Change, CloseMachine.Refusal>? {
        try await change(id, "Cancelling a close") { subject in
            CloseMachine.cancel(id, of: subject, by: actor, at: now)
        }
    }

    /// Closes by state, newest first.
    package func closes(_ query: CloseQuery) async throws(StoreError) -> Page<Close> {
        try await read("Listing closes") { (session) throws(SQLiteError) in
            try session.closes(query)
        }
    }

    private typealias Decision = Result<AlertMachine.Change, CloseMachine.Refusal>

    private func change(
        _ id: CloseID, _ what: String,
        _ decide: @Sendable (AlertMachine.Subject) -> Decision
    ) async throws(StoreError) -> Decision? {
        try await write(what) { (session) throws(SQLiteError) in
            guard let record = try session.record(owing: id) else { return nil }
            let decision = decide(record.subject)
            switch decision {
            case .success(let change): try session.store(change, of: record)
            case .failure: break
            }
            try session.audit(decision.auditOutcome)
            return decision
        }
    }
}
