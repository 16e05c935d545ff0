import Alerts
import SQLite

extension StoreSession {
    /// Adds a session, and removes those that are over or too many.
    func insert(_ session: Session) throws(SQLiteError) {
        try connection.withStatement(
            """
            DELETE FROM sessions WHERE last_used_at <= ?1 OR created_at <= ?2 OR hash NOT IN (
                SELECT hash FROM sessions ORDER BY last_used_at DESC LIMIT ?3)
            """
        ) { (delete) throws(SQLiteError) in
            try delete.bind(session.createdAt - Session.idleMax)
            try delete.bind(session.createdAt - Session.ageMax)
            try delete.bind(Session.countMax - 1)
            try delete.run()
        }
        try connection.withStatement(
            """
            INSERT INTO sessions(hash, id, peer, created_at, last_used_at, token_id)
            VALUES (?, ?, ?, ?, ?, ?)
            """
        ) { (insert) throws(SQLiteError) in
            try insert.bind(session.hash)
            try insert.bind(session.id)
            try insert.bind(session.peer)
            try insert.bind(session.createdAt)
            try insert.bind(session.lastUsedAt)
            try insert.bind(session.tokenID)
            try insert.run()
        }
    }

    /// The session whose token is hashed to `hash`.
    func session(hash: [UInt8]) throws(SQLiteError) -> Session? {
        try connection.withStatement(
            "SELECT hash, id, peer, token_id, created_at, last_used_at FROM sessions WHERE hash = ?"
        ) { (select) throws(SQLiteError) in
            try select.bind(hash)
            return try select.step() == .row ? select.readSession() : nil
        }
    }

    /// All sessions, the one used last first.
    func sessions() throws(SQLiteError) -> [Session] {
        try connection.withStatement(
            """
            SELECT hash, id, peer, token_id, created_at, last_used_at FROM sessions
            ORDER BY last_used_at DESC, id DESC
            """
        ) { (select) throws(SQLiteError) in
            var sessions: [Session] = []
            while try select.step() == .row { sessions.append(select.readSession()) }
            return sessions
        }
    }

    /// Notes that a session was used.
    func noteUse(ofSession hash: [UInt8], at now: Timestamp) throws(SQLiteError) {
        try connection.withStatement(
            "UPDATE sessions SET last_used_at = max(last_used_at, ?) WHERE hash = ?"
        ) { (update) throws(SQLiteError) in
            try update.bind(now)
            try update.bind(hash)
            try update.run()
        }
    }

    /// Ends a session; returns whether there was one.
    func removeSession(hash: [UInt8]) throws(SQLiteError) -> Bool {
        try connection.withStatement("DELETE FROM sessions WHERE hash = ?") {
            (delete) throws(SQLiteError) in
            try delete.bind(hash)
            try delete.run()
        }
        return connection.changesCount == 1
    }

    /// Ends all sessions; returns how many there were.
    func removeAllSessions() throws(SQLiteError) -> Int {
        try connection.withStatement("DELETE FROM sessions") { (delete) throws(SQLiteError) in
            try delete.run()
        }
        return connection.changesCount
    }
}

extension SQLiteStatement {
    fileprivate mutating func readSession() -> Session {
        let (hash, id, peer, tokenID) = (readBlob(), readText(), readText(), readTextIfAny())
        var session = Session(id: id, hash: hash, peer: peer, tokenID: tokenID, at: readTime())
        session.lastUsedAt = readTime()
        return session
    }
}
