/// The one place that decides what an event does to an alert.
///
/// Pure: webhook, operator and reconciler go through it, on every store, and a store writes what
/// it returns in the transaction in which it loaded the alert.
package enum AlertMachine {
    /// An alert with the close that was last owed for it, if any was.
    package struct Subject: Sendable, Equatable {
        /// The alert.
        package var alert: Alert
        /// Its newest close; older ones have ended.
        package var close: Close?

        /// Pairs an alert with its newest close.
        package init(alert: Alert, close: Close? = nil) {
            self.alert = alert
            self.close = close
        }
    }

    /// What an event does: the state to store, and the entries to append to the timeline.
    package struct Change: Sendable, Equatable {
        /// What came of the event.
        package var outcome: Outcome
        /// The alert and its close afterwards, equal to before where nothing changed.
        package var subject: Subject
        /// The timeline's new entries, in order.
        package var transitions: [Transition]
        /// Whether BigPanda is to be asked at once, because the event contradicts itself.
        package var wantsReading = false

        /// Lets the timeline's new entries say which delivery caused them.
        package mutating func name(_ delivery: DeliveryID) {
            for index in transitions.indices { transitions[index].deliveryID = delivery }
        }
    }

    /// Takes in a webhook that arrived at `now`.
    ///
    /// `subject` is the alert of the event's incident, if there is one already; otherwise one is
    /// made for `sourceID` under `newAlertID`.
    package static func apply(
        _ event: WebhookEvent, to subject: Subject?, sourceID: SourceID, newAlertID: AlertID,
        at now: Timestamp
    ) -> Change {
        guard let subject else {
            return create(from: event, sourceID: sourceID, id: newAlertID, at: now)
        }
        let alert = subject.alert
        if alert.lastFingerprint == event.fingerprint {
            return unchanged(subject, .duplicate, by: event, at: now)
        }
        let isOvertaken = event.times.order(relativeTo: alert.newestTimes) == .older
        guard !isOvertaken || isReopenThatReadingOvertook(event, of: alert) else {
            return unchanged(subject, .ignoredStale, by: event, at: now)
        }
        var next = subject
        next.alert.absorb(event, at: now)
        if isOvertaken { next.alert.newestTimes = alert.newestTimes }
        var change: Change
        switch (event.describedState, alert.status) {
        case (.none, _), (.open, .firing):
            change = Change(outcome: .updated, subject: next, transitions: [])
        case (.open, .resolved):
            if isEcho(event, after: subject) {
                change = Change(outcome: .updated, subject: next, transitions: [])
            } else {
                change = refire(next, at: now)
            }
        case (.closed, .firing):
            next.alert.resolve(by: event.cause, at: now)
            change = Change(outcome: .resolved, subject: next, transitions: [])
        case (.closed, .resolved):
            change = Change(outcome: .updated, subject: next, transitions: [])
        }
        switch event.describedState {
        case .open: change.subject.alert.isOpenInBigPanda = true
        case .closed: confirmClose(in: &change, cause: event.cause, at: now)
        case .none: break
        }
        change.transitions.insert(
            event.transition(change.outcome, status: change.subject.alert.status, at: now), at: 0)
        change.wantsReading = event.isContradictory
        return change
    }

    /// Whether an older event lets a resolved alert fire although something newer is known.
    ///
    /// That is a reading which showed the incident open. While a close is under way it could not
    /// tell a re-open from a close that BigPanda had not carried out, and so changed no status;
    /// a change that was pushed and is later than the resolve can tell, even when it comes later.
    private static func isReopenThatReadingOvertook(
        _ event: WebhookEvent, of alert: Alert
    ) -> Bool {
        guard event.describedState == .open, alert.status == .resolved, alert.isOpenInBigPanda,
            alert.resolvedBy?.kind == .user, let resolvedAt = alert.resolvedAt,
            let happenedOn = event.times.happenedOn
        else { return false }
        return happenedOn.wholeSeconds > resolvedAt.wholeSeconds
    }

    /// Whether an event that shows the incident open is only what our own close has not caught up
    /// with, rather than a re-open.
    private static func isEcho(_ event: WebhookEvent, after subject: Subject) -> Bool {
        let alert = subject.alert
        guard let resolvedAt = alert.resolvedAt, alert.resolvedBy?.kind == .user else {
            return false
        }
        // Without a time nothing tells a late update from a re-open; until BigPanda has shown the
        // incident closed, it can't have been re-opened.
        guard let happenedOn = event.times.happenedOn else { return alert.isOpenInBigPanda }
        return happenedOn.wholeSeconds <= resolvedAt.wholeSeconds
    }

    private static func create(
        from event: WebhookEvent, sourceID: SourceID, id: AlertID, at now: Timestamp
    ) -> Change {
        let status: AlertStatus = event.describedState == .closed ? .resolved : .firing
        var alert = Alert(
            id: id, sourceID: sourceID, incidentID: event.incidentID, status: status,
            createdAt: now)
        alert.absorb(event, at: now)
        switch status {
        case .firing: alert.firedAt = now
        case .resolved: alert.resolve(by: event.cause, at: now)
        }
        return Change(
            outcome: .created, subject: Subject(alert: alert),
            transitions: [event.transition(.created, status: status, at: now)],
            wantsReading: event.isContradictory)
    }

    private static func unchanged(
        _ subject: Subject, _ outcome: Outcome, by event: WebhookEvent, at now: Timestamp
    ) -> Change {
        Change(
            outcome: outcome, subject: subject,
            transitions: [event.transition(outcome, status: subject.alert.status, at: now)])
    }

    /// Lets a resolved alert fire again; whatever close is still owed is not owed any more.
    static func refire(_ subject: Subject, at now: Timestamp) -> Change {
        var next = subject
        next.alert.status = .firing
        next.alert.firedAt = now
        next.alert.resolvedAt = nil
        next.alert.resolvedBy = nil
        next.alert.isOpenInBigPanda = true
        var change = Change(outcome: .refired, subject: next, transitions: [])
        if var close = next.close, !close.state.isEnded {
            close.end(.cancelled, at: now)
            change.subject.close = close
            change.transitions.append(
                Transition(
                    at: now, outcome: .closeCancelled, status: .firing,
                    cause: Actor(.gateway, name: "close worker"), comment: "The alert re-fired."))
        }
        return change
    }

    /// BigPanda shows the incident closed: a close still owed has reached its end.
    static func confirmClose(in change: inout Change, cause: Actor, at now: Timestamp) {
        change.subject.alert.isOpenInBigPanda = false
        guard var close = change.subject.close, !close.state.isEnded else { return }
        close.end(.confirmed, at: now)
        change.subject.close = close
        change.transitions.append(
            Transition(
                at: now, outcome: .closeConfirmed, status: change.subject.alert.status,
                cause: cause))
    }
}

