import Alerts
import Testing

@Suite struct OutboundMachineTests {
    private let endpoint = OutboundEndpoint(
        id: EndpointID("whe_1"), name: "paging", url: "https://hooks.example/",
        events: OutboundEvent.standard, at: Samples.start)
    private let message = OutboundMessage(
        id: MessageID(number: 7, lot: 42), event: .alertCreated, alertID: Samples.alertID,
        at: Samples.start)

    private func attempt(
        _ result: OutboundMachine.Result, at seconds: Double, fraction: Double = 0
    ) -> OutboundMachine.Attempt {
        OutboundMachine.Attempt(
            messageID: message.id, result: result, startedAt: Samples.at(seconds),
            duration: .seconds(1), fraction: fraction)
    }

    private let failure = OutboundMachine.Result.failed(reason: "500", statusCode: 500)

    @Test func `a message is given up after the waits that the specification advises`() {
        var message = message
        var (waits, now): ([Double], Double) = ([], 0)
        while message.state == .pending {
            message = OutboundMachine.conclude(message, with: attempt(failure, at: now))
            guard let next = message.nextAttemptAt else { break }
            waits.append(Double((next - Samples.at(now + 1)).components.seconds))
            now = Double((next - Samples.start).components.seconds)
        }
        #expect(
            waits == [5, 300, 1800, 7200, 18_000, 36_000, 50_400, 72_000, 86_400])
        #expect(message.state == .failed)
        #expect(message.attempts == 10)
        #expect(message.lastAttempt?.statusCode == 500)
        #expect(message.lastAttempt?.error == "500")
    }

    @Test func `each wait is longer by up to a fifth`() {
        let next = OutboundMachine.conclude(message, with: attempt(failure, at: 0, fraction: 0.5))
        #expect(next.nextAttemptAt == Samples.at(1 + 5 + 0.5))
    }

    @Test(arguments: [(2, 5), (200, 200)])
    func `an endpoint can ask for a longer wait, and for none that is shorter`(
        _ asked: Int, _ waited: Double
    ) {
        let attempt = OutboundMachine.Attempt(
            messageID: message.id, result: failure, startedAt: Samples.at(0),
            duration: .seconds(1), fraction: 0, retryAfter: .seconds(asked))
        let next = OutboundMachine.conclude(message, with: attempt)
        #expect(next.nextAttemptAt == Samples.at(1 + waited))
    }

    @Test func `one that was taken is owed no more, whatever comes later`() {
        let taken = OutboundMachine.conclude(message, with: attempt(.taken(statusCode: 204), at: 0))
        #expect(taken.state == .delivered)
        #expect(taken.nextAttemptAt == nil)
        #expect(taken.attempts == 1)
        #expect(OutboundMachine.conclude(taken, with: attempt(failure, at: 9)) == taken)
    }

    @Test func `an endpoint is disabled when all has failed for five days`() {
        let days = 5.0 * 86_400
        var endpoint = OutboundMachine.conclude(endpoint, with: attempt(failure, at: 0))
        endpoint = OutboundMachine.conclude(endpoint, with: attempt(failure, at: days - 2))
        #expect(endpoint.isEnabled)
        #expect(endpoint.failingSince == Samples.at(0))
        let disabled = OutboundMachine.conclude(endpoint, with: attempt(failure, at: days))
        #expect(!disabled.isEnabled)
        #expect(disabled.disabledReason == .failing)
        // One that was taken in between begins the count anew.
        endpoint = OutboundMachine.conclude(
            endpoint, with: attempt(.taken(statusCode: 200), at: days - 1))
        #expect(endpoint.failingSince == nil)
        endpoint = OutboundMachine.conclude(endpoint, with: attempt(failure, at: days))
        #expect(endpoint.isEnabled)
    }

    @Test func `an endpoint that answers 410 is disabled at once`() {
        let disabled = OutboundMachine.conclude(endpoint, with: attempt(.gone, at: 1))
        #expect(!disabled.isEnabled)
        #expect(disabled.disabledReason == .gone)
        #expect(OutboundMachine.conclude(message, with: attempt(.gone, at: 1)).state == .pending)
    }

    @Test(arguments: [(1, 0), (2, 0), (3, 4), (4, 8), (6, 32), (7, 60), (900, 60)])
    func `an endpoint that is down is left alone for longer and longer`(
        failures: Int, seconds: Int
    ) {
        var endpoint = endpoint
        endpoint.failuresCount = failures
        let pause = OutboundMachine.pause(after: endpoint, fraction: 0)
        #expect(pause == .seconds(seconds) / 2)
        #expect(OutboundMachine.pause(after: endpoint, fraction: 0.99) <= .seconds(60))
    }

    @Test func `enabling an endpoint forgets how it failed`() {
        var endpoint = OutboundMachine.conclude(endpoint, with: attempt(.gone, at: 1))
        var change = EndpointChange()
        change.name = "chat"
        endpoint = change.applied(to: endpoint, at: Samples.at(2))
        #expect(endpoint.disabledReason == .gone)
        change.isEnabled = true
        endpoint = change.applied(to: endpoint, at: Samples.at(2))
        #expect(endpoint.isEnabled)
        #expect(endpoint.disabledReason == nil)
        #expect(endpoint.failuresCount == 0)
        #expect(endpoint.failingSince == nil)
        #expect(endpoint.name == "chat")
    }

    @Test(arguments: ["msg_", "msg_1", "msg_0_a", "msg_1_", "msg_1_A", "msg_01_a", "dlv_1_a"])
    func `a text that is no id of a message has no parts`(text: String) {
        #expect(MessageID(text).parts == nil)
    }

    @Test func `an id says where its message is`() {
        let id = MessageID(number: 12, lot: .max)
        #expect(id.parts?.number == 12)
        #expect(id.parts?.lot == .max)
    }

    @Test func `a signing secret does not print itself`() {
        let secret = SigningSecret("whsec_c2VjcmV0")
        var text = "\(secret) \(String(reflecting: secret))"
        dump(secret, to: &text)
        #expect(!text.contains("c2VjcmV0"))
    }
}

