/// What the gateway tells webhook endpoints of; the names are the API's.
package enum OutboundEvent: String, Sendable, CaseIterable {
    /// The first that was heard of an incident.
    case alertCreated = "alert.created"
    /// A firing alert was resolved.
    case alertResolved = "alert.resolved"
    /// A resolved alert fires again.
    case alertRefired = "alert.refired"
    /// Something that the API shows of an alert changed, and its status did not.
    case alertUpdated = "alert.updated"
    /// BigPanda shows the incident closed.
    case closeConfirmed = "close.confirmed"
    /// A close was given up.
    case closeFailed = "close.failed"
    /// Somebody tries an endpoint; sent to that one only, whatever it asked for.
    case endpointTest = "endpoint.test"

    /// What an endpoint can ask for.
    package static let choices = allCases.filter { $0 != .endpointTest }

    /// What an endpoint gets that did not say: all but mere updates.
    package static let standard = choices.filter { $0 != .alertUpdated }

    /// What a change of an alert and its close tells.
    ///
    /// - Parameters:
    ///   - before: What was stored; `nil` for an alert that is new.
    ///   - after: What is stored now.
    /// - Returns: The events in the order in which they are told.
    package static func events(
        from before: AlertMachine.Subject?, to after: AlertMachine.Subject
    ) -> [OutboundEvent] {
        guard let before else { return [.alertCreated] }
        var events: [OutboundEvent] = []
        switch (before.alert.status, after.alert.status) {
        case (.firing, .resolved): events.append(.alertResolved)
        case (.resolved, .firing): events.append(.alertRefired)
        case (.firing, .firing), (.resolved, .resolved):
            if after.alert.showsOther(than: before.alert) { events.append(.alertUpdated) }
        }
        guard let close = after.close, close != before.close else { return events }
        let stateBefore = close.id == before.close?.id ? before.close?.state : nil
        guard close.state != stateBefore else { return events }
        switch close.state {
        case .confirmed: events.append(.closeConfirmed)
        case .failed: events.append(.closeFailed)
        case .pending, .sending, .sent, .cancelled: break
        }
        return events
    }
}

extension Alert {
    /// Whether the API shows something else of it than of `other`, the times of changes aside.
    fileprivate func showsOther(than other: Alert) -> Bool {
        var copy = other
        copy.updatedAt = updatedAt
        copy.newestTimes = newestTimes
        copy.lastFingerprint = lastFingerprint
        copy.isOpenInBigPanda = isOpenInBigPanda
        return copy != self
    }
}
