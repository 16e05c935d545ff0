import EventLoop

/// One peer's connection: feeds `ConnectionState` with what happens and carries out what it says.
///
/// Kept alive by the server until it is closed. All work is done inside the call that brought the
/// bytes or the answer; what is to be sent collects in one buffer and is written once at its end.
@LoopActor
final class HTTPConnection: StreamDelegate, ResponseSink {
    let transport: any Transport
    let server: HTTPServer
    /// Who a trusted proxy said that it speaks for.
    var proxiedPeer: String?
    /// Whether the other end is a proxy whose word is believed.
    let isOfTrustedProxy: Bool
    /// Where the server's list has this connection.
    var slot = 0

    var state: ConnectionState
    var scanner: HeadScanner
    /// Bytes that came in and wait: an unfinished head, or what follows a request in progress.
    var inbound: [UInt8] = []
    /// What this turn is going to send; empty between turns.
    var outbound: [UInt8] = []
    /// Carried out once what was collected is written.
    var actionAfterTurn = ConnectionState.Action.none
    private var isInTurn = false
    /// `consume` is on the stack.
    var isConsuming = false
    private var isReading = true

    /// Counts requests, so that a late answer can't go to another request.
    var exchange: UInt64 = 0
    var head: HeadStorage?
    var reader: MessageReader?
    var route: HTTPRoute?
    var parameters = RouteParameters()
    /// The answer's content while it is sent piece by piece.
    var stream: HTTPBodyStream?
    var bodyBytesMax = 0
    var exchangeStart = Duration.zero

    /// When the present phase began, by the loop's clock.
    var phaseStart: Duration
    /// When the last bytes of a body came in.
    var lastBodyByte = Duration.zero
    var lingeredBytes = 0
    /// Too much is unsent: no request is taken until it is gone.
    var isBlocked = false
    /// What the kernel had not taken at the last look; 0 while it takes everything.
    var unsentBytes = 0 {
        didSet { server.unsentBytes += unsentBytes - oldValue }
    }
    var unsentSince = Duration.zero
    /// Content that its handler has.
    var handledBytes = 0
    /// What this connection adds to `HTTPServer.headBytes`.
    var accountedHead = 0
    /// What it adds to `HTTPServer.pipelinedBytes`.
    var accountedPipelined = 0
    /// What it adds to `HTTPServer.smallBodiesBytes`.
    var accountedBody = 0
    /// What it adds to `HTTPServer.largeBodiesBytes`; 0 unless its request's body is a large one.
    var largeBodyBytes = 0

    init(
        _ transport: any Transport, server: HTTPServer, isOfTrustedProxy: Bool,
        mayBeginWithPreamble: Bool
    ) {
        self.transport = transport
        self.server = server
        self.isOfTrustedProxy = isOfTrustedProxy
        state = ConnectionState(mayBeginWithPreamble: mayBeginWithPreamble)
        scanner = HeadScanner(limits: server.limits)
        phaseStart = LoopActor.executor.now
    }

    /// The other end, as far as a trusted proxy tells of it.
    var peer: String { proxiedPeer ?? transport.peer }

    func streamRead(_ bytes: RawSpan) {
        turn {
            unsafe bytes.withUnsafeBytes { raw in
                take(unsafe Span(_unsafeBytes: raw))
            }
        }
    }

    func streamReadEnded() {
        turn {
            act(state.peerEnded())
            takeHeld()
        }
    }

    func streamFailed(_: UVError) {
        if state.phase == .body { tellUnserved(.truncated) }
        act(state.failed())
    }

    func streamDrained() {
        unsentBytes = 0
        if state.phase == .closed { return close() }
        // The peer's time to react runs from when it could have read everything.
        if state.phase == .lingering || state.phase == .idle {
            phaseStart = LoopActor.executor.now
        }
        if isBlocked {
            isBlocked = false
            turn { takeHeld() }
        }
        stream?.onWritable?()
    }

    /// Runs `body`, then writes what it collected; inside another turn, that one writes.
    func turn(_ body: () -> Void) {
        guard !isInTurn else { return body() }
        isInTurn = true
        outbound = server.takeBuffer()
        body()
        accountForMemory()
        flush()
        server.giveBack(&outbound)
        isInTurn = false
        let action = actionAfterTurn
        actionAfterTurn = .none
        finish(action)
        updateReading()
    }

    /// Writes what was collected, and a body behind it that is too long to copy there.
    func flush(_ body: Span<UInt8> = Span()) {
        guard outbound.count + body.count > 0, !transport.isClosing else { return }
        do throws(UVError) {
            try transport.write(outbound.span, body)
        } catch {
            act(state.failed())
        }
        outbound.removeAll(keepingCapacity: true)
        let queued = transport.writeQueueBytes
        guard queued > 0 else { return }
        if unsentBytes == 0 { unsentSince = LoopActor.executor.now }
        unsentBytes = queued
        isBlocked = queued > server.limits.unsentBytesMax || server.isUnsentFull
    }

    /// Carries out an action; those that end the connection wait for the turn's bytes.
    func act(_ action: ConnectionState.Action) {
        switch action {
        case .none, .readOn: return
        case .refuse(let refusal): refuse(refusal)
        case .linger, .closeWhenSent:
            if isInTurn { actionAfterTurn = action } else { finish(action) }
        case .close: close()
        }
    }

    private func finish(_ action: ConnectionState.Action) {
        switch action {
        case .linger:
            phaseStart = LoopActor.executor.now
            transport.shutdownWrite()
        case .closeWhenSent:
            if transport.writeQueueBytes == 0 { close() }
        case .none, .readOn, .refuse, .close: return
        }
    }

    /// Lets the peer wait while there is more than can be dealt with.
    private func updateReading() {
        let isWithHandler = state.phase == .answering || state.phase == .streaming
        let isFull = isWithHandler && inbound.count > server.limits.pipelinedBytesMax
        let wantsToRead = !isBlocked && !isFull && !state.isPeerDone
        guard state.phase != .closed, wantsToRead != isReading else { return }
        isReading = wantsToRead
        guard wantsToRead else { return transport.stopReading() }
        do throws(UVError) {
            try transport.startReading()
        } catch {
            act(state.failed())
        }
    }

    /// Closes and forgets everything; answers that come later are dropped.
    func close() {
        guard !transport.isClosing else { return }
        _ = state.failed()
        transport.close()
        let stream = self.stream.take()
        if let stream { report(stream.statusCode, stream.bytesWritten) }
        releaseMessage()
        forgetMemory()
        server.remove(self)
        stream?.onEnd?()
    }
}
