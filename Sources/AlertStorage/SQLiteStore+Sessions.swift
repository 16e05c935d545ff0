package import Alerts
import SQLite

extension SQLiteStore: SessionStore {
    /// Adds a session, and removes those that are over or too many.
    package func insert(_ session: Session) async throws(StoreError) {
        try await write("Storing a session") { (store) throws(SQLiteError) in
            try store.insert(session)
            try store.audit(.done)
        }
    }

    /// The session whose token is hashed to `hash`.
    package func session(hash: [UInt8]) async throws(StoreError) -> Session? {
        try await read("Reading a session") { (store) throws(SQLiteError) in
            try store.session(hash: hash)
        }
    }

    /// Notes that a session was used.
    package func noteUse(ofSession hash: [UInt8], at now: Timestamp) async throws(StoreError) {
        try await write("Storing a session's use") { (store) throws(SQLiteError) in
            try store.noteUse(ofSession: hash, at: now)
        }
    }

    /// Ends a session.
    package func removeSession(hash: [UInt8]) async throws(StoreError) -> Bool {
        try await write("Ending a session") { (store) throws(SQLiteError) in
            let isRemoved = try store.removeSession(hash: hash)
            if isRemoved { try store.audit(.done) }
            return isRemoved
        }
    }

    /// Ends all sessions.
    package func removeAllSessions() async throws(StoreError) -> Int {
        try await write("Ending sessions") { (store) throws(SQLiteError) in
            let count = try store.removeAllSessions()
            try store.audit(count > 0 ? .done : .unchanged)
            return count
        }
    }

    /// All sessions, the one used last first.
    package func sessions() async throws(StoreError) -> [Session] {
        try await read("Reading sessions") { (store) throws(SQLiteError) in
            try store.sessions()
        }
    }
}

extension SQLiteStore: ActivityStore {
    /// The counts of an hour and of those after it.
    package func activity(
        sinceHour hour: Int64
    ) async throws(StoreError) -> [Activity.Key: Int64] {
        try await read("Reading counts") { (store) throws(SQLiteError) in
            try store.activity(sinceHour: hour)
        }
    }

    /// Forgets the counts before an hour.
    package func pruneActivity(beforeHour hour: Int64) async throws(StoreError) {
        try await write("Forgetting counts") { (store) throws(SQLiteError) in
            try store.pruneActivity(beforeHour: hour)
        }
    }
}
