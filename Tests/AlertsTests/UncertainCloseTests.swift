import Alerts
import Testing

/// A close whose outcome nobody knows is looked at before the incident is closed again, whatever
/// became of it meanwhile; each case was found by the simulation.
@Suite struct UncertainCloseTests {
    private let ada = Actor(.user, name: "ada")

    /// An alert whose close was under way when an operator cancelled it.
    private func cancelledUnderWay() throws -> History {
        let history = History()
        history.push(Samples.event(.new, active: true, changedOn: 0), at: 0)
        history.resolve(at: 10)
        history.claim(at: 10)
        try cancel(history, at: 11)
        return history
    }

    private func cancel(_ history: History, at seconds: Double) throws {
        let subject = try #require(history.subject)
        let id = try #require(subject.close?.id)
        history.subject = try CloseMachine.cancel(
            id, of: subject, by: ada, at: Samples.at(seconds)
        ).get().subject
    }

    @Test func `a close owed again after a tried one was cancelled looks first`() throws {
        let history = try cancelledUnderWay()
        #expect(history.resolve(at: 12) == .closeOwed)
        #expect(history.subject?.close?.attempts == 0)
        #expect(history.subject?.close?.nextStep == .look)
        #expect(history.claim(at: 12))
        history.read(active: true, changedOn: 0, at: 13)
        #expect(history.subject?.close?.nextStep == .close)
    }

    @Test func `a close owed after a re-fire cancelled a tried one looks first`() {
        let history = History()
        history.push(Samples.event(.new, active: true, changedOn: 0), at: 0)
        history.resolve(at: 10)
        history.claim(at: 10)
        history.push(Samples.event(.reopen, active: true, changedOn: 12), at: 12)
        #expect(history.closeState == .cancelled)
        #expect(history.resolve(at: 20) == .resolved)
        #expect(history.subject?.close?.nextStep == .look)
    }

    @Test func `a close owed after one that was never tried, or confirmed, is made at once`() throws
    {
        let history = History()
        history.push(Samples.event(.new, active: true, changedOn: 0), at: 0)
        history.resolve(at: 10)
        try cancel(history, at: 11)
        #expect(history.resolve(at: 12) == .closeOwed)
        #expect(history.subject?.close?.nextStep == .close)
        history.claim(at: 12)
        history.push(Samples.event(.closed, active: false, changedOn: 13), at: 13)
        history.push(Samples.event(.reopen, active: true, changedOn: 20), at: 20)
        history.resolve(at: 30)
        #expect(history.subject?.close?.nextStep == .close)
    }

    @Test func `a close that has yet to look hands that on when it is cancelled`() throws {
        let history = try cancelledUnderWay()
        history.resolve(at: 12)
        try cancel(history, at: 13)
        history.resolve(at: 14)
        #expect(history.subject?.close?.nextStep == .look)
    }

    @Test func `a close that has yet to look does so when it is retried`() throws {
        let history = try cancelledUnderWay()
        history.resolve(at: 12)
        try cancel(history, at: 13)
        let subject = try #require(history.subject)
        let id = try #require(subject.close?.id)
        let retried = try CloseMachine.retry(id, of: subject, by: ada, at: Samples.at(14)).get()
        #expect(retried.subject.close?.nextStep == .look)
    }

    @Test func `a close that finds its incident only as it once was looks again`() {
        let history = History()
        history.push(Samples.event(.new, active: true, changedOn: 5), at: 5)
        history.resolve(at: 10)
        history.claim(at: 10)
        // BigPanda knew it in no environment it was said to be in, and a search found this.
        history.read(active: false, changedOn: 4, at: 11)
        #expect(history.closeState == .pending)
        #expect(history.subject?.close?.nextStep == .look)
        #expect(history.subject?.close?.nextAttemptAt == Samples.at(16))
    }
}
