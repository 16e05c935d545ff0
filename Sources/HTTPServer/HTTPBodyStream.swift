package import EventLoop

/// The content of an answer that is sent piece by piece, for as long as the peer reads.
///
/// Kept alive by its connection. The peer decides how fast it goes: write only while `isWritable`,
/// and go on in `onWritable`. A peer that reads nothing for `HTTPLimits.stalledDurationMax` is cut
/// off; one that ends its side of the connection is taken for gone.
@LoopActor
package final class HTTPBodyStream {
    private weak var connection: HTTPConnection?
    let isChunked: Bool
    let statusCode: Int
    /// Bytes of content so far.
    package private(set) var bytesWritten = 0
    /// Called once everything written was handed to the kernel, if there was more than it took.
    package var onWritable: (@LoopActor () -> Void)?
    /// Called once when the stream ends without `end()`: the peer is gone, or the server drains.
    package var onEnd: (@LoopActor () -> Void)?

    init(_ connection: HTTPConnection, isChunked: Bool, statusCode: Int) {
        self.connection = connection
        self.isChunked = isChunked
        self.statusCode = statusCode
    }

    /// Whether what is written can still reach the peer.
    package var isOpen: Bool { connection?.stream === self }

    /// Whether the kernel has taken all that was written.
    ///
    /// What is written all the same is queued, which is bounded by the writer alone.
    package var isWritable: Bool {
        guard let connection, isOpen else { return false }
        return connection.transport.writeQueueBytes == 0
    }

    /// Sends bytes; drops them once the stream has ended.
    ///
    /// May end the stream, when the peer is gone.
    package func write(_ bytes: Span<UInt8>) {
        guard bytes.count > 0, isOpen else { return }
        bytesWritten += bytes.count
        connection?.write(bytes, isChunked: isChunked)
    }

    /// Ends the content; the connection may go on with another request.
    package func end() {
        guard isOpen else { return }
        connection?.endStream()
    }
}
