import Testing

@testable import HTTPServer

@Suite struct ConnectionStateTests {
    private func answering(keepsAlive: Bool = true) -> ConnectionState {
        var state = ConnectionState()
        state.requestStarted()
        state.headEnded(hasBody: false, keepsAlive: keepsAlive)
        return state
    }

    @Test func `after an answer the next request is read`() {
        var state = answering()
        #expect(state.answered(closes: false) == .readOn)
        #expect(state.phase == .idle)
    }

    @Test func `the last answer is followed by the end of our side`() {
        var state = answering(keepsAlive: false)
        #expect(state.answered(closes: true) == .linger)
        #expect(state.phase == .lingering)
        #expect(state.peerEnded() == .closeWhenSent)
    }

    @Test func `content comes before the answer`() {
        var state = ConnectionState()
        state.requestStarted()
        state.headEnded(hasBody: true, keepsAlive: true)
        #expect(state.phase == .body)
        state.bodyEnded()
        #expect(state.answered(closes: false) == .readOn)
    }

    @Test func `a peer that ends after a whole request gets its answer`() {
        var state = answering()
        #expect(state.peerEnded() == .none)
        #expect(state.answered(closes: false) == .readOn)
        #expect(state.inputUsedUp() == .closeWhenSent)
    }

    @Test(arguments: [false, true])
    func `a peer that ends inside a message is refused`(hasBody: Bool) {
        var state = ConnectionState()
        state.requestStarted()
        if hasBody { state.headEnded(hasBody: true, keepsAlive: true) }
        #expect(state.peerEnded() == .none)
        #expect(state.inputUsedUp() == .refuse(.truncated))
        #expect(state.refused() == .closeWhenSent)
    }

    @Test func `a peer that ends between requests is closed`() {
        var state = ConnectionState()
        #expect(state.inputUsedUp() == .none)
        #expect(state.peerEnded() == .none)
        #expect(state.inputUsedUp() == .closeWhenSent)
        #expect(state.phase == .closed)
    }

    @Test func `a refusal ends our side and drops what comes`() {
        var state = ConnectionState()
        state.requestStarted()
        #expect(state.refused() == .linger)
        #expect(state.refused() == .none)
        #expect(state.deadlinePassed() == .close)
    }

    @Test func `a deadline is answered only where a request began`() {
        var idle = ConnectionState()
        #expect(idle.deadlinePassed() == .close)
        var head = ConnectionState()
        head.requestStarted()
        #expect(head.deadlinePassed() == .refuse(.timeout))
        var waiting = answering()
        #expect(waiting.deadlinePassed() == .refuse(.unanswered))
    }

    @Test func `a drain answers the request at hand and no other`() {
        var state = answering()
        state.drainStarted()
        #expect(state.drainIdleEnded() == .none)
        #expect(state.isLastExchange)
        #expect(state.answered(closes: true) == .linger)
    }

    @Test func `a drain closes an idle connection`() {
        var state = ConnectionState()
        state.drainStarted()
        #expect(state.phase == .idle)
        #expect(state.drainIdleEnded() == .closeWhenSent)
    }

    @Test func `a failure closes once`() {
        var state = answering()
        #expect(state.failed() == .close)
        #expect(state.failed() == .none)
    }

    @Test func `an answer without a request traps`() async {
        await #expect(processExitsWith: .failure) {
            var state = ConnectionState()
            _ = state.answered(closes: false)
        }
    }
}