@Suite struct OutboundEventTests {
    @Test func `the life of an alert is told`() {
        let history = History()
        func told(_ step: () -> Void) -> [OutboundEvent] {
            let before = history.subject
            step()
            return history.subject.map { OutboundEvent.events(from: before, to: $0) } ?? []
        }
        #expect(told { history.push(Samples.event(.new, active: true), at: 1) } == [.alertCreated])
        let again = Samples.event(.other, active: true, changedOn: 5, fingerprint: 9)
        #expect(told { history.push(again, at: 6) } == [], "nothing that is shown has changed")
        #expect(told { history.push(again, at: 7) } == [], "a duplicate")
        var other = Samples.event(.other, active: true, changedOn: 8)
        other.title = "other"
        #expect(told { history.push(other, at: 8) } == [.alertUpdated])
        #expect(told { history.resolve(at: 10) } == [.alertResolved])
        let closed = Samples.event(.closed, active: false, changedOn: 12)
        #expect(told { history.push(closed, at: 12) } == [.closeConfirmed])
        let reopened = Samples.event(.reopen, active: true, changedOn: 20)
        #expect(told { history.push(reopened, at: 20) } == [.alertRefired])
        #expect(told { history.resolve(at: 22) } == [.alertResolved])
    }

    @Test func `a close that is given up is told once`() throws {
        let history = History()
        history.push(Samples.event(.new, active: true), at: 1)
        history.resolve(at: 2)
        let before = try #require(history.subject)
        let close = try #require(before.close)
        let conclusion = CloseMachine.Conclusion(
            closeID: close.id, result: .refused(reason: "400"), environmentID: nil,
            at: Samples.at(3), fraction: 0)
        let after = CloseMachine.conclude(before, with: conclusion).subject
        #expect(OutboundEvent.events(from: before, to: after) == [.closeFailed])
        let later = CloseMachine.conclude(after, with: conclusion).subject
        #expect(OutboundEvent.events(from: after, to: later) == [])
    }

    @Test func `a test can't be asked for, and mere updates have to be`() {
        #expect(!OutboundEvent.choices.contains(.endpointTest))
        #expect(!OutboundEvent.standard.contains(.alertUpdated))
        #expect(OutboundEvent.standard.count == OutboundEvent.choices.count - 1)
    }
}
