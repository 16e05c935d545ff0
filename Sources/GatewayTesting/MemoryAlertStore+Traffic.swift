package import Alerts

extension MemoryAlertStore: TrafficStore {
    /// What was learned of the sources in use.
    package func trafficProfiles() throws(StoreError) -> [SourceID: TrafficProfile] {
        try begin()
        return traffic.filter { !removedSources.contains($0.key) }
    }

    /// Writes some over.
    package func write(_ profiles: [SourceID: TrafficProfile]) throws(StoreError) {
        try begin()
        for (id, profile) in profiles where sourcesByID[id] != nil { traffic[id] = profile }
    }
}
