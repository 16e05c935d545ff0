/// Decides how a close goes on after each call to BigPanda; pure, like `AlertMachine`.
package enum CloseMachine {
    /// What one call for a close came to.
    package enum Result: Sendable, Equatable {
        /// BigPanda took the close (2xx), or says that the incident is closed already (409).
        case accepted(isAlreadyClosed: Bool)
        /// BigPanda answered 401.
        case keyRejected
        /// BigPanda answered 403.
        case keyForbidden
        /// No environment that the key can see holds the incident.
        case notFound
        /// BigPanda answered 429, and perhaps for how long.
        case rateLimited(retryAfter: Duration?)
        /// It was not done and may be tried again: 5xx, refused connection.
        case delayed(reason: String, retryAfter: Duration?)
        /// It may or may not have been done: time-out, reset after the request was sent.
        case unknown(reason: String)
        /// BigPanda refused for a reason that trying again can't change.
        case refused(reason: String)
        /// What BigPanda answered to the close of a canary, which it does not know.
        case canary(CanaryAnswer)
    }

    /// What BigPanda answered to a call for a canary.
    package enum CanaryAnswer: Sendable, Equatable {
        /// To its close: that it knows no such incident.
        case unknown
        /// To the reading back, from an environment that it lists: the same.
        case confirmed
        /// Something that trying again can't change.
        case refused(reason: String)
    }

    /// The result of one call, and what is needed to decide what follows.
    package struct Conclusion: Sendable, Equatable {
        /// The close.
        package let closeID: CloseID
        /// What the call came to.
        package let result: Result
        /// The environment in which BigPanda knows the incident, if that was learned.
        package let environmentID: String?
        /// When the call ended.
        package let at: Timestamp
        /// A draw from 0..<1 for the wait before the next try.
        package let fraction: Double
        /// The claim that the call was made under; a store that several replicas use ignores what
        /// an overtaken claim came to.
        package let fence: Int64?

        /// Makes a conclusion.
        package init(
            closeID: CloseID, result: Result, environmentID: String?, at: Timestamp,
            fraction: Double, fence: Int64? = nil
        ) {
            self.fence = fence
            self.closeID = closeID
            self.result = result
            self.environmentID = environmentID
            self.at = at
            self.fraction = fraction
        }
    }

    /// No next call is planned further ahead than this: the longest wait, with room for the small
    /// steps by which clocks are kept right.
    ///
    /// A close that waits for longer was planned by a wall clock which has been set back since;
    /// stores make it due at once when they look for due closes.
    package static let horizon = RetrySchedule.closes.cap + .seconds(60)

    /// A claim is its replica's alone for this long; then another may take the close up, and looks
    /// at the incident first.
    ///
    /// Prolonged before each call, it is longer than one takes: 20 s, and `renewalMax`.
    package static let lease = Duration.seconds(25)

    /// A replica that hears later than this that its claim was prolonged does not make the call.
    package static let renewalMax = Duration.seconds(3)

    /// A close is taken up by the worker.
    ///
    /// - Returns: The close to store before the call is made, or `nil` when nothing is due.
    package static func claim(_ close: Close, at now: Timestamp) -> Close? {
        guard let dueAt = close.nextAttemptAt, dueAt <= now else { return nil }
        var claimed = close
        switch close.state {
        case .pending:
            claimed.state = .sending
            claimed.nextAttemptAt = nil
            if close.nextStep == .close { claimed.attempts += 1 }
        case .sent:
            // Stays `sent` while it is being read back; due again if this process dies meanwhile.
            claimed.nextAttemptAt = now + VerificationSchedule.lease
        case .sending, .confirmed, .failed, .cancelled:
            return nil
        }
        claimed.updatedAt = now
        return claimed
    }

    /// A call for a close has ended.
    ///
    /// The close may have ended meanwhile, by BigPanda's push or an operator: then it stays ended
    /// and only the timeline tells what the call came to.
    package static func conclude(
        _ subject: AlertMachine.Subject, with conclusion: Conclusion
    ) -> AlertMachine.Change {
        var change = AlertMachine.Change(outcome: .updated, subject: subject, transitions: [])
        guard var close = subject.close, close.id == conclusion.closeID else { return change }
        if let environmentID = conclusion.environmentID {
            change.subject.alert.environmentID = environmentID
        }
        guard !close.state.isEnded else {
            let note = "The call under way when the close ended: \(conclusion.result.inWords)"
            change.record(conclusion.result.outcome, comment: note, at: conclusion.at)
            return change
        }
        close.advance(by: conclusion)
        change.subject.close = close
        change.record(conclusion.result.outcome, comment: close.lastError, at: conclusion.at)
        return change
    }

    /// A call has ended whose claim ran out, and which another replica has taken up since.
    ///
    /// Nothing changes: the other looked at the incident, and goes on from what it found.
    package static func ignoreOvertaken(
        _ subject: AlertMachine.Subject
    ) -> AlertMachine.Change {
        AlertMachine.Change(outcome: .updated, subject: subject, transitions: [])
    }

    /// An operator asks that a close be tried now.
    ///
    /// - Returns: The change, or why it can't be: it is confirmed already, or the alert re-fired.
    package static func retry(
        _ closeID: CloseID, of subject: AlertMachine.Subject, by actor: Actor, at now: Timestamp
    ) -> Swift.Result<AlertMachine.Change, Refusal> {
        guard var close = subject.close, close.id == closeID else {
            return .failure(.superseded)
        }
        guard subject.alert.status == .resolved else { return .failure(.alertIsFiring) }
        switch close.state {
        case .confirmed: return .failure(.alreadyConfirmed)
        case .sending:
            return .success(.init(outcome: .updated, subject: subject, transitions: []))
        case .pending, .sent:
            close.nextAttemptAt = now
        case .failed, .cancelled:
            close.state = .pending
            // What the last try did is not certain: look before doing it again.
            if close.attempts > 0 { close.nextStep = .look }
            close.nextAttemptAt = now
        }
        close.updatedAt = now
        var change = AlertMachine.Change(outcome: .closeOwed, subject: subject, transitions: [])
        change.subject.close = close
        change.transitions = [
            Transition(at: now, outcome: .closeOwed, status: .resolved, cause: actor)
        ]
        return .success(change)
    }

    /// An operator says that a close is not owed; one that failed counts as seen to then.
    package static func cancel(
        _ closeID: CloseID, of subject: AlertMachine.Subject, by actor: Actor, at now: Timestamp
    ) -> Swift.Result<AlertMachine.Change, Refusal> {
        guard var close = subject.close, close.id == closeID else {
            return .failure(.superseded)
        }
        switch close.state {
        case .confirmed: return .failure(.alreadyConfirmed)
        case .cancelled:
            return .success(.init(outcome: .updated, subject: subject, transitions: []))
        case .pending, .sending, .sent, .failed:
            close.end(.cancelled, at: now)
        }
        var change = AlertMachine.Change(
            outcome: .closeCancelled, subject: subject, transitions: [])
        change.subject.close = close
        change.transitions = [
            Transition(
                at: now, outcome: .closeCancelled, status: subject.alert.status, cause: actor)
        ]
        return .success(change)
    }

    /// A close that was under way when the process ended: nobody knows what came of the call.
    package static func recover(_ close: Close, at now: Timestamp) -> Close? {
        guard close.state == .sending else { return nil }
        var recovered = close
        recovered.state = .pending
        recovered.nextStep = .look
        recovered.nextAttemptAt = max(now, close.updatedAt + VerificationSchedule.uncertainWait)
        recovered.lastError = "The gateway stopped while the call was under way."
        recovered.updatedAt = now
        return recovered
    }

    /// Why an operator's wish can't be met.
    package enum Refusal: Error, Sendable, Equatable {
        /// BigPanda has already shown the incident closed.
        case alreadyConfirmed
        /// The alert fires again; closing its incident would hide it.
        case alertIsFiring
        /// A newer close has taken its place.
        case superseded
    }
}

extension AlertMachine.Change {
    fileprivate mutating func record(_ outcome: Outcome, comment: String?, at now: Timestamp) {
        self.outcome = outcome
        transitions.append(
            Transition(
                at: now, outcome: outcome, status: subject.alert.status,
                cause: Actor(.gateway, name: "close worker"), comment: comment))
    }
}
