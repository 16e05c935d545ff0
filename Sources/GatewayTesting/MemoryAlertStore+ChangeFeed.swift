package import Alerts
import Synchronization

extension MemoryAlertStore: ChangeFeed {
    /// The number of the newest change.
    package func latestChange() throws(StoreError) -> Int64 {
        try begin()
        return lastSequence
    }

    /// What changed since, oldest first.
    package func changes(_ query: ChangeQuery) throws(StoreError) -> ChangePage {
        try begin()
        var found: [[Change]] = []
        for kind in query.kinds {
            let changes = changes(of: kind).filter { $0.number > query.after }
            found.append(Array(changes.sorted { $0.number < $1.number }.prefix(query.limit)))
        }
        return ChangePage(query, settled: lastSequence, newest: lastSequence, found)
    }

    /// Has `body` called after each change.
    package nonisolated func onChange(_ body: (@Sendable () -> Void)?) {
        hook.withLock { $0 = body }
    }

    private func changes(of kind: Change.Kind) -> [Change] {
        switch kind {
        case .alert:
            rows.values.map { Change(number: $0.sequence, subject: .alert($0.subject)) }
        case .close:
            allCloses.map { Change(number: closeNumbers[$0.id] ?? 0, subject: .close($0)) }
        case .delivery:
            keptDeliveries.map {
                Change(number: $0.delivery.id.number ?? 0, subject: .delivery($0.delivery))
            }
        case .integration:
            integrationNumbers.map { id, number in
                let known = integrationsByID[id]?.integration
                return Change(
                    number: number,
                    subject: known.map { .integration($0) } ?? .removedIntegration(id))
            }
        }
    }
}
