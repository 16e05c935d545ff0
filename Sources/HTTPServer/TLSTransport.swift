import EventLoop
import TLS

/// TLS over a stream: encrypts what a connection sends, and tells it what was decrypted.
///
/// Kept alive by its connection, and keeps the stream below alive. What came in at once is handed
/// over at once, so that a connection that stops reading has no more to hold than without TLS.
/// Memory: the session's, some 20 KB at rest; what is encrypted lies in pieces of one record.
@LoopActor
final class TLSTransport: Transport, StreamDelegate {
    weak var delegate: (any StreamDelegate)?
    /// The client that a trusted proxy named in front of the handshake, else the other end.
    private(set) var peer: String

    private let lower: any Transport
    private let session: TLSSession
    private let server: HTTPServer
    private var phase: Phase
    /// A preamble that is not whole.
    private var held: [UInt8] = []

    private enum Phase {
        /// A trusted proxy's word about its client, or a hello at once.
        case preamble
        /// Nothing of the handshake came in.
        case start
        case handshake
        case open
        /// The peer sends no more; we do.
        case peerEnded
        /// Nothing that comes in counts any more.
        case over
    }

    /// Speaks TLS over `lower`, which it owns from here on.
    ///
    /// - Throws: When memory runs out.
    init(
        _ lower: any Transport, _ context: TLSContext, server: HTTPServer,
        mayBeginWithPreamble: Bool
    ) throws(TLSError) {
        session = try TLSSession(context)
        self.lower = lower
        self.server = server
        peer = lower.peer
        phase = mayBeginWithPreamble ? .preamble : .start
        lower.delegate = self
    }

    var isHandshaking: Bool {
        switch phase {
        case .preamble, .start, .handshake, .over: true
        case .open, .peerEnded: false
        }
    }

    var writeQueueBytes: Int { lower.writeQueueBytes }
    var isClosing: Bool { lower.isClosing }
    func startReading() throws(UVError) { try lower.startReading() }
    func stopReading() { lower.stopReading() }

    func write(
        _ head: borrowing Span<UInt8>, _ body: borrowing Span<UInt8>
    ) throws(UVError) {
        try encrypt(head)
        try encrypt(body)
        try flush()
    }

    func shutdownWrite() {
        session.end()
        flushIfPossible()
        lower.shutdownWrite()
    }

    func close() {
        endHandshake(server.isDraining ? .left : .timedOut)
        // A peer that doesn't read is not told.
        if phase != .over, !lower.isClosing, lower.writeQueueBytes == 0 {
            session.end()
            flushIfPossible()
        }
        lower.close()
    }

    // What the stream tells.

    func streamRead(_ bytes: RawSpan) {
        unsafe bytes.withUnsafeBytes { raw in
            take(unsafe Span(_unsafeBytes: raw))
        }
    }

    func streamReadEnded() {
        switch phase {
        case .preamble, .start, .handshake, .over:
            endHandshake(.left)
            fail()
        case .open:
            // Without close_notify a message may be cut; its own length shows that.
            phase = .peerEnded
            delegate?.streamReadEnded()
        case .peerEnded: return
        }
    }

    func streamFailed(_ error: UVError) {
        endHandshake(.left)
        delegate?.streamFailed(error)
    }

    func streamDrained() {
        if !isHandshaking { delegate?.streamDrained() }
    }

    // What came in.

    private func take(_ bytes: Span<UInt8>) {
        switch phase {
        case .preamble: takePreamble(bytes)
        case .start:
            guard bytes.count > 0 else { return }
            // No record of TLS begins with a letter, and every request does.
            guard !(0x41...0x5A).contains(bytes[0]) else { return refusePlain() }
            phase = .handshake
            decrypt(bytes)
        case .handshake, .open: decrypt(bytes)
        case .peerEnded, .over: return
        }
    }

    private func takePreamble(_ bytes: Span<UInt8>) {
        for index in bytes.indices { held.append(bytes[index]) }
        let bytesMax = server.limits.proxyPreambleBytesMax
        switch ProxyPreamble.read(held.span, bytesMax: bytesMax) {
        case .unfinished: return
        case .malformed:
            server.preamblesRefused += 1
            endHandshake(.malformed)
            fail()
        case .absent: takeRest(from: 0)
        case .whole(let preamble):
            if let source = preamble.source { peer = source }
            takeRest(from: preamble.length)
        }
    }

