import Alerts
import EventLoop

/// Who holds a token, or signed in with one.
struct AdminIdentity: Sendable {
    /// The name that what they do is told under.
    let name: String
    /// What they may do.
    let role: Role
    /// The named token; `nil` for the admin token itself.
    let tokenID: String?
}

/// Who made a request of the admin API, and was let in.
package struct Caller: Sendable {
    let identity: AdminIdentity
    let actor: AuditActor

    /// The name that what they do is told under.
    package var name: String { identity.name }

    /// Runs the one change of the store that a request asks for, which the audit log tells of in
    /// the same transaction.
    ///
    /// `fields` are the names of the fields that were given.
    @LoopActor
    func changing<Result>(
        _ action: AuditAction, _ objectID: String, fields: [String] = [], at now: Timestamp,
        _ body: @LoopActor () async throws(StoreError) -> Result
    ) async throws(StoreError) -> Result {
        try await AuditTrail.recording(
            AuditEntry(at: now, actor, action, objectID, fields: fields), body)
    }
}

/// What this program's own commands call themselves.
package enum CommandAgent {
    /// The value of `User-Agent`.
    package static let field = "\(prefix)\(Version.current)"
    static let prefix = "bigpanda-gateway-command/"
}
