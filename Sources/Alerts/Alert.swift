/// The gateway's record of one BigPanda incident.
package struct Alert: Sendable, Equatable {
    /// The gateway's name for it.
    package let id: AlertID
    /// The source that its webhooks come through; with the incident's id the alert's key.
    package let sourceID: SourceID
    /// BigPanda's id of the incident.
    package let incidentID: String
    /// What people call it; the incident's id when nothing better was said.
    package var title: String
    /// What the incident's main alert says.
    package var summary: String?
    /// Whether somebody has to look.
    package var status: AlertStatus
    /// The highest status that the incident ever had.
    package var severity: String?
    /// The state in BigPanda's words.
    package var bigPandaStatus: String?
    /// Whether BigPanda was last seen to hold the incident open; true until it said otherwise.
    package var isOpenInBigPanda: Bool
    /// Where the incident was seen; needed to close it.
    package var environmentID: String?
    /// Whether BigPanda has stopped telling because the state changes too often.
    package var flapping: Bool
    /// Whether somebody hid the incident for a while.
    package var snoozed: Bool
    /// The incident's tags.
    package var tags: [AlertTag]
    /// A page about the incident.
    package var sourceURL: String?
    /// How many BigPanda alerts the incident holds.
    package var alertCount: Int?
    /// When the gateway first heard of the incident.
    package let createdAt: Timestamp
    /// When the alert last began to fire; `nil` if it never did.
    package var firedAt: Timestamp?
    /// When the alert was resolved; `nil` while it fires.
    package var resolvedAt: Timestamp?
    /// Who resolved it; `nil` while it fires.
    package var resolvedBy: Actor?
    /// When anything about it last changed.
    package var updatedAt: Timestamp
    /// The newest times of the events applied.
    package var newestTimes: EventTimes
    /// The payload last applied; `nil` when the last applied event was no webhook.
    package var lastFingerprint: Fingerprint?

    /// Makes the alert of an incident heard of for the first time.
    package init(
        id: AlertID, sourceID: SourceID, incidentID: String, status: AlertStatus,
        createdAt: Timestamp
    ) {
        self.id = id
        self.sourceID = sourceID
        self.incidentID = incidentID
        title = incidentID
        self.status = status
        isOpenInBigPanda = status == .firing
        flapping = false
        snoozed = false
        tags = []
        self.createdAt = createdAt
        updatedAt = createdAt
        newestTimes = EventTimes()
    }
}

/// Whether an alert needs attention; there is no third state.
package enum AlertStatus: String, Sendable, Equatable, CaseIterable {
    /// Somebody has to look.
    case firing
    /// It is over.
    case resolved
}

/// Who caused a change.
package struct Actor: Sendable, Equatable {
    /// On whose behalf.
    package enum Kind: String, Sendable, Equatable, CaseIterable {
        /// BigPanda pushed it.
        case bigpanda
        /// A person or a program with a token asked for it.
        case user
        /// The gateway read it back from BigPanda.
        case reconcile
        /// The gateway's own work, such as sending a close.
        case gateway
    }

    /// On whose behalf.
    package let kind: Kind
    /// The name to show, such as a token's or an event's.
    package let name: String

    /// Pairs a kind with a name.
    package init(_ kind: Kind, name: String) {
        self.kind = kind
        self.name = name
    }
}