    private func takeRest(from start: Int) {
        let bytes = held
        held = []
        phase = .start
        take(bytes.span.extracting(start...))
    }

    /// Tells somebody who speaks plain HTTP, in plain HTTP, what to do.
    private func refusePlain() {
        endHandshake(.plainHTTP)
        do throws(UVError) {
            try lower.write(Self.plainAnswer.span, Span())
        } catch {
            return fail()
        }
        // The rest of the request is dropped until the peer closes or the handshake's time is up.
        lower.shutdownWrite()
    }

    private static let plainAnswer: [UInt8] = {
        let text = "This port speaks TLS; use https:// here.\n"
        let head =
            "HTTP/1.1 400 Bad Request\r\nConnection: close\r\nContent-Type: text/plain\r\n"
            + "Content-Length: \(text.utf8.count)\r\n\r\n"
        return Array((head + text).utf8)
    }()

    private func decrypt(_ bytes: Span<UInt8>) {
        var room = server.takePlainBuffer()
        defer { server.givePlainBuffer(&room) }
        var filled = 0
        var offset = 0
        while offset < bytes.count {
            let end = min(offset + TLSLimits.chunkBytes, bytes.count)
            session.receive(bytes.extracting(offset..<end))
            offset = end
            var reading = TLSSession.Reading.bytes(0)
            while case .bytes = reading {
                reading = session.read(into: &room, at: filled)
                if case .bytes(let count) = reading { filled += count }
                guard filled == room.count else { continue }
                // More than came in at once: the rest of a record from before.
                guard deliver(room, filled) else { return }
                filled = 0
            }
            guard reading == .starved else { return settle(reading, room, filled) }
        }
        settle(.starved, room, filled)
    }

    private func settle(_ reading: TLSSession.Reading, _ room: [UInt8], _ filled: Int) {
        if phase == .handshake, session.isEstablished {
            phase = .open
            server.handshakes[HandshakeOutcome.done.rawValue] += 1
        }
        if case .failed(let reason) = reading { endHandshake(reason) }
        flushIfPossible()
        guard deliver(room, filled) else { return }
        switch reading {
        case .bytes, .starved: return
        case .ended:
            guard phase == .open else { return fail() }
            phase = .peerEnded
            delegate?.streamReadEnded()
        case .failed: fail()
        }
    }

    /// - Returns: False when the connection was closed meanwhile.
    private func deliver(_ room: [UInt8], _ count: Int) -> Bool {
        if count > 0 { unsafe delegate?.streamRead(room.span.bytes.extracting(0..<count)) }
        return !lower.isClosing
    }

    /// Counts what a handshake that is not done came to; nothing afterwards counts any more.
    private func endHandshake(_ outcome: HandshakeOutcome) {
        switch phase {
        case .preamble, .start, .handshake:
            phase = .over
            server.handshakes[outcome.rawValue] += 1
        case .open, .peerEnded, .over: return
        }
    }

    private func fail() {
        phase = .over
        delegate?.streamFailed(.protocolError("TLS"))
    }

    // What goes out.

    private func encrypt(_ bytes: borrowing Span<UInt8>) throws(UVError) {
        var offset = 0
        while offset < bytes.count {
            let end = min(offset + TLSLimits.chunkBytes, bytes.count)
            guard session.write(bytes.extracting(offset..<end)) else {
                throw .protocolError("SSL_write_ex")
            }
            // What is encrypted goes before more is; the last piece may have company.
            if end < bytes.count { try flush() }
            offset = end
        }
    }

    private func flush() throws(UVError) {
        let lower = lower
        try session.takeOutput { (bytes) throws(UVError) in try lower.write(bytes, Span()) }
    }

    private func flushIfPossible() {
        do throws(UVError) {
            try flush()
        } catch {
            // A peer that is gone; reading says so as well.
        }
    }
}
