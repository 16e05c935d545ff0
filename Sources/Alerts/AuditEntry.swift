/// One line of the audit log: who did what, from where, and what came of it.
package struct AuditEntry: Sendable, Equatable {
    /// Grows with each entry; 0 until it is stored.
    package var number: Int64 = 0
    /// When it was done.
    package let at: Timestamp
    /// Who did it.
    package let actor: AuditActor
    /// What was done.
    package let action: AuditAction
    /// The id of what it was done to; empty where that is everything.
    package let objectID: String
    /// The names of the fields that were given, never what they held.
    package let fields: [String]
    /// What came of it.
    package var outcome = AuditOutcome.done

    /// Makes an entry of something that is about to be done.
    package init(
        at now: Timestamp, _ actor: AuditActor, _ action: AuditAction, _ objectID: String,
        fields: [String] = []
    ) {
        at = now
        self.actor = actor
        self.action = action
        self.objectID = objectID
        self.fields = fields
    }

    /// An entry is kept for this long, whatever else is forgotten; the store itself refuses to
    /// remove a younger one.
    package static let age = Duration.seconds(400 * 86_400)
}

/// Who did something.
package struct AuditActor: Sendable, Equatable {
    /// By what it was let in.
    package let kind: Kind
    /// The name of the token or of the operating system's user, or `gateway`.
    package let name: String
    /// The session that it was done in, if any.
    package let sessionID: String?
    /// The address that it came from, without port; empty for what the gateway does by itself.
    package let peer: String

    /// Names somebody.
    package init(_ kind: Kind, name: String, sessionID: String? = nil, peer: String = "") {
        self.kind = kind
        self.name = name
        self.sessionID = sessionID
        self.peer = peer
    }

    /// By what somebody was let in.
    package enum Kind: String, Sendable, CaseIterable {
        /// A program with a token.
        case token
        /// A browser that is signed in.
        case session
        /// This program's own commands, as they say themselves, with a token.
        case command = "cli"
        /// A command that works on the store itself; the name is the operating system's.
        case operatingSystem = "os_user"
        /// The gateway by itself.
        case system
    }

    /// The gateway by itself.
    package static let system = AuditActor(.system, name: "gateway")
}

/// What can be done that the audit log tells of.
package enum AuditAction: String, Sendable, CaseIterable {
    /// An integration was connected.
    case integrationCreate = "integration.create"
    /// An integration was changed, its key perhaps.
    case integrationUpdate = "integration.update"
    /// An integration was removed.
    case integrationDelete = "integration.delete"
    /// A check of a key was recorded.
    case integrationCheck = "integration.check"
    /// A source was made.
    case sourceCreate = "source.create"
    /// A source was changed.
    case sourceUpdate = "source.update"
    /// A source got a new secret.
    case sourceRotate = "source.rotate_secret"
    /// A source was removed.
    case sourceDelete = "source.delete"
    /// An alert was resolved.
    case alertResolve = "alert.resolve"
    /// A close was tried again.
    case closeRetry = "close.retry"
    /// A close was given up.
    case closeCancel = "close.cancel"
    /// A delivery was taken in again.
    case deliveryReplay = "delivery.replay"
    /// A webhook endpoint was made.
    case endpointCreate = "webhook_endpoint.create"
    /// A webhook endpoint was changed, or disabled by the gateway.
    case endpointUpdate = "webhook_endpoint.update"
    /// A webhook endpoint got a new secret.
    case endpointRotate = "webhook_endpoint.rotate_secret"
    /// A webhook endpoint was removed.
    case endpointDelete = "webhook_endpoint.delete"
    /// A webhook endpoint was sent a test.
    case endpointTest = "webhook_endpoint.test"
    /// A webhook was made owed to its endpoint again.
    case messageReplay = "webhook_delivery.replay"
    /// Somebody signed in.
    case sessionCreate = "session.create"
    /// Somebody signed out.
    case sessionDelete = "session.delete"
    /// All sessions were ended.
    case sessionDeleteAll = "session.delete_all"
    /// A named token was made.
    case tokenCreate = "token.create"
    /// A named token was revoked.
    case tokenRevoke = "token.revoke"
    /// The admin token was changed in its file.
    case adminTokenRotate = "admin_token.rotate"
    /// The store was sealed with another master key.
    case keyRotate = "master_key.rotate"
    /// What another master key had sealed was sealed anew.
    case keyReseal = "master_key.reseal"
    /// The store was put in the place of another, from a backup.
    case storeRestore = "store.restore"
    /// The store came here from another database.
    case storeMigrate = "store.migrate"
}

/// What came of something.
package enum AuditOutcome: String, Sendable, CaseIterable {
    /// It was done.
    case done
    /// It was so already, or there was nothing to do it to.
    case unchanged
    /// What is stored did not allow it.
    case refused
}

/// Which entries to list; a missing filter lets all through.
package struct AuditQuery: Sendable, Equatable {
    /// Only this action.
    package var action: AuditAction?
    /// Only what was done to this.
    package var objectID: String?
    /// Only what somebody of this name did.
    package var actor: String?
    /// Where to go on.
    package var cursor: PageCursor?
    /// Items at most, 1 to 500.
    package var limit: Int

    /// Asks for the first `limit` of all.
    package init(limit: Int = 50) {
        self.limit = limit
    }
}

/// Keeps the audit log, which can be added to and never changed.
package protocol AuditStore: Sendable {
    /// Entries by filter, newest first.
    func audit(_ query: AuditQuery) async throws(StoreError) -> Page<AuditEntry>
    /// Removes entries from before `moment`, which is at least `AuditEntry.age` ago; at most
    /// `limit`.
    ///
    /// - Returns: How many there were.
    func pruneAudit(before moment: Timestamp, limit: Int) async throws(StoreError) -> Int
}

/// Hands the entry for a change to the store's transaction that makes it.
///
/// So no port needs a parameter that most of its callers have nothing for, and no change can
/// become durable without its entry. Whoever sets it makes one change in its scope.
package enum AuditTrail {
    /// What the change under way in this task is to be recorded as.
    @TaskLocal package static var entry: AuditEntry?
}

extension IntegrationRemoval {
    /// What the audit log says of it.
    package var auditOutcome: AuditOutcome {
        switch self {
        case .removed: .done
        case .notFound: .unchanged
        case .hasSources, .owesCloses: .refused
        }
    }
}

extension Result<AlertMachine.Change, CloseMachine.Refusal> {
    /// What the audit log says of it.
    package var auditOutcome: AuditOutcome {
        switch self {
        case .success: .done
        case .failure: .refused
        }
    }
}

extension AlertMachine.Change {
    /// What the audit log says of a wish that came to this, where `before` was.
    package func auditOutcome(of before: AlertMachine.Subject) -> AuditOutcome {
        subject == before ? .unchanged : .done
    }
}
