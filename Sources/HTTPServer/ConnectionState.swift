/// What one HTTP/1.1 connection does next, decided without I/O.
///
/// The connection feeds it events and carries out the action it returns. This type holds no socket,
/// timer or clock, so a test drives it with plain values. Nothing a peer sends can make it trap.
struct ConnectionState: Sendable, Equatable {
    enum Phase: Sendable, Equatable {
        /// The first bytes of a trusted proxy's connection: a PROXY preamble, or a request at once.
        case preamble
        /// Between two requests.
        case idle
        /// A request's first byte is in, its head isn't whole.
        case head
        /// The head was taken; its content comes in.
        case body
        /// The request is with its handler.
        case answering
        /// The answer's head is out; its content follows piece by piece.
        case streaming
        /// The last answer is out, our side is shut; what comes in is dropped.
        case lingering
        case closed
    }

    /// Answers that the connection gives by itself.
    enum Refusal: Sendable, Equatable {
        /// The peer ended in the middle of a message: 400.
        case truncated
        /// The peer took too long: 408.
        case timeout
        /// The handler took too long: 503.
        case unanswered
    }

    enum Action: Sendable, Equatable {
        case none
        /// Look at the bytes that follow the request just answered.
        case readOn
        /// Send the answer, then call `refused`.
        case refuse(Refusal)
        /// Shut our side once all is sent, and drop what the peer sends until it closes.
        case linger
        /// Close as soon as everything is sent.
        case closeWhenSent
        /// Close at once.
        case close
    }

    private(set) var phase: Phase
    /// No request is taken after the present one.
    private(set) var isLastExchange = false
    /// The peer sent its last byte.
    private(set) var isPeerDone = false

    /// - Parameter mayBeginWithPreamble: The peer is a proxy that may say who it speaks for.
    init(mayBeginWithPreamble: Bool = false) {
        phase = mayBeginWithPreamble ? .preamble : .idle
    }

    /// The preamble is whole, or there is none: requests follow.
    mutating func preambleEnded() {
        precondition(phase == .preamble, "a preamble ended that never began")
        phase = .idle
    }

    /// The first byte of a request came in.
    mutating func requestStarted() {
        precondition(phase == .idle, "a request began inside another")
        phase = .head
    }

    /// The head is whole and stays: the request is read on, or goes to its handler.
    mutating func headEnded(hasBody: Bool, keepsAlive: Bool) {
        precondition(phase == .head, "a head ended that never began")
        if !keepsAlive { isLastExchange = true }
        phase = hasBody ? .body : .answering
    }

    /// The content is whole; the request goes to its handler.
    mutating func bodyEnded() {
        precondition(phase == .body, "a body ended that never began")
        phase = .answering
    }

    /// The answer's head was handed over; its content follows until `answered` is called.
    mutating func streamBegan() {
        precondition(phase == .answering, "an answer without a request")
        phase = .streaming
    }

    /// The answer was handed over in whole; `closes` if it said that it is the last.
    mutating func answered(closes: Bool) -> Action {
        precondition(phase == .answering || phase == .streaming, "an answer without a request")
        guard closes || isLastExchange else {
            phase = .idle
            return .readOn
        }
        return endOurSide()
    }

    /// An answer was handed over in place of reading the rest of the request, or of its own answer.
    mutating func refused() -> Action {
        switch phase {
        case .preamble, .idle, .head, .body, .answering: endOurSide()
        case .streaming: end(.close)
        case .lingering, .closed: .none
        }
    }

    /// Everything that came in was looked at.
    mutating func inputUsedUp() -> Action {
        guard isPeerDone else { return .none }
        switch phase {
        case .preamble, .idle, .streaming: return end(.closeWhenSent)
        case .head, .body: return .refuse(.truncated)
        case .answering, .lingering, .closed: return .none
        }
    }

    /// The peer sent its last byte.
    ///
    /// A request that is whole is answered all the same (RFC 9112, section 9.6), so what follows
    /// is decided when all that came in was looked at. An answer that is being streamed may never
    /// end by itself, and ends here: the peer is taken for gone.
    mutating func peerEnded() -> Action {
        isPeerDone = true
        switch phase {
        case .lingering: return end(.closeWhenSent)
        case .streaming: return end(.close)
        case .preamble, .idle, .head, .body, .answering, .closed: return .none
        }
    }

    /// What followed the request was forgotten: finish the exchange at hand, start no other.
    mutating func pipelineDropped() {
        isLastExchange = true
    }

    /// The process was asked to stop: finish the exchange at hand, start no other.
    mutating func drainStarted() {
        isLastExchange = true
    }

    /// Stopping, and no request came any more: an idle connection closes.
    mutating func drainIdleEnded() -> Action {
        isLastExchange = true
        return phase == .idle || phase == .preamble ? end(.closeWhenSent) : .none
    }

    /// The present phase took longer than it may.
    mutating func deadlinePassed() -> Action {
        switch phase {
        case .preamble, .idle, .lingering: end(.close)
        case .head, .body: .refuse(.timeout)
        case .answering: .refuse(.unanswered)
        case .streaming, .closed: .none
        }
    }

    /// The transport failed, the peer doesn't read, or it sent too much after the last answer.
    mutating func failed() -> Action {
        phase == .closed ? .none : end(.close)
    }

    private mutating func endOurSide() -> Action {
        guard !isPeerDone else { return end(.closeWhenSent) }
        phase = .lingering
        isLastExchange = true
        return .linger
    }

    private mutating func end(_ action: Action) -> Action {
        phase = .closed
        return action
    }
}
