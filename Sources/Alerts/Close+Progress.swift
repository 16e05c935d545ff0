/// When a close that BigPanda accepted is read back.
package enum VerificationSchedule {
    /// Reads after this long, unless `incident#closed` came first: the echo mostly takes a second.
    package static let offsets: [Duration] = [.seconds(5), .seconds(15), .seconds(30)]

    /// Still read as open after this long, the close is sent again.
    package static let resendAfter = Duration.seconds(60)

    /// A read that has not been concluded after this long is made again.
    package static let lease = CloseMachine.lease

    /// After a call of which nobody knows what came, the incident is read no sooner than this.
    ///
    /// BigPanda carries a close out some time after it took it, and a quick repeat of an
    /// asynchronous call may fail. Source: docs/bigpanda.md, "Resolving an incident".
    package static let uncertainWait = Duration.seconds(5)

    /// After an answer older than what BigPanda had pushed, as a lagging replica of theirs gives,
    /// the incident is read again.
    package static let outdatedAnswerWait = Duration.seconds(5)

    /// When to read next.
    package static func next(sentAt: Timestamp, after now: Timestamp) -> Timestamp {
        for offset in offsets where sentAt + offset > now { return sentAt + offset }
        return max(sentAt + resendAfter, now)
    }
}

extension Close {
    /// Reaches one of the three ends.
    mutating func end(_ end: CloseState, at now: Timestamp) {
        precondition(end.isEnded, "\(end) is no end")
        state = end
        nextAttemptAt = nil
        if end == .confirmed { lastError = nil }
        updatedAt = now
    }

    /// Goes on after a call that ended while the close was still owed.
    mutating func advance(by conclusion: CloseMachine.Conclusion) {
        let now = conclusion.at
        updatedAt = now
        switch conclusion.result {
        case .accepted:
            state = .sent
            nextStep = .look
            sentAt = now
            nextAttemptAt = VerificationSchedule.next(sentAt: now, after: now)
            lastError = nil
            failures = 0
        case .keyRejected, .keyForbidden:
            // Due at once, but held back with its integration until a check finds a good key.
            wait(until: now, because: conclusion)
        case .notFound, .refused:
            lastError = conclusion.result.inWords
            end(.failed, at: now)
        case .canary(.unknown):
            (state, nextStep, sentAt) = (.sent, .look, now)
            nextAttemptAt = now
            lastError = nil
            failures = 0
        case .canary(.confirmed):
            end(.confirmed, at: now)
        case .canary(.refused):
            // No incident is open for it: nobody owes this close.
            lastError = conclusion.result.inWords
            end(.cancelled, at: now)
        case .rateLimited(let retryAfter), .delayed(_, let retryAfter):
            failures += 1
            wait(until: now + pause(conclusion, retryAfter), because: conclusion)
        case .unknown:
            nextStep = .look
            failures += 1
            let pause = max(pause(conclusion, nil), VerificationSchedule.uncertainWait)
            wait(until: now + pause, because: conclusion)
        }
    }

    private func pause(
        _ conclusion: CloseMachine.Conclusion, _ serverDelay: Duration?
    ) -> Duration {
        RetrySchedule.closes.wait(
            afterAttempt: failures, serverDelay: serverDelay, fraction: conclusion.fraction)
    }

    /// Stays `sent` when only the reading back came to nothing, else goes back to `pending`.
    private mutating func wait(
        until moment: Timestamp, because conclusion: CloseMachine.Conclusion
    ) {
        if state == .sending { state = .pending }
        nextAttemptAt = moment
        lastError = conclusion.result.inWords
    }

    /// Goes on after BigPanda was asked and showed the incident open.
    mutating func foundStillOpen(at now: Timestamp) -> LookOutcome {
        switch state {
        case .sending:
            guard nextStep == .look else { return .notAwaited }
            closeAgain(at: now)
            return .closesAgain(
                because: "BigPanda still shows the incident open; closing it again.")
        case .sent:
            // Sent later than now: the clock was set back since, and the wait begins anew.
            let sentAt = min(self.sentAt ?? now, now)
            self.sentAt = sentAt
            guard now - sentAt >= VerificationSchedule.resendAfter else {
                lookAgain(at: VerificationSchedule.next(sentAt: sentAt, after: now))
                return .waits
            }
            let reason = "BigPanda accepted the close but did not carry it out; sending it again."
            closeAgain(at: now)
            lastError = reason
            return .closesAgain(because: reason)
        case .pending, .confirmed, .failed, .cancelled:
            return .notAwaited
        }
    }

    /// Goes on after an answer that was older than what is known.
    mutating func sawOutdatedAnswer(at now: Timestamp) {
        switch state {
        // A close that searched for its incident, and found it as it once was, looks again too:
        // no other answer follows. One whose call is under way concludes it all the same.
        case .sending, .sent:
            lookAgain(at: now + VerificationSchedule.outdatedAnswerWait)
        case .pending, .confirmed, .failed, .cancelled:
            break
        }
    }

    private mutating func closeAgain(at now: Timestamp) {
        state = .pending
        nextStep = .close
        // Before those that became owed later: after an outage many are looked at, and the first
        // close would have to wait for the last look.
        nextAttemptAt = min(createdAt, now)
        failures = 0
        updatedAt = now
    }

    private mutating func lookAgain(at moment: Timestamp) {
        if state == .sending { state = .pending }
        nextStep = .look
        nextAttemptAt = moment
    }

    /// What a close does once BigPanda was asked and showed the incident open.
    enum LookOutcome: Sendable, Equatable {
        /// No close was waiting for the answer.
        case notAwaited
        /// It is too early to tell.
        case waits
        /// The incident is closed once more.
        case closesAgain(because: String)
    }
}

extension CloseMachine.Result {
    /// What the timeline calls it.
    var outcome: Outcome {
        switch self {
        case .accepted, .canary(.unknown): .closeSent
        case .canary(.confirmed): .closeConfirmed
        case .notFound, .refused: .closeFailed
        case .canary(.refused): .closeCancelled
        case .keyRejected, .keyForbidden, .rateLimited, .delayed, .unknown: .closeDelayed
        }
    }

    /// What an operator reads.
    package var inWords: String {
        switch self {
        case .accepted(isAlreadyClosed: false): "BigPanda accepted the close."
        case .accepted(isAlreadyClosed: true): "BigPanda says the incident is already closed."
        case .keyRejected: "BigPanda rejected the API key (401)."
        case .keyForbidden: "The API key lacks a permission (403)."
        case .notFound: "BigPanda knows the incident in no environment of this key (404)."
        case .rateLimited: "BigPanda asked to slow down (429)."
        case .delayed(let reason, _): reason
        case .unknown(let reason): "\(reason); it is unknown whether BigPanda closed the incident."
        case .refused(let reason), .canary(.refused(let reason)): reason
        case .canary(.unknown): "BigPanda knows no such incident (404), as it must of a canary."
        case .canary(.confirmed):
            "Read back, BigPanda lists the environment and knows no such incident (404)."
        }
    }
}
