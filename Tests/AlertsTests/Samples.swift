import Alerts

/// Values that the domain's tests share.
enum Samples {
    static let alertID = AlertID("alrt_1")
    static let sourceID = SourceID("src_1")
    /// 2026-05-01T08:00:00Z.
    static let start = Timestamp(milliseconds: 1_777_622_400_000)

    /// `seconds` after the start.
    static func at(_ seconds: Double) -> Timestamp {
        Timestamp(milliseconds: start.milliseconds + Int64(seconds * 1000))
    }

    /// An event with a fingerprint of its own unless one is given.
    static func event(
        _ name: EventName = .other, active: Bool? = nil, changedOn: Double? = nil,
        updatedOn: Double? = nil, fingerprint: UInt64? = nil
    ) -> WebhookEvent {
        var event = WebhookEvent(
            incidentID: "inc-1", name: name,
            fingerprint: Fingerprint(high: 0, low: fingerprint ?? .random(in: 1000...UInt64.max)),
            times: EventTimes(
                changedOn: changedOn.map { at($0) }, updatedOn: updatedOn.map { at($0) }))
        event.active = active
        return event
    }
}

/// One alert, to which events are applied one after the other as a store would.
final class History {
    var subject: AlertMachine.Subject?
    var timeline: [Transition] = []

    var status: AlertStatus? { subject?.alert.status }
    var closeState: CloseState? { subject?.close?.state }

    @discardableResult
    func push(_ event: WebhookEvent, at seconds: Double) -> AlertMachine.Change {
        keep(
            AlertMachine.apply(
                event, to: subject, sourceID: Samples.sourceID, newAlertID: Samples.alertID,
                at: Samples.at(seconds)))
    }

    @discardableResult
    func resolve(at seconds: Double, comment: String? = nil) -> Outcome? {
        guard let subject else { return nil }
        let request = AlertMachine.ResolveRequest(
            alertID: subject.alert.id, requestedBy: "ada", comment: comment,
            newCloseID: CloseID("cls_\(seconds)"))
        return keep(AlertMachine.resolve(subject, by: request, at: Samples.at(seconds))).outcome
    }

    @discardableResult
    func read(
        active: Bool, changedOn: Double? = nil, at seconds: Double
    ) -> Outcome? {
        guard let subject else { return nil }
        let reading = IncidentReading(
            isActive: active, times: EventTimes(changedOn: changedOn.map { Samples.at($0) }))
        let moment = Samples.at(seconds)
        return keep(AlertMachine.apply(reading, to: subject, readAt: moment, at: moment)).outcome
    }

    /// Takes the close up; `false` when it isn't due.
    @discardableResult
    func claim(at seconds: Double) -> Bool {
        guard let close = subject?.close,
            let claimed = CloseMachine.claim(close, at: Samples.at(seconds))
        else { return false }
        subject?.close = claimed
        return true
    }

    func conclude(_ result: CloseMachine.Result, at seconds: Double) {
        guard let subject, let close = subject.close else { return }
        let conclusion = CloseMachine.Conclusion(
            closeID: close.id, result: result, environmentID: nil, at: Samples.at(seconds),
            fraction: 0.5)
        keep(CloseMachine.conclude(subject, with: conclusion))
    }

    @discardableResult
    private func keep(_ change: AlertMachine.Change) -> AlertMachine.Change {
        subject = change.subject
        timeline += change.transitions
        return change
    }
}
