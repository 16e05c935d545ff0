package import Alerts

extension MemoryAlertStore: CanaryStore {
    /// The canaries of all integrations that have some.
    package func canaries() throws(StoreError) -> [IntegrationID: Canary] {
        try begin()
        return allCanaries
    }

    /// Switches an integration's canary on, at another interval, or off.
    package func setCanary(
        _ interval: Duration?, of id: IntegrationID, at now: Timestamp
    ) throws(StoreError) {
        try begin()
        audit(.done)
        guard let interval, integrationsByID[id] != nil else {
            if interval == nil { allCanaries[id] = nil }
            return
        }
        allCanaries[id, default: Canary(interval: interval, enabledAt: now)].interval = interval
    }

    /// Writes what came of a canary.
    package func record(_ run: CanaryRun, of id: IntegrationID) throws(StoreError) {
        try begin()
        allCanaries[id]?.lastRun = run
        if run.failure == nil { allCanaries[id]?.succeededAt = run.endedAt }
    }

    /// Removes old alerts of canaries.
    package func pruneCanaries(
        resolvedBefore moment: Timestamp, limit: Int
    ) throws(StoreError) -> Int {
        try begin()
        return remove(resolvedBefore: moment, limit: limit) { $0.sourceID.isCanary }
    }
}
