package import Alerts

extension MemoryAlertStore: SessionStore {
    /// Adds a session, and removes those that are over or too many.
    package func insert(_ session: Session) throws(StoreError) {
        try begin()
        let kept = allSessions.filter { $0.isCurrent(at: session.createdAt) }
            .prefix(Session.countMax - 1)
        sessionsByHash = Dictionary(uniqueKeysWithValues: kept.map { ($0.hash, $0) })
        sessionsByHash[session.hash] = session
        audit(.done)
    }

    /// The session whose token is hashed to `hash`.
    package func session(hash: [UInt8]) throws(StoreError) -> Session? {
        try begin()
        return sessionsByHash[hash]
    }

    /// Notes that a session was used.
    package func noteUse(ofSession hash: [UInt8], at now: Timestamp) throws(StoreError) {
        try begin()
        guard let before = sessionsByHash[hash]?.lastUsedAt else { return }
        sessionsByHash[hash]?.lastUsedAt = max(before, now)
    }

    /// Ends a session.
    package func removeSession(hash: [UInt8]) throws(StoreError) -> Bool {
        try begin()
        guard sessionsByHash.removeValue(forKey: hash) != nil else { return false }
        audit(.done)
        return true
    }

    /// Ends all sessions.
    package func removeAllSessions() throws(StoreError) -> Int {
        try begin()
        defer { sessionsByHash = [:] }
        audit(sessionsByHash.isEmpty ? .unchanged : .done)
        return sessionsByHash.count
    }

    /// All sessions, the one used last first.
    package func sessions() throws(StoreError) -> [Session] {
        try begin()
        return allSessions
    }

    private var allSessions: [Session] {
        sessionsByHash.values.sorted { ($0.lastUsedAt, $0.id) > ($1.lastUsedAt, $1.id) }
    }
}

extension MemoryAlertStore: ActivityStore {
    /// The counts of an hour and of those after it.
    package func activity(
        sinceHour hour: Int64
    ) throws(StoreError) -> [Activity.Key: Int64] {
        try begin()
        return activityCounts.filter { $0.key.hour >= hour && $0.value != 0 }
    }

    /// Forgets the counts before an hour.
    package func pruneActivity(beforeHour hour: Int64) throws(StoreError) {
        try begin()
        activityCounts = activityCounts.filter { $0.key.hour >= hour }
    }
}
