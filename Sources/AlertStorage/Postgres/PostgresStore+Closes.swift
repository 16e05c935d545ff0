package import Alerts
import EventLoop
import Postgres

extension PostgresStore {
    /// Takes up due closes, those longest due first, under a lease.
    package func claimDueCloses(
        _ claim: CloseClaim
    ) async throws(StoreError) -> [ClaimedClose] {
        try await core.write("Taking up closes") { (transaction) async throws(PostgresError) in
            try await transaction.claimDueCloses(claim)
        }
    }

    /// Records what a call for a close came to, unless its claim was overtaken.
    package func conclude(
        _ conclusion: CloseMachine.Conclusion
    ) async throws(StoreError) -> AlertMachine.Change? {
        try await core.write("Storing what a close came to") {
            (transaction) async throws(PostgresError) in
            let owing = try await transaction.lock(owing: conclusion.closeID)
            guard let record = owing else { return nil }
            if let fence = conclusion.fence, record.subject.close?.id == conclusion.closeID,
                fence != record.closeFence
            {
                return CloseMachine.ignoreOvertaken(record.subject)
            }
            let change = CloseMachine.conclude(record.subject, with: conclusion)
            transaction.alerts.take(change, of: record.key)
            return change
        }
    }

    /// When the next close is due, but for those of paused and of excluded integrations.
    package func nextCloseDueAt(
        excluding integrations: Set<IntegrationID>
    ) async throws(StoreError) -> Timestamp? {
        try await core.nextCloseDueAt(excluding: integrations)
    }

    /// Makes closes due again whose lease has run out.
    package func recoverInterruptedCloses(at now: Timestamp) async throws(StoreError) -> Int {
        try await core.write("Recovering closes") { (transaction) async throws(PostgresError) in
            try await transaction.recoverInterruptedCloses(at: now)
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
        try await core.closes(query)
    }

    private typealias Decision = Result<AlertMachine.Change, CloseMachine.Refusal>

    private func change(
        _ id: CloseID, _ what: String,
        _ decide: @Sendable (AlertMachine.Subject) -> Decision
    ) async throws(StoreError) -> Decision? {
        try await core.write(what) { (transaction) async throws(PostgresError) in
            guard let record = try await transaction.lock(owing: id) else { return nil }
            let decision = decide(record.subject)
            switch decision {
            case .success(let change): transaction.alerts.take(change, of: record.key)
            case .failure: break
            }
            transaction.audit(decision.auditOutcome)
            return decision
        }
    }
}
