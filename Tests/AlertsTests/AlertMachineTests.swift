import Alerts
import Testing

@Suite struct AlertMachineTests {
    @Test(
        arguments: [
            (EventName.new, nil, AlertStatus.firing), (.new, false, .resolved),
            (.new, true, .firing),
            (.closed, nil, .resolved), (.closed, true, .firing), (.reopen, nil, .firing),
            (.other, nil, .firing), (.missing, nil, .firing), (.other, false, .resolved),
        ] as [(EventName, Bool?, AlertStatus)])
    func `the first event creates the alert in the state it describes`(
        name: EventName, active: Bool?, expected: AlertStatus
    ) {
        let history = History()
        let change = history.push(Samples.event(name, active: active), at: 0)
        #expect(change.outcome == .created)
        #expect(history.status == expected)
        #expect((history.subject?.alert.resolvedAt != nil) == (expected == .resolved))
    }

    @Test func `an incident lives through new, update, close and re-open on one alert`() {
        let history = History()
        #expect(history.push(Samples.event(.new, changedOn: 0), at: 1).outcome == .created)
        #expect(history.push(Samples.event(changedOn: 5), at: 6).outcome == .updated)
        #expect(history.push(Samples.event(.closed, changedOn: 9), at: 10).outcome == .resolved)
        #expect(history.subject?.alert.resolvedBy?.kind == .bigpanda)
        #expect(history.push(Samples.event(.reopen, changedOn: 20), at: 21).outcome == .refired)
        #expect(history.status == .firing)
        #expect(history.subject?.alert.id == Samples.alertID)
        #expect(history.timeline.map(\.outcome) == [.created, .updated, .resolved, .refired])
    }

    @Test(
        arguments: [
            (EventName.reopen, false, AlertStatus.resolved), (.closed, true, .firing),
            (.other, false, .resolved), (.other, nil, .firing), (.new, false, .resolved),
        ] as [(EventName, Bool?, AlertStatus)])
    func `the state carried beats the event's name`(
        name: EventName, active: Bool?, expected: AlertStatus
    ) {
        let history = History()
        history.push(Samples.event(.new, active: true, changedOn: 0), at: 0)
        history.push(Samples.event(name, active: active, changedOn: 1), at: 1)
        #expect(history.status == expected)
    }

    @Test func `active beats incident#closed, and BigPanda is asked at once`() {
        let history = History()
        history.push(Samples.event(.new, changedOn: 0), at: 0)
        let change = history.push(Samples.event(.closed, active: true, changedOn: 1), at: 1)
        #expect(change.outcome == .updated)
        #expect(change.wantsReading)
        #expect(history.status == .firing)
    }

    @Test func `an event without state leaves a resolved alert resolved`() {
        let history = History()
        history.push(Samples.event(.closed, changedOn: 0), at: 0)
        #expect(history.push(Samples.event(.other, changedOn: 5), at: 5).outcome == .updated)
        #expect(history.status == .resolved)
    }

    @Test func `an older event changes nothing and stays in the timeline`() {
        let history = History()
        history.push(Samples.event(.new, changedOn: 10), at: 10)
        let before = history.subject
        var late = Samples.event(.closed, active: false, changedOn: 9)
        late.title = "late"
        #expect(history.push(late, at: 11).outcome == .ignoredStale)
        #expect(history.subject == before)
        #expect(history.timeline.last?.outcome == .ignoredStale)
    }

    @Test func `a byte-identical repeat of the last applied event is a duplicate`() {
        let history = History()
        let event = Samples.event(.new, changedOn: 10)
        history.push(event, at: 10)
        #expect(history.push(event, at: 11).outcome == .duplicate)
        history.push(Samples.event(changedOn: 12), at: 12)
        #expect(history.push(event, at: 13).outcome == .ignoredStale)
    }

    @Test func `a close and a re-open may share a second`() {
        let history = History()
        history.push(Samples.event(.new, active: true, changedOn: 10), at: 10)
        let close = history.push(Samples.event(.closed, active: false, changedOn: 10), at: 10)
        #expect(close.outcome == .resolved)
        let again = history.push(Samples.event(.reopen, active: true, changedOn: 10), at: 10)
        #expect(again.outcome == .refired)
    }

    @Test func `events without times are applied in order of arrival`() {
        let history = History()
        history.push(Samples.event(.new, changedOn: 100), at: 100)
        #expect(history.push(Samples.event(.closed), at: 101).outcome == .resolved)
        #expect(history.push(Samples.event(.reopen), at: 102).outcome == .refired)
        #expect(history.subject?.alert.newestTimes.changedOn == Samples.at(100))
        #expect(history.push(Samples.event(changedOn: 99), at: 103).outcome == .ignoredStale)
    }

    @Test func `what an event lacks stays as it was`() {
        let history = History()
        var first = Samples.event(.new, changedOn: 0)
        first.title = "db-prod-1 – cpu"
        first.tags = [AlertTag(name: "host", value: "db-prod-1")]
        first.environmentID = "env-1"
        history.push(first, at: 0)
        history.push(Samples.event(changedOn: 1), at: 1)
        #expect(history.subject?.alert.title == "db-prod-1 – cpu")
        #expect(history.subject?.alert.tags.count == 1)
        #expect(history.subject?.alert.environmentID == "env-1")
    }
}

@Suite struct EventTimesTests {
    @Test(
        arguments: [
            (5.0, nil, 6.0, nil, EventTimes.Order.older), (6, nil, 6, nil, .equal),
            (7, nil, 6, nil, .newer), (6, 1, 6, 2, .older), (6, nil, 6, 2, .equal),
            (nil, 3, 6, 2, .newer), (nil, nil, 6, 2, .equal), (7, 1, 6, 2, .newer),
            (nil, 1, 6, nil, .equal),
        ] as [(Double?, Double?, Double?, Double?, EventTimes.Order)])
    func `changedOn decides, then updatedOn; a missing member is skipped`(
        changed: Double?, updated: Double?, newestChanged: Double?, newestUpdated: Double?,
        expected: EventTimes.Order
    ) {
        let event = EventTimes(
            changedOn: changed.map { Samples.at($0) }, updatedOn: updated.map { Samples.at($0) })
        let newest = EventTimes(
            changedOn: newestChanged.map { Samples.at($0) },
            updatedOn: newestUpdated.map { Samples.at($0) })
        #expect(event.order(relativeTo: newest) == expected)
    }

    @Test func `an older updatedOn does not outlive a later changedOn`() {
        let newest = EventTimes(changedOn: Samples.at(5), updatedOn: Samples.at(6))
        let advanced = newest.advanced(by: EventTimes(changedOn: Samples.at(10)))
        let next = EventTimes(changedOn: Samples.at(10), updatedOn: Samples.at(5))
        #expect(next.order(relativeTo: advanced) == .equal)
    }
}
