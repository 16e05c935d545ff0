import EventLoop
import HTTPServer

/// A connection that can break off in place of an answer, as faults order.
///
/// Passes everything on to the stream until then. The server ends a connection that was cut by
/// itself, as it is told to close after the answer that nobody gets.
@LoopActor
final class TappedTransport: Transport {
    let peer: String
    private let stream: Stream
    private let onClose: @LoopActor (TappedTransport) -> Void
    private var isCut = false
    /// True once the server closed it, whatever became of the stream before.
    private(set) var isClosing = false

    /// How a connection breaks off.
    enum Cut {
        /// An ordinary end, without an answer.
        case end
        /// A reset.
        case reset
        /// Bytes that are no HTTP, then the end.
        case garbage
        /// The first half of an answer, then the end.
        case truncated
    }

    /// Wraps a stream.
    ///
    /// - Parameters:
    ///   - stream: What it breaks off.
    ///   - number: Tells it from other connections with the same peer, as Unix sockets have.
    ///   - onClose: Called once, when the server closes the connection.
    init(_ stream: Stream, number: Int, onClose: @escaping @LoopActor (TappedTransport) -> Void) {
        self.stream = stream
        peer = "\(stream.peer)#\(number)"
        self.onClose = onClose
    }

    var delegate: (any StreamDelegate)? {
        get { stream.delegate }
        set { stream.delegate = newValue }
    }

    var writeQueueBytes: Int { stream.writeQueueBytes }

    func startReading() throws(UVError) { try stream.startReading() }

    func stopReading() { stream.stopReading() }

    func write(_ head: borrowing Span<UInt8>, _ body: borrowing Span<UInt8>) throws(UVError) {
        guard !isCut else { return }
        try stream.write(head, body)
    }

    func shutdownWrite() { stream.shutdownWrite() }

    func close() {
        guard !isClosing else { return }
        isClosing = true
        stream.close()
        onClose(self)
    }

    /// Breaks off.
    func cut(_ cut: Cut) {
        isCut = true
        switch cut {
        case .end: stream.close()
        case .reset: stream.closeWithReset()
        case .garbage: end(with: [0x16, 0x03, 0x01, 0x00, 0xFF, 0x0A] + "NOT HTTP\n\n".utf8)
        case .truncated: end(with: Array(Self.halfAnswer.utf8))
        }
    }

    private static let halfAnswer = """
        HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length: 64\r\n\r\n\
        {"status": 20
        """

    private func end(with bytes: [UInt8]) {
        // Whoever is gone already has no use for it.
        try? stream.write(bytes.span)  // Closed next in any case.
        stream.shutdownWrite()
    }
}
