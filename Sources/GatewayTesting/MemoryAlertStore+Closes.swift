package import Alerts

extension MemoryAlertStore {
    /// Takes up due closes, those longest due first.
    package func claimDueCloses(_ claim: CloseClaim) throws(StoreError) -> [ClaimedClose] {
        try begin()
        for var close in allCloses
        where (close.nextAttemptAt ?? claim.at) > claim.at + CloseMachine.horizon {
            close.nextAttemptAt = claim.at
            keep(close)
        }
        let due = allCloses.enumerated()
            .filter { _, close in (close.nextAttemptAt ?? .distantFuture) <= claim.at }
            .sorted { left, right in
                let (leftDue, rightDue) = (left.element.nextAttemptAt, right.element.nextAttemptAt)
                return (leftDue ?? claim.at, left.offset) < (rightDue ?? claim.at, right.offset)
            }
        var claimed: [ClaimedClose] = []
        for close in due.map(\.element) where claimed.count < claim.limit {
            guard let integration = integration(of: close.alertID), !integration.state.isPaused,
                !claim.excludedIntegrations.contains(integration.id),
                !claim.excludedAlerts.contains(close.alertID),
                let alert = rows[close.alertID]?.subject.alert,
                let taken = CloseMachine.claim(close, at: claim.at)
            else { continue }
            keep(taken)
            claimed.append(
                ClaimedClose(
                    close: taken, integrationID: integration.id, incidentID: alert.incidentID,
                    environmentID: alert.environmentID))
        }
        return claimed
    }

    /// Records what a call for a close came to.
    package func conclude(
        _ conclusion: CloseMachine.Conclusion
    ) throws(StoreError) -> AlertMachine.Change? {
        try begin()
        guard let subject = subject(owing: conclusion.closeID) else { return nil }
        let change = CloseMachine.conclude(subject, with: conclusion)
        keep(change)
        return change
    }

    /// When the next close is due, but for those of paused and of excluded integrations.
    package func nextCloseDueAt(
        excluding integrations: Set<IntegrationID>
    ) throws(StoreError) -> Timestamp? {
        try begin()
        return
            allCloses
            .filter { close in
                integration(of: close.alertID).map {
                    !$0.state.isPaused && !integrations.contains($0.id)
                } ?? false
            }
            .compactMap(\.nextAttemptAt).min()
    }

    /// Makes closes that were under way due again.
    package func recoverInterruptedCloses(at now: Timestamp) throws(StoreError) -> Int {
        try begin()
        let recovered = allCloses.compactMap { CloseMachine.recover($0, at: now) }
        for close in recovered { keep(close) }
        return recovered.count
    }

    /// An operator's wish that a close be tried now.
    package func retryClose(
        _ id: CloseID, by actor: Actor, at now: Timestamp
    ) throws(StoreError) -> Result<AlertMachine.Change, CloseMachine.Refusal>? {
        try begin()
        guard let subject = subject(owing: id) else { return nil }
        let result = CloseMachine.retry(id, of: subject, by: actor, at: now)
        if case .success(let change) = result { keep(change) }
        audit(result.auditOutcome)
        return result
    }

    /// An operator's word that a close is not owed.
    package func cancelClose(
        _ id: CloseID, by actor: Actor, at now: Timestamp
    ) throws(StoreError) -> Result<AlertMachine.Change, CloseMachine.Refusal>? {
        try begin()
        guard let subject = subject(owing: id) else { return nil }
        let result = CloseMachine.cancel(id, of: subject, by: actor, at: now)
        if case .success(let change) = result { keep(change) }
        audit(result.auditOutcome)
        return result
    }

    /// Closes by state, newest first.
    package func closes(_ query: CloseQuery) throws(StoreError) -> Page<Close> {
        try begin()
        let last = query.cursor?.sequence ?? .max
        let found = allCloses.enumerated().reversed().filter { offset, close in
            Int64(offset) < last && (query.state.map { $0 == close.state } ?? true)
        }
        let items = found.prefix(query.limit)
        let next = found.count > items.count ? items.last.map { Int64($0.offset) } : nil
        return Page(items: items.map(\.element), next: next.map { PageCursor(sequence: $0) })
    }

    private func subject(owing id: CloseID) -> AlertMachine.Subject? {
        guard let close = allCloses.first(where: { $0.id == id }) else { return nil }
        return rows[close.alertID]?.subject
    }
}

extension Timestamp {
    fileprivate static var distantFuture: Timestamp {
        Timestamp(milliseconds: representable.upperBound)
    }
}
