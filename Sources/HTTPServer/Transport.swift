package import EventLoop

/// What a connection asks of the stream below it; plain TCP is one, TLS over a stream another.
///
/// The delegate hears of decrypted bytes, and never from inside a call to the transport.
@LoopActor
package protocol Transport: AnyObject {
    /// Who is told of bytes, end and failure; held weakly.
    var delegate: (any StreamDelegate)? { get set }
    /// The other end, for logs.
    var peer: String { get }
    /// Bytes written that the kernel has not taken yet.
    var writeQueueBytes: Int { get }
    /// Whether no request can come yet, as the two ends still agree on how to speak.
    var isHandshaking: Bool { get }
    /// True once `close` was called.
    var isClosing: Bool { get }
    func startReading() throws(UVError)
    func stopReading()
    /// Sends head and body, or queues what doesn't go at once.
    func write(_ head: borrowing Span<UInt8>, _ body: borrowing Span<UInt8>) throws(UVError)
    /// Ends our side once everything queued is sent; reading goes on.
    func shutdownWrite()
    /// Closes for good; the delegate hears nothing more.
    func close()
}

extension Transport {
    /// Never, where bytes are what they are.
    package var isHandshaking: Bool { false }
}

extension Stream: Transport {}
