import Alerts
import Testing

@Suite struct EchoAndRaceTests {
    /// An alert that fired at 0 and was resolved by a person at 10.7.
    private func resolved() -> History {
        let history = History()
        history.push(Samples.event(.new, active: true, changedOn: 0), at: 0)
        history.resolve(at: 10.7, comment: "restarted")
        return history
    }

    @Test func `resolving owes a close, and repeating it owes no other`() {
        let history = resolved()
        #expect(history.status == .resolved)
        #expect(history.closeState == .pending)
        let first = history.subject?.close?.id
        #expect(history.resolve(at: 11) == .updated)
        #expect(history.subject?.close?.id == first)
        let message = history.subject?.close?.message
        #expect(message == "Resolved in bigpanda-gateway by ada: restarted")
    }

    @Test func `an alert that BigPanda closed owes no close`() {
        let history = History()
        history.push(Samples.event(.closed, changedOn: 0), at: 0)
        #expect(history.resolve(at: 1) == .updated)
        #expect(history.subject?.close == nil)
    }

    @Test(arguments: [
        (1.0, Outcome.updated), (10.0, .updated), (11.0, .refired), (30.0, .refired),
    ])
    func `an active event re-fires only when it is later than the resolve in whole seconds`(
        changedOn: Double, expected: Outcome
    ) {
        let history = resolved()
        let change = history.push(
            Samples.event(.other, active: true, changedOn: changedOn), at: 31)
        #expect(change.outcome == expected)
    }

    @Test func `an active event without time does not re-fire while the close is unconfirmed`() {
        let history = resolved()
        #expect(history.push(Samples.event(.other, active: true), at: 11).outcome == .updated)
        history.read(active: false, at: 12)
        #expect(history.closeState == .confirmed)
        #expect(history.push(Samples.event(.reopen, active: true), at: 13).outcome == .refired)
    }

    @Test func `the echo of our close confirms it and adds no resolution`() {
        let history = resolved()
        history.claim(at: 11)
        history.conclude(.accepted(isAlreadyClosed: false), at: 12)
        let change = history.push(Samples.event(.closed, active: false, changedOn: 12), at: 13)
        #expect(change.outcome == .updated)
        #expect(history.closeState == .confirmed)
        #expect(history.timeline.filter { $0.outcome == .resolved }.count == 1)
        #expect(history.subject?.alert.resolvedBy == Actor(.user, name: "ada"))
    }

    @Test func `a stale incident#closed confirms nothing`() {
        let history = History()
        history.push(Samples.event(.new, active: true, changedOn: 5), at: 5)
        history.resolve(at: 10)
        history.push(Samples.event(.closed, active: false, changedOn: 4), at: 11)
        #expect(history.closeState == .pending)
    }

    @Test func `a re-open cancels the close, and one in flight is only recorded`() {
        let history = resolved()
        history.claim(at: 11)
        history.push(Samples.event(.reopen, active: true, changedOn: 12), at: 12)
        #expect(history.closeState == .cancelled)
        history.conclude(.accepted(isAlreadyClosed: false), at: 13)
        #expect(history.closeState == .cancelled)
        #expect(history.status == .firing)
        #expect(history.timeline.last?.outcome == .closeSent)
        history.push(Samples.event(.closed, active: false, changedOn: 14), at: 14)
        #expect(history.status == .resolved)
        #expect(history.subject?.alert.resolvedBy?.kind == .bigpanda)
    }

    @Test(arguments: [CloseMachine.Result.notFound, .refused(reason: "no")])
    func `resolving again after a failed close owes a new one while BigPanda shows it open`(
        result: CloseMachine.Result
    ) {
        let history = resolved()
        history.claim(at: 11)
        history.conclude(result, at: 12)
        #expect(history.closeState == .failed)
        #expect(history.resolve(at: 13) == .closeOwed)
        #expect(history.closeState == .pending)
    }

    @Test func `resolving again after a failed close does nothing once BigPanda closed it`() {
        let history = resolved()
        history.claim(at: 11)
        history.conclude(.notFound, at: 12)
        history.push(Samples.event(.closed, active: false, changedOn: 12), at: 12)
        #expect(history.resolve(at: 13) == .updated)
    }

    @Test func `the resolve counts as applied, so the repeat of the last webhook is no duplicate`()
    {
        let history = History()
        let event = Samples.event(.new, active: true, fingerprint: 1)
        history.push(event, at: 0)
        history.resolve(at: 1)
        #expect(history.push(event, at: 2).outcome == .updated)
        #expect(history.status == .resolved)
    }

    @Test func `a reading corrects a missed close and a missed re-open`() {
        let history = History()
        history.push(Samples.event(.new, active: true, changedOn: 0), at: 0)
        #expect(history.read(active: false, changedOn: 5, at: 6) == .resolved)
        #expect(history.subject?.alert.resolvedBy?.kind == .reconcile)
        #expect(history.read(active: true, changedOn: 5, at: 7) == .updated)
        #expect(history.read(active: true, changedOn: 8, at: 9) == .refired)
        let corrections = history.timeline.filter { $0.cause.kind == .reconcile }
        #expect(corrections.map(\.outcome) == [.resolved, .refired])
    }

    @Test func `a re-open that a reading of the close overtook lets the alert fire`() {
        let history = resolved()
        history.claim(at: 11)
        history.conclude(.accepted(isAlreadyClosed: false), at: 12)
        // Open, as far as anybody can tell, because BigPanda has not carried the close out.
        #expect(history.read(active: true, changedOn: 15, at: 16) == .updated)
        #expect(history.status == .resolved)
        let echo = Samples.event(.other, active: true, changedOn: 10)
        #expect(history.push(echo, at: 17).outcome == .ignoredStale)
        let reopen = Samples.event(.reopen, active: true, changedOn: 13)
        #expect(history.push(reopen, at: 18).outcome == .refired)
        #expect(history.closeState == .cancelled)
        #expect(history.subject?.alert.newestTimes.changedOn == Samples.at(15))
    }

    @Test(arguments: [false, true])
    func `once closed or re-fired, an older event stays stale`(isClosed: Bool) {
        let history = resolved()
        let end = Samples.event(isClosed ? .closed : .reopen, active: !isClosed, changedOn: 15)
        history.push(end, at: 16)
        let late = Samples.event(.other, active: true, changedOn: 13)
        #expect(history.push(late, at: 17).outcome == .ignoredStale)
        #expect(history.status == (isClosed ? .resolved : .firing))
    }

    @Test func `a reading older than what BigPanda pushed changes nothing`() {
        let history = History()
        history.push(Samples.event(.new, active: true, changedOn: 10), at: 10)
        #expect(history.read(active: false, changedOn: 9, at: 11) == .ignoredStale)
        #expect(history.status == .firing)
    }
}
