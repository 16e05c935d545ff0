package import Alerts
import EventLoop
import Postgres

extension PostgresStore: SessionStore {
    private static let columns = "hash, id, peer, token_id, created_at, last_used_at"
    private static let clear = PostgresText(
        """
        DELETE FROM sessions WHERE last_used_at <= $1 OR created_at <= $2 OR hash NOT IN (
            SELECT hash FROM sessions ORDER BY last_used_at DESC LIMIT $3::bigint)
        """)
    private static let insert = PostgresText(
        "INSERT INTO sessions(\(columns)) VALUES ($1, $2, $3, $4, $5, $6)")
    private static let one = PostgresText("SELECT \(columns) FROM sessions WHERE hash = $1")
    private static let all = PostgresText(
        "SELECT \(columns) FROM sessions ORDER BY last_used_at DESC, id DESC")
    private static let use = PostgresText(
        "UPDATE sessions SET last_used_at = greatest(last_used_at, $2) WHERE hash = $1")
    private static let remove = PostgresText("DELETE FROM sessions WHERE hash = $1")
    private static let removeAll = PostgresText("DELETE FROM sessions")

    /// Adds a session, and removes those that are over or too many.
    package func insert(_ session: Session) async throws(StoreError) {
        let now = session.createdAt
        let limits: [PostgresValue] = [
            .int((now - Session.idleMax).milliseconds), .int((now - Session.ageMax).milliseconds),
            .int(Int64(Session.countMax - 1)),
        ]
        let values: [PostgresValue] = [
            .bytes(session.hash), .text(session.id), .text(session.peer),
            .text(ifAny: session.tokenID), .int(now.milliseconds),
            .int(session.lastUsedAt.milliseconds),
        ]
        try await core.write("Storing a session") { (transaction) async throws(PostgresError) in
            transaction.add(PostgresQuery(Self.clear, limits))
            transaction.add(PostgresQuery(Self.insert, values))
            transaction.audit(.done)
        }
    }

    /// The session whose token is hashed to `hash`.
    package func session(hash: [UInt8]) async throws(StoreError) -> Session? {
        try await core.sessions(PostgresQuery(Self.one, [.bytes(hash)])).first
    }

    /// Notes that a session was used.
    package func noteUse(ofSession hash: [UInt8], at now: Timestamp) async throws(StoreError) {
        let query = PostgresQuery(Self.use, [.bytes(hash), .int(now.milliseconds)])
        try await core.write("Storing a session's use") {
            (transaction) async throws(PostgresError) in
            transaction.add(query)
        }
    }

    /// Ends a session.
    package func removeSession(hash: [UInt8]) async throws(StoreError) -> Bool {
        let query = PostgresQuery(Self.remove, [.bytes(hash)])
        return try await core.write("Ending a session") {
            (transaction) async throws(PostgresError) in
            let isRemoved = try await transaction.run([query])[0].changesCount == 1
            if isRemoved { transaction.audit(.done) }
            return isRemoved
        }
    }

    /// Ends all sessions.
    package func removeAllSessions() async throws(StoreError) -> Int {
        let query = PostgresQuery(Self.removeAll)
        return try await core.write("Ending sessions") {
            (transaction) async throws(PostgresError) in
            let count = try await transaction.run([query])[0].changesCount
            transaction.audit(count > 0 ? .done : .unchanged)
            return count
        }
    }

    /// All sessions, the one used last first.
    package func sessions() async throws(StoreError) -> [Session] {
        try await core.sessions(PostgresQuery(Self.all))
    }
}

extension PostgresCore {
    fileprivate func sessions(_ query: PostgresQuery) async throws(StoreError) -> [Session] {
        let what = "Reading sessions"
        return try rows(try await read(what, [query])[0], what) { (row) throws(PostgresError) in
            let (hash, id, peer) = (row.readBlob(), row.readText(), row.readText())
            let tokenID = row.readTextIfAny()
            var session = Session(
                id: id, hash: hash, peer: peer, tokenID: tokenID, at: row.readTime())
            session.lastUsedAt = row.readTime()
            return session
        }
    }
}
