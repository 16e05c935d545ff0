import Alerts
import Testing

@Suite struct CloseMachineTests {
    /// A close that is owed since 10.
    private func owed() -> History {
        let history = History()
        history.push(Samples.event(.new, active: true, changedOn: 0), at: 0)
        history.resolve(at: 10)
        return history
    }

    @Test func `an attempt is recorded before the call`() {
        let history = owed()
        #expect(history.claim(at: 10))
        #expect(history.closeState == .sending)
        #expect(history.subject?.close?.attempts == 1)
        #expect(!history.claim(at: 10))
    }

    @Test func `an accepted close is sent, not confirmed`() {
        let history = owed()
        history.claim(at: 10)
        history.conclude(.accepted(isAlreadyClosed: true), at: 11)
        #expect(history.closeState == .sent)
        #expect(history.subject?.close?.nextAttemptAt == Samples.at(16))
    }

    @Test func `reading the incident back as closed confirms`() {
        let history = owed()
        history.claim(at: 10)
        history.conclude(.accepted(isAlreadyClosed: false), at: 11)
        #expect(history.claim(at: 16))
        history.read(active: false, at: 16)
        #expect(history.closeState == .confirmed)
        #expect(history.timeline.last?.outcome == .closeConfirmed)
    }

    @Test func `still open 60 s after it was sent, the close is sent again and says so`() {
        let history = owed()
        history.claim(at: 10)
        history.conclude(.accepted(isAlreadyClosed: false), at: 10)
        var readAt: [Double] = []
        for second in stride(from: 11.0, through: 80, by: 1) where history.claim(at: second) {
            if history.closeState == .sending { break }
            readAt.append(second)
            history.read(active: true, at: second)
        }
        #expect(readAt == [15, 25, 40, 70])
        #expect(history.closeState == .sending)
        #expect(history.subject?.close?.attempts == 2)
        #expect(history.timeline.contains { $0.comment?.contains("did not carry it out") == true })
    }

    @Test func `a clock that is set back begins the 60 s anew`() {
        let history = owed()
        history.claim(at: 3610)
        history.conclude(.accepted(isAlreadyClosed: false), at: 3611)
        #expect(history.claim(at: 3616))
        history.read(active: true, at: 16)
        #expect(history.closeState == .sent)
        #expect(history.subject?.close?.nextAttemptAt == Samples.at(21))
        var readAt: [Double] = []
        for second in stride(from: 17.0, through: 80, by: 1) where history.claim(at: second) {
            if history.closeState == .sending { break }
            readAt.append(second)
            history.read(active: true, at: second)
        }
        #expect(readAt == [21, 31, 46, 76])
        #expect(history.closeState == .sending)
    }

    @Test func `an unknown outcome is looked at before the close is repeated`() {
        let history = owed()
        history.claim(at: 10)
        history.conclude(.unknown(reason: "The call timed out"), at: 20)
        #expect(history.closeState == .pending)
        #expect(history.subject?.close?.nextStep == .look)
        #expect(!history.claim(at: 24))
        #expect(history.claim(at: 25))
        #expect(history.subject?.close?.attempts == 1)
        history.read(active: true, at: 25)
        #expect(history.subject?.close?.nextStep == .close)
        #expect(history.claim(at: 25))
        #expect(history.subject?.close?.attempts == 2)
    }

    @Test func `a look that finds the incident closed makes no second close`() {
        let history = owed()
        history.claim(at: 10)
        history.conclude(.unknown(reason: "The connection was reset"), at: 20)
        history.claim(at: 25)
        history.read(active: false, at: 25)
        #expect(history.closeState == .confirmed)
        #expect(history.subject?.close?.attempts == 1)
    }

    @Test func `a close that was looked at goes before those owed later`() {
        let history = owed()
        history.claim(at: 10)
        history.conclude(.unknown(reason: "The connection was reset"), at: 20)
        history.claim(at: 4000)
        history.read(active: true, at: 4000)
        #expect(history.subject?.close?.nextStep == .close)
        #expect(history.subject?.close?.nextAttemptAt == Samples.at(10))
    }

