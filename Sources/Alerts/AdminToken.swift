/// A token of the admin API with a name of its own, for one person or one program.
package struct AdminToken: Sendable, Equatable {
    /// The gateway's name for it, which opens nothing.
    package let id: String
    /// Whose it is; what is done with it is told under this name.
    package let name: String
    /// What may be done with it.
    package let role: Role
    /// The token's SHA-256, 32 bytes; the token itself is kept nowhere.
    ///
    /// Tokens are 256 random bits, so no slow hash is needed.
    package let hash: [UInt8]
    /// When it was made.
    package let createdAt: Timestamp
    /// When it was used last, give or take a minute; `nil` when it was not.
    package var lastUsedAt: Timestamp?

    /// Makes one that was not used yet.
    package init(id: String, name: String, role: Role, hash: [UInt8], at now: Timestamp) {
        self.id = id
        self.name = name
        self.role = role
        self.hash = hash
        createdAt = now
    }

    /// Tokens kept at most.
    package static let countMax = 200
}

/// What somebody may do; each role may do what those before it may.
package enum Role: String, Sendable, CaseIterable, Comparable {
    /// Look at everything.
    case viewer
    /// Resolve alerts, retry and cancel closes, replay deliveries, check keys.
    case `operator`
    /// Everything.
    case admin

    /// Orders by what is allowed.
    package static func < (lhs: Role, rhs: Role) -> Bool { lhs.rank < rhs.rank }

    private var rank: Int {
        switch self {
        case .viewer: 0
        case .operator: 1
        case .admin: 2
        }
    }
}

/// Keeps the named tokens of the admin API, so that any replica knows them.
package protocol AdminTokenStore: Sendable {
    /// All tokens, by name.
    func adminTokens() async throws(StoreError) -> [AdminToken]
    /// Adds a token.
    ///
    /// - Throws: `conflict` when another has its name.
    func insert(_ token: AdminToken) async throws(StoreError)
    /// Notes that a token was used.
    func noteUse(ofToken id: String, at now: Timestamp) async throws(StoreError)
    /// Removes a token and ends the sessions that were signed in with it; false when there is none.
    func removeToken(_ id: String) async throws(StoreError) -> Bool
}
