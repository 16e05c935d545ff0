package import EventLoop
package import TLS

/// An HTTP/1.1 server on the loop.
///
/// Kept alive by its owner and by its open connections; ended by `drain` or `stop`.
@LoopActor
package final class HTTPServer {
    /// Every bound.
    package let limits: HTTPLimits
    /// Connections that are open.
    package var connectionsOpen: Int { connections.count }
    /// Requests whose head was read, since the start.
    package private(set) var requestsTotal = 0
    /// Requests that couldn't be read, since the start, by what was wrong with them.
    package private(set) var faults: [HeadFault: Int] = [:]
    /// Connections closed for a broken PROXY preamble, since the start.
    package var preamblesRefused = 0

    /// TLS handshakes since the start, each `HandshakeOutcome` at its own place.
    package internal(set) var handshakes = [Int](
        repeating: 0, count: HandshakeOutcome.allCases.count)
    /// What TLS is served with, to connections that come from now on; nil for none.
    package var tls: TLSContext?

    let routes: HTTPRoutes
    private let trustedProxies: [AddressRange]
    private var requestIDs: RequestIDs?
    let onExchange: (@LoopActor (HTTPExchange) -> Void)?
    let pool = RequestPool()
    private var encoder = ResponseEncoder()
    private var encoderTime = Duration.seconds(-1)
    private var spareBuffer: [UInt8] = []
    private var plainBuffer: [UInt8] = []
    var connections: [HTTPConnection] = []
    /// Unfinished heads; bounded by `HTTPLimits.headBytesInAllMax`.
    var headBytes = 0
    /// What waits behind other requests; bounded by `HTTPLimits.pipelinedBytesInAllMax`.
    var pipelinedBytes = 0
    /// Bodies that are no large ones; bounded by `HTTPLimits.smallBodiesBytesMax`.
    var smallBodiesBytes = 0
    /// Large bodies, as announced or as read; bounded by `HTTPLimits.largeBodiesBytesMax`.
    var largeBodiesBytes = 0
    /// What peers have not read; bounded by `HTTPLimits.unsentBytesInAllMax`.
    var unsentBytes = 0
    private var listeners: [Listener] = []
    private var isAccepting = true
    private(set) var isDraining = false
    private let sweep = Timer()
    var onEmpty: (@LoopActor () -> Void)?

    /// Puts a server together; it serves once it has a listener.
    ///
    /// - Parameters:
    ///   - routes: Who answers what.
    ///   - limits: Every bound.
    ///   - trustedProxies: Who may say in a PROXY preamble for whom a connection is.
    ///   - namesRequests: Whether requests get ids, which their answers carry in `X-Request-Id`;
    ///     one that a trusted proxy sent is kept.
    ///   - onExchange: Called after each answer, inside the turn that sends it.
    package init(
        routes: HTTPRoutes,
        limits: HTTPLimits = HTTPLimits(),
        trustedProxies: [AddressRange] = [],
        namesRequests: Bool = false,
        onExchange: (@LoopActor (HTTPExchange) -> Void)? = nil
    ) {
        precondition(limits.fieldsMax <= HeadTable.fieldsMax, "the parser's table is smaller")
        self.routes = routes
        self.limits = limits
        self.trustedProxies = trustedProxies
        requestIDs = namesRequests ? RequestIDs() : nil
        self.onExchange = onExchange
    }

    /// Serves the connections of a listener, which it owns from here on.
    ///
    /// - Throws: What `Listener.start` throws.
    package func serve(_ listener: Listener) throws(UVError) {
        try listener.start { [weak self] stream in self?.accept(stream) }
        listeners.append(listener)
        if !isAccepting { listener.pause() }
    }

    /// Serves one connection, which it owns from here on.
    package func accept(_ transport: any Transport) {
        guard !isDraining else { return transport.close() }
        let isTrusted = isTrustedProxy(transport.peer)
        guard let tls else {
            return accept(transport, isTrusted: isTrusted, mayBeginWithPreamble: isTrusted)
        }
        do throws(TLSError) {
            // A preamble stands before the handshake.
            let secured = try TLSTransport(
                transport, tls, server: self, mayBeginWithPreamble: isTrusted)
            accept(secured, isTrusted: isTrusted, mayBeginWithPreamble: false)
        } catch {
            transport.close()  // No memory for it.
        }
    }

    private func accept(
        _ transport: any Transport, isTrusted: Bool, mayBeginWithPreamble: Bool
    ) {
        let connection = HTTPConnection(
            transport, server: self, isOfTrustedProxy: isTrusted,
            mayBeginWithPreamble: mayBeginWithPreamble)
        transport.delegate = connection
        do throws(UVError) {
            try transport.startReading()
        } catch {
            return transport.close()  // The peer is gone again.
        }
        connection.slot = connections.count
        connections.append(connection)
        if connections.count == 1 { scheduleSweep() }
        // Those beyond wait in the kernel's backlog and are served when there is room.
        if connections.count >= limits.connectionsMax { setAccepting(false) }
    }

    private func isTrustedProxy(_ peer: String) -> Bool {
        guard !trustedProxies.isEmpty else { return false }
        let address = IPAddress.withoutPort(peer)
        return trustedProxies.contains { $0.contains(address) }
    }

    /// Closes everything at once; answers that come later are dropped.
    package func stop() {
        closeListeners()
        isDraining = true
        while let connection = connections.last { connection.close() }
    }

    func remove(_ connection: HTTPConnection) {
        guard let last = connections.popLast() else { return }
        if last !== connection {
            connections[connection.slot] = last
            last.slot = connection.slot
        }
        if connections.count < limits.connectionsMax { setAccepting(true) }
        guard connections.isEmpty else { return }
        sweep.stop()
        onEmpty?()
    }

    func closeListeners() {
        for listener in listeners { listener.close() }
        listeners = []
    }

    func startDraining() {
        isDraining = true
        closeListeners()
    }

    func requestStarted() { requestsTotal += 1 }

    /// Gives a request its id, or takes over the one that a trusted proxy gave it.
    func name(_ storage: HeadStorage, isOfTrustedProxy: Bool) {
        guard requestIDs != nil else { return }
        if isOfTrustedProxy, let range = storage.value(of: "x-request-id") {
            let bytes = storage.bytes
            if RequestIDs.isWellFormed(bytes.span.extracting(range)) {
                storage.requestID = String(decoding: bytes[range], as: UTF8.self)
                return
            }
        }
        storage.requestID = requestIDs?.next() ?? ""
    }

    func requestRefused(_ fault: HeadFault) { faults[fault, default: 0] += 1 }

    func encode(
        _ response: HTTPResponse, _ framing: ResponseEncoder.Framing, to bytes: inout [UInt8]
    ) {
        // The loop's clock stands still within a turn, and so may the date.
        let now = LoopActor.executor.now
        if now != encoderTime {
            encoderTime = now
            encoder.setTime(SystemClock.wallMilliseconds())
        }
        encoder.appendHead(response, framing, to: &bytes)
    }

    /// Lends the one buffer that answers collect in; an answer from inside another connection's
    /// turn gets a fresh one.
    func takeBuffer() -> [UInt8] {
        defer { spareBuffer = [] }
        return spareBuffer
    }

    func giveBack(_ buffer: inout [UInt8]) {
        // A buffer that one long answer made large isn't kept.
        if buffer.capacity <= 262_144 { spareBuffer = buffer }
        buffer = []
    }

    /// Lends the one buffer that all TLS sessions decrypt into: what one read brings in, and the
    /// rest of a record from before.
    func takePlainBuffer() -> [UInt8] {
        defer { plainBuffer = [] }
        guard plainBuffer.isEmpty else { return plainBuffer }
        return [UInt8](repeating: 0, count: LoopLimits.readBufferBytes + TLSLimits.chunkBytes)
    }

    func givePlainBuffer(_ buffer: inout [UInt8]) {
        plainBuffer = buffer
        buffer = []
    }

    private func setAccepting(_ accepting: Bool) {
        guard accepting != isAccepting else { return }
        isAccepting = accepting
        for listener in listeners { accepting ? listener.resume() : listener.pause() }
    }

    private func scheduleSweep() {
        sweep.start(after: limits.deadlineInterval) { [unowned self] in
            let now = LoopActor.executor.now
            // From the end, as a connection that closes is replaced by the last one.
            var index = connections.count
            while index > 0 {
                index -= 1
                if index < connections.count { connections[index].checkDeadlines(now) }
            }
            if !connections.isEmpty { scheduleSweep() }
        }
    }
}
