/// The outbound job that closes an incident in BigPanda after its alert was resolved here.
package struct Close: Sendable, Equatable {
    /// The gateway's name for it.
    package let id: CloseID
    /// The alert whose incident is to be closed.
    package let alertID: AlertID
    /// How far it is.
    package var state: CloseState
    /// What the next call to BigPanda is.
    package var nextStep: CloseStep
    /// How many times closing was tried.
    package var attempts: Int
    /// Calls in a row that came to nothing, from which the next wait is drawn.
    package var failures: Int
    /// When the next call is due; `nil` once the close has ended.
    package var nextAttemptAt: Timestamp?
    /// Why the last call came to nothing, in words; never a secret.
    package var lastError: String?
    /// Who resolved the alert, for BigPanda's record.
    package let requestedBy: String
    /// What they said.
    package let comment: String?
    /// When it became owed.
    package let createdAt: Timestamp
    /// When BigPanda last accepted it; `nil` before.
    package var sentAt: Timestamp?
    /// When anything about it last changed.
    package var updatedAt: Timestamp

    /// Makes a close that is due at once.
    package init(
        id: CloseID, alertID: AlertID, requestedBy: String, comment: String?, at now: Timestamp
    ) {
        self.id = id
        self.alertID = alertID
        state = .pending
        nextStep = .close
        attempts = 0
        failures = 0
        nextAttemptAt = now
        self.requestedBy = requestedBy
        self.comment = comment
        createdAt = now
        updatedAt = now
    }

    /// What BigPanda is told: who resolved the alert, and why; at most 1,000 characters.
    ///
    /// Source: BigPanda, API reference "Batch resolve alerts", the limit of `comments`.
    package var message: String {
        let opening = "Resolved in bigpanda-gateway by \(requestedBy)"
        guard let comment, !comment.isEmpty else { return String(opening.prefix(1000)) }
        return String("\(opening): \(comment)".prefix(1000))
    }
}

/// How far a close is.
package enum CloseState: String, Sendable, Equatable, CaseIterable {
    /// Owed; the next call waits for its time.
    case pending
    /// A call is under way.
    case sending
    /// BigPanda accepted it, but has not shown it done.
    case sent
    /// BigPanda shows the incident closed.
    case confirmed
    /// Given up; `Close.lastError` says why.
    case failed
    /// Not owed any more: the alert re-fired, or an operator said so.
    case cancelled

    /// Whether nothing more happens by itself.
    package var isEnded: Bool {
        switch self {
        case .pending, .sending, .sent: false
        case .confirmed, .failed, .cancelled: true
        }
    }
}

/// What a close asks of BigPanda next.
package enum CloseStep: String, Sendable, Equatable, CaseIterable {
    /// Close the incident.
    case close
    /// Read the incident first: it is unknown whether an earlier try was carried out.
    case look
}
