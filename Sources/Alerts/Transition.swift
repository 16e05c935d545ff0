/// One entry of an alert's timeline: what happened, why, and what the alert was afterwards.
package struct Transition: Sendable, Equatable {
    /// When the gateway took it in.
    package let at: Timestamp
    /// What came of it.
    package let outcome: Outcome
    /// The alert's status afterwards.
    package let status: AlertStatus
    /// Who caused it.
    package let cause: Actor
    /// What the cause had to say; for a person their comment, for the gateway its reason.
    package let comment: String?
    /// The incident's `changedOn` in the event, if it carried one.
    package let changedOn: Timestamp?
    /// The delivery that caused it, which the journal may have dropped since.
    package var deliveryID: DeliveryID?

    /// Makes an entry.
    package init(
        at: Timestamp, outcome: Outcome, status: AlertStatus, cause: Actor,
        comment: String? = nil, changedOn: Timestamp? = nil, deliveryID: DeliveryID? = nil
    ) {
        self.at = at
        self.outcome = outcome
        self.status = status
        self.cause = cause
        self.comment = comment
        self.changedOn = changedOn
        self.deliveryID = deliveryID
    }
}

/// What came of an event; the first six are what a webhook is answered.
package enum Outcome: String, Sendable, Equatable, CaseIterable {
    /// The first that was heard of the incident.
    case created
    /// The alert was brought up to date; its status stayed.
    case updated
    /// A firing alert was resolved.
    case resolved
    /// A resolved alert fires again.
    case refired
    /// The very payload that was applied last; nothing changed.
    case duplicate
    /// Older than what was applied already; nothing changed.
    case ignoredStale = "ignored_stale"
    /// A close is owed to BigPanda.
    case closeOwed = "close_owed"
    /// BigPanda accepted the close.
    case closeSent = "close_sent"
    /// A try to close came to nothing; another follows.
    case closeDelayed = "close_delayed"
    /// BigPanda shows the incident closed.
    case closeConfirmed = "close_confirmed"
    /// The close was given up.
    case closeFailed = "close_failed"
    /// The close is not owed any more.
    case closeCancelled = "close_cancelled"

    /// What a webhook can come to.
    package static let ofWebhooks: [Outcome] = [
        .created, .updated, .resolved, .refired, .duplicate, .ignoredStale,
    ]
}
