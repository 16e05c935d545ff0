extension AlertMachine {
    /// Brings an alert in line with what BigPanda's API told about its incident.
    ///
    /// A reading older than the newest event applied changes nothing. `Change.outcome` is
    /// `resolved`, `refired`, `updated` or `ignoredStale`; only corrections, and steps of a close,
    /// make entries in the timeline.
    ///
    /// An alert that was resolved after `readAt`, when BigPanda was asked, is not judged by an
    /// answer from before.
    package static func apply(
        _ reading: IncidentReading, to subject: Subject, readAt: Timestamp, at now: Timestamp
    ) -> Change {
        let cause = Actor(.reconcile, name: "read back from BigPanda")
        guard !isOutdated(reading, for: subject.alert) else {
            var change = Change(outcome: .ignoredStale, subject: subject, transitions: [])
            change.subject.close?.sawOutdatedAnswer(at: now)
            return change
        }
        var next = subject
        next.alert.absorb(reading, at: now)
        var change = Change(outcome: .updated, subject: next, transitions: [])
        if reading.isActive { change.subject.alert.isOpenInBigPanda = true }
        switch (reading.isActive, subject.alert.status) {
        case (true, .firing):
            break
        case (true, .resolved):
            if isReopen(reading, after: subject, readAt: readAt) {
                change = refire(change.subject, at: now)
                change.record(cause, changedOn: reading.times.happenedOn, at: now)
            } else {
                closeWasLookedAt(in: &change, at: now)
            }
        case (false, .firing):
            change.outcome = .resolved
            change.subject.alert.resolve(by: cause, at: now)
            change.record(cause, changedOn: reading.times.happenedOn, at: now)
            confirmClose(in: &change, cause: cause, at: now)
        case (false, .resolved):
            confirmClose(in: &change, cause: cause, at: now)
        }
        return change
    }

    /// Whether an incident read as open was re-opened after the alert was resolved.
    ///
    /// While our close is under way, "open" only means that BigPanda has not carried it out.
    private static func isReopen(
        _ reading: IncidentReading, after subject: Subject, readAt: Timestamp
    ) -> Bool {
        if let close = subject.close, !close.state.isEnded { return false }
        guard let resolvedAt = subject.alert.resolvedAt, readAt > resolvedAt,
            let happenedOn = reading.times.happenedOn
        else { return false }
        switch subject.alert.resolvedBy?.kind {
        case .user: return happenedOn.wholeSeconds > resolvedAt.wholeSeconds
        case .bigpanda, .reconcile, .gateway, nil:
            let changedOn = EventTimes(changedOn: reading.times.changedOn)
            return changedOn.order(relativeTo: subject.alert.newestTimes) == .newer
        }
    }

    /// Whether an answer is older than what BigPanda has pushed before.
    ///
    /// Only `changedOn` counts: that the API's `updated_at` means what a webhook's `updatedOn`
    /// does is nowhere said, and a close that never looks confirmed would be sent without end.
    private static func isOutdated(_ reading: IncidentReading, for alert: Alert) -> Bool {
        EventTimes(changedOn: reading.times.changedOn).order(relativeTo: alert.newestTimes)
            == .older
    }

    /// The incident was read as open while a close is owed: decides how the close goes on.
    private static func closeWasLookedAt(in change: inout Change, at now: Timestamp) {
        guard var close = change.subject.close else { return }
        let outcome = close.foundStillOpen(at: now)
        change.subject.close = close
        switch outcome {
        case .notAwaited, .waits: break
        case .closesAgain(let reason):
            change.transitions.append(
                Transition(
                    at: now, outcome: .closeDelayed, status: change.subject.alert.status,
                    cause: Actor(.gateway, name: "close worker"), comment: reason))
        }
    }
}

extension AlertMachine.Change {
    fileprivate mutating func record(_ cause: Actor, changedOn: Timestamp?, at now: Timestamp) {
        transitions.insert(
            Transition(
                at: now, outcome: outcome, status: subject.alert.status, cause: cause,
                changedOn: changedOn),
            at: 0)
    }
}

extension Alert {
    /// Takes over what a reading tells beyond open or closed.
    fileprivate mutating func absorb(_ reading: IncidentReading, at now: Timestamp) {
        let before = self
        bigPandaStatus = reading.bigPandaStatus ?? bigPandaStatus
        severity = reading.severity ?? severity
        flapping = reading.flapping ?? flapping
        snoozed = reading.snoozed ?? snoozed
        environmentID = reading.environmentID ?? environmentID
        newestTimes = newestTimes.advanced(
            by: EventTimes(changedOn: reading.times.changedOn))
        if self != before { updatedAt = now }
    }
}
