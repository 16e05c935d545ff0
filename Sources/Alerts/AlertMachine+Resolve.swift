extension AlertMachine {
    /// A person's wish that an alert be resolved.
    package struct ResolveRequest: Sendable, Equatable {
        /// The alert.
        package let alertID: AlertID
        /// Who asks, for the record here and in BigPanda.
        package let requestedBy: String
        /// What they say.
        package let comment: String?
        /// The id that the close gets if one becomes owed.
        package let newCloseID: CloseID

        /// Makes a request.
        package init(
            alertID: AlertID, requestedBy: String, comment: String?, newCloseID: CloseID
        ) {
            self.alertID = alertID
            self.requestedBy = requestedBy
            self.comment = comment
            self.newCloseID = newCloseID
        }
    }

    /// Resolves an alert here and makes its close owed.
    ///
    /// Repeating it changes nothing, unless the close before has failed or was cancelled while
    /// BigPanda still shows the incident open: then a new one is owed, which looks at the incident
    /// first if the one before may have been carried out. `Change.outcome` is
    /// `resolved`, `closeOwed`, or `updated` for a repeat that changed nothing.
    package static func resolve(
        _ subject: Subject, by request: ResolveRequest, at now: Timestamp
    ) -> Change {
        let actor = Actor(.user, name: request.requestedBy)
        var next = subject
        switch subject.alert.status {
        case .firing:
            next.alert.resolve(by: actor, at: now)
            // The resolve is the event applied last, so no webhook repeats "the last one" now.
            next.alert.lastFingerprint = nil
        case .resolved:
            guard owesNewClose(subject) else {
                return Change(outcome: .updated, subject: subject, transitions: [])
            }
            next.alert.updatedAt = now
        }
        var close = Close(
            id: request.newCloseID, alertID: subject.alert.id, requestedBy: request.requestedBy,
            comment: request.comment, at: now)
        if mayHaveBeenDone(subject.close) { close.nextStep = .look }
        next.close = close
        let outcome: Outcome = subject.alert.status == .firing ? .resolved : .closeOwed
        return Change(
            outcome: outcome, subject: next,
            transitions: [
                Transition(
                    at: now, outcome: outcome, status: .resolved, cause: actor,
                    comment: request.comment)
            ])
    }

    /// Whether a close before this one was tried and nobody knows what became of it: then the
    /// incident is looked at before it is closed again.
    private static func mayHaveBeenDone(_ close: Close?) -> Bool {
        guard let close else { return false }
        switch close.state {
        case .confirmed: return false
        case .pending, .sending, .sent, .failed, .cancelled:
            // One that was to look first, and never did, hands that on.
            return close.attempts > 0 || close.nextStep == .look
        }
    }

    private static func owesNewClose(_ subject: Subject) -> Bool {
        guard subject.alert.isOpenInBigPanda, let close = subject.close else { return false }
        switch close.state {
        case .failed, .cancelled: return true
        case .pending, .sending, .sent, .confirmed: return false
        }
    }
}
