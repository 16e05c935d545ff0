extension AlertMachine {
    /// Decides what it means that no environment holds an alert's incident.
    ///
    /// What BigPanda's activities tell as closed or merged away is resolved. An incident that is
    /// gone without a word may have been purged or moved out of sight: closing its alert would be a
    /// guess, so it goes on firing and the timeline says so, once.
    ///
    /// An alert that is resolved, or that BigPanda told of after `readAt`, is not judged.
    /// `Change.outcome` is `resolved`, `updated` or `ignoredStale`. `missesCount` are the readings
    /// in a row that found no incident, this one included.
    package static func apply(
        _ absence: IncidentAbsence, to subject: Subject, missesCount: Int, readAt: Timestamp,
        at now: Timestamp
    ) -> Change {
        var change = Change(outcome: .updated, subject: subject, transitions: [])
        guard subject.alert.status == .firing, subject.alert.updatedAt <= readAt else {
            change.outcome = .ignoredStale
            return change
        }
        switch absence {
        case .mergedAway:
            end(&change, because: "BigPanda merged the incident into another.", at: now)
        case .closed:
            end(&change, because: "BigPanda closed the incident before it went away.", at: now)
        case .unexplained:
            guard missesCount == ReconcileSchedule.missesMax else { break }
            let comment = """
                BigPanda no longer knows the incident: it was merged, purged or moved. The alert \
                goes on firing until BigPanda or a person says otherwise.
                """
            change.transitions.append(
                Transition(
                    at: now, outcome: .updated, status: .firing, cause: reconciler,
                    comment: comment))
        }
        return change
    }

    private static let reconciler = Actor(.reconcile, name: "read back from BigPanda")

    private static func end(_ change: inout Change, because comment: String, at now: Timestamp) {
        change.outcome = .resolved
        change.subject.alert.resolve(by: reconciler, at: now)
        change.transitions.append(
            Transition(
                at: now, outcome: .resolved, status: .resolved, cause: reconciler,
                comment: comment))
        confirmClose(in: &change, cause: reconciler, at: now)
    }
}