extension Alert {
    /// Marks the alert as over.
    mutating func resolve(by actor: Actor, at now: Timestamp) {
        status = .resolved
        resolvedAt = now
        resolvedBy = actor
        updatedAt = now
    }

    /// Takes over what an event carries, save its status; what it lacks stays.
    fileprivate mutating func absorb(_ event: WebhookEvent, at now: Timestamp) {
        title = event.title ?? title
        summary = event.summary ?? summary
        severity = event.severity ?? severity
        bigPandaStatus = event.bigPandaStatus ?? bigPandaStatus
        environmentID = event.environmentID ?? environmentID
        flapping = event.flapping ?? flapping
        snoozed = event.snoozed ?? snoozed
        tags = event.tags ?? tags
        sourceURL = event.sourceURL ?? sourceURL
        alertCount = event.alertCount ?? alertCount
        newestTimes = newestTimes.advanced(by: event.times)
        lastFingerprint = event.fingerprint
        updatedAt = now
    }
}

extension WebhookEvent {
    /// BigPanda, by the name of what it says has happened.
    fileprivate var cause: Actor {
        let what =
            switch name {
            case .new: "incident#new"
            case .closed: "incident#closed"
            case .reopen: "incident#reopen"
            case .other: "update"
            case .missing: "unnamed event"
            }
        guard let replayOf else { return Actor(.bigpanda, name: what) }
        // Still BigPanda's word: the rules of echo and order must not take it for a person's.
        return Actor(.bigpanda, name: "\(what), replay of \(replayOf)")
    }

    fileprivate func transition(
        _ outcome: Outcome, status: AlertStatus, at now: Timestamp
    ) -> Transition {
        Transition(
            at: now, outcome: outcome, status: status, cause: cause, changedOn: times.happenedOn)
    }
}