    @Test func `an answer older than the last push is asked for again`() {
        let history = History()
        history.push(Samples.event(.new, active: true, changedOn: 5), at: 5)
        history.resolve(at: 10)
        history.claim(at: 10)
        history.conclude(.unknown(reason: "The call timed out"), at: 20)
        history.claim(at: 25)
        history.read(active: false, changedOn: 4, at: 25)
        #expect(history.closeState == .pending)
        #expect(history.subject?.close?.nextStep == .look)
        #expect(!history.claim(at: 29))
        #expect(history.claim(at: 30))
    }

    @Test(arguments: [
        (CloseMachine.Result.rateLimited(retryAfter: .seconds(7)), 17.0),
        (.delayed(reason: "BigPanda answered 503", retryAfter: nil), 10.5),
        (.keyRejected, 10), (.keyForbidden, 10),
    ])
    func `a close that can be tried again waits for its time`(
        result: CloseMachine.Result, dueAt: Double
    ) {
        let history = owed()
        history.claim(at: 10)
        history.conclude(result, at: 10)
        #expect(history.closeState == .pending)
        #expect(history.subject?.close?.nextAttemptAt == Samples.at(dueAt))
        #expect(history.subject?.close?.lastError?.isEmpty == false)
    }

    @Test func `a close under way when the process ended is looked at first`() throws {
        let history = owed()
        history.claim(at: 10)
        let close = try #require(history.subject?.close)
        let recovered = try #require(CloseMachine.recover(close, at: Samples.at(50)))
        #expect(recovered.state == .pending)
        #expect(recovered.nextStep == .look)
        #expect(recovered.nextAttemptAt == Samples.at(50))
        #expect(CloseMachine.recover(recovered, at: Samples.at(51)) == nil)
    }

    @Test func `an operator may cancel a close, and retry it unless the alert fires`() throws {
        let history = owed()
        let actor = Actor(.user, name: "ada")
        let subject = try #require(history.subject)
        let id = try #require(subject.close?.id)
        let cancelled = try CloseMachine.cancel(id, of: subject, by: actor, at: Samples.at(11))
            .get()
        #expect(cancelled.subject.close?.state == .cancelled)
        let retried = try CloseMachine.retry(
            id, of: cancelled.subject, by: actor, at: Samples.at(12)
        ).get()
        #expect(retried.subject.close?.state == .pending)

        history.push(Samples.event(.reopen, active: true, changedOn: 20), at: 20)
        let refired = try #require(history.subject)
        #expect(
            CloseMachine.retry(id, of: refired, by: actor, at: Samples.at(21))
                == .failure(.alertIsFiring))
        #expect(
            CloseMachine.retry(CloseID("cls_old"), of: refired, by: actor, at: Samples.at(21))
                == .failure(.superseded))
    }

    @Test func `a close that failed and is cancelled counts as failed no more`() throws {
        let history = owed()
        let actor = Actor(.user, name: "ada")
        var subject = try #require(history.subject)
        let id = try #require(subject.close?.id)
        subject.close?.state = .failed
        subject.close?.lastError = "404"
        let change = try CloseMachine.cancel(id, of: subject, by: actor, at: Samples.at(11)).get()
        #expect(change.outcome == .closeCancelled)
        #expect(change.subject.close?.state == .cancelled)
        #expect(change.subject.close?.lastError == "404")
        #expect(change.transitions.map(\.outcome) == [.closeCancelled])
        let again = try CloseMachine.cancel(
            id, of: change.subject, by: actor, at: Samples.at(12)
        ).get()
        #expect(again.subject == change.subject)
        #expect(again.transitions.isEmpty)
    }

    @Test func `the message to BigPanda is cut to 1,000 characters`() {
        let history = History()
        history.push(Samples.event(.new, changedOn: 0), at: 0)
        history.resolve(at: 1, comment: String(repeating: "ö", count: 2000))
        #expect(history.subject?.close?.message.count == 1000)
    }
}
