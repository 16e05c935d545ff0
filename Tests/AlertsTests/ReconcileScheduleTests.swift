import Alerts
import Testing

@Suite struct ReconcileScheduleTests {
    let schedule = ReconcileSchedule(interval: .seconds(300))

    static func alert(
        _ status: AlertStatus = .firing, flapping: Bool = false, snoozed: Bool = false,
        id: String = "alrt_1", updatedAt seconds: Double = 0
    ) -> Alert {
        var alert = Alert(
            id: AlertID(id), sourceID: Samples.sourceID, incidentID: "inc-1", status: status,
            createdAt: Samples.start)
        alert.flapping = flapping
        alert.snoozed = snoozed
        alert.updatedAt = Samples.at(seconds)
        return alert
    }

    @Test(
        arguments: [
            (false, false, 0, 0.0, 300), (false, false, 0, 0.5, 270), (false, false, 2, 0, 300),
            (true, false, 0, 0, 100), (false, true, 0, 0, 100), (true, true, 2, 0.5, 90),
            (false, false, 3, 0, 3600), (true, false, 3, 0, 3600), (false, false, 9, 0.5, 3240),
        ] as [(Bool, Bool, Int, Double, Int)])
    func `the wait depends on what BigPanda tells of the incident`(
        flapping: Bool, snoozed: Bool, missesCount: Int, fraction: Double, expected: Int
    ) {
        let alert = Self.alert(flapping: flapping, snoozed: snoozed)
        let wait = schedule.wait(for: alert, missesCount: missesCount, fraction: fraction)
        #expect(wait.map { $0.components.seconds } == Int64(expected))
    }

    @Test func `a resolved alert is not read`() {
        let alert = Self.alert(.resolved, flapping: true)
        #expect(schedule.wait(for: alert, missesCount: 0, fraction: 0) == nil)
        #expect(
            schedule.plan(for: alert, missesCount: 1, askedAt: Samples.at(1)) == ReadingPlan())
    }

    @Test func `the alerts of a storm spread over a fifth of the interval`() throws {
        // As many as come in within two minutes, one in each slot.
        let waits = try (0..<1000).map { number in
            let milliseconds = ReconcileSchedule.spreadSlotMilliseconds * Int64(number)
            let moment = Samples.start + .milliseconds(milliseconds)
            let plan = schedule.plan(for: Self.alert(), missesCount: 0, askedAt: moment)
            return try #require(plan.dueAt) - moment
        }
        #expect(waits.allSatisfy { $0 > .seconds(239) && $0 <= .seconds(300) })
        let steps = Dictionary(grouping: waits) { $0 }
        #expect(steps.count == ReconcileSchedule.spreadSteps)
        for (step, waits) in steps {
            #expect((200...300).contains(waits.count), "\(waits.count) of \(step)")
        }
    }

    @Test func `alerts of one moment are due together, at one place of a store's index`() {
        let slot = ReconcileSchedule.spreadSlotMilliseconds
        let first = Samples.start.milliseconds / slot * slot
        let waits = Set(
            (0..<slot).map { number in
                let moment = Timestamp(milliseconds: first + number)
                let alert = Self.alert(id: "alrt_\(number)")
                let plan = schedule.plan(for: alert, missesCount: 0, askedAt: moment)
                return plan.dueAt.map { $0 - moment }
            })
        #expect(waits.count == 1)
    }

    @Test func `one alert is not read at the same step each time`() {
        let waits = Set(
            (0..<50).map { number in
                let moment = Samples.at(Double(number) * 300)
                let plan = schedule.plan(for: Self.alert(), missesCount: 0, askedAt: moment)
                return plan.dueAt.map { $0 - moment }
            })
        #expect(waits.count == ReconcileSchedule.spreadSteps)
    }

    @Test func `being told of an alert counts as a reading and forgets misses`() {
        let old = ReadingPlan(dueAt: Samples.at(9), missesCount: 2)
        let plan = schedule.plan(
            old, storing: Self.alert(updatedAt: 100), over: Self.alert(updatedAt: 0))
        #expect(plan.missesCount == 0)
        #expect((plan.dueAt ?? Samples.start) >= Samples.at(340))
    }

    @Test func `what tells nothing of an alert leaves its plan`() {
        let old = ReadingPlan(dueAt: Samples.at(9), missesCount: 2)
        #expect(schedule.plan(old, storing: Self.alert(), over: Self.alert()) == old)
    }

    @Test func `an alert that fires again is planned, one that is resolved is not`() {
        let resolved = Self.alert(.resolved)
        let refired = schedule.plan(ReadingPlan(), storing: Self.alert(), over: resolved)
        #expect(refired.dueAt != nil)
        let old = ReadingPlan(dueAt: Samples.at(9), missesCount: 2)
        #expect(schedule.plan(old, storing: resolved, over: Self.alert()) == ReadingPlan())
    }
}

@Suite struct AbsenceTests {
    private func apply(
        _ absence: IncidentAbsence, to alert: Alert, missesCount: Int = 1, readAt: Double = 300
    ) -> AlertMachine.Change {
        AlertMachine.apply(
            absence, to: AlertMachine.Subject(alert: alert), missesCount: missesCount,
            readAt: Samples.at(readAt), at: Samples.at(301))
    }

    @Test(arguments: [IncidentAbsence.mergedAway, .closed])
    func `what BigPanda's activities explain resolves the alert`(absence: IncidentAbsence) {
        let change = apply(absence, to: ReconcileScheduleTests.alert())
        #expect(change.outcome == .resolved)
        #expect(change.subject.alert.status == .resolved)
        #expect(change.subject.alert.resolvedBy?.kind == .reconcile)
        #expect(!change.subject.alert.isOpenInBigPanda)
        #expect(change.transitions.map(\.outcome) == [.resolved])
        #expect(change.transitions.first?.cause.kind == .reconcile)
        #expect(change.transitions.first?.comment?.isEmpty == false)
    }

    @Test(arguments: [(1, 0), (2, 0), (3, 1), (4, 0), (50, 0)])
    func `an unexplained absence is told once, at the third miss`(missesCount: Int, entries: Int) {
        let alert = ReconcileScheduleTests.alert()
        let change = apply(.unexplained, to: alert, missesCount: missesCount)
        #expect(change.subject.alert == alert)
        #expect(change.transitions.count == entries)
        #expect(change.transitions.allSatisfy { $0.comment?.contains("no longer knows") == true })
    }

    @Test(arguments: [IncidentAbsence.mergedAway, .closed, .unexplained])
    func `an alert told of after BigPanda was asked is not judged`(absence: IncidentAbsence) {
        let alert = ReconcileScheduleTests.alert(updatedAt: 300.5)
        let change = apply(absence, to: alert, missesCount: 3)
        #expect(change.outcome == .ignoredStale)
        #expect(change.subject.alert == alert)
        #expect(change.transitions.isEmpty)
    }

    @Test func `a resolved alert stays as it is`() {
        let alert = ReconcileScheduleTests.alert(.resolved)
        let change = apply(.mergedAway, to: alert)
        #expect(change.outcome == .ignoredStale)
        #expect(change.subject.alert == alert)
    }
}
