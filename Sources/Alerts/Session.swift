/// Somebody's browser that is signed in.
package struct Session: Sendable, Equatable {
    /// The gateway's name for it, which opens nothing.
    package let id: String
    /// What the token in the browser's cookie is hashed to; the token itself is kept nowhere.
    package let hash: [UInt8]
    /// The address that it was signed in from, without port.
    package let peer: String
    /// The named token that it was signed in with; `nil` for the admin token.
    package let tokenID: String?
    /// When it was signed in.
    package let createdAt: Timestamp
    /// When it was used last, give or take a minute.
    package var lastUsedAt: Timestamp

    /// Makes one that was signed in at `now`.
    package init(
        id: String, hash: [UInt8], peer: String, tokenID: String? = nil, at now: Timestamp
    ) {
        self.id = id
        self.tokenID = tokenID
        self.hash = hash
        self.peer = peer
        createdAt = now
        lastUsedAt = now
    }

    /// Whether it may still be used at `now`.
    package func isCurrent(at now: Timestamp) -> Bool {
        lastUsedAt > now - Self.idleMax && createdAt > now - Self.ageMax
    }

    /// Unused for this long, a session is over.
    package static let idleMax = Duration.seconds(12 * 3600)
    /// A session is over after this long, however much it is used.
    package static let ageMax = Duration.seconds(30 * 86_400)
    /// Sessions kept; the ones used longest ago make room.
    package static let countMax = 1000
}

/// Keeps sessions, so that any replica knows who signed in at another.
package protocol SessionStore: Sendable {
    /// Adds a session; those that are over by then, and those above `Session.countMax`, go.
    func insert(_ session: Session) async throws(StoreError)
    /// The session whose token is hashed to `hash`, over or not.
    func session(hash: [UInt8]) async throws(StoreError) -> Session?
    /// Notes that a session was used.
    func noteUse(ofSession hash: [UInt8], at now: Timestamp) async throws(StoreError)
    /// Ends a session; false when there is none.
    func removeSession(hash: [UInt8]) async throws(StoreError) -> Bool
    /// Ends all sessions; returns how many there were.
    func removeAllSessions() async throws(StoreError) -> Int
    /// All sessions, over or not, the one used last first.
    func sessions() async throws(StoreError) -> [Session]
}
