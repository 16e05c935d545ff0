import EventLoop
import GatewayTesting

/// A raw client on a real socket.
@LoopActor
final class HTTPProbe: StreamDelegate {
    let stream: Stream
    private(set) var received: [UInt8] = []
    private(set) var hasEnded = false
    private(set) var failure: UVError?

    init(_ stream: Stream, reads: Bool = true) throws {
        self.stream = stream
        stream.delegate = self
        if reads { try stream.startReading() }
    }

    static func connect(to address: ListenAddress, reads: Bool = true) async throws -> HTTPProbe {
        try HTTPProbe(
            try await Stream.connect(to: address, deadline: .seconds(5)), reads: reads)
    }

    func send(_ text: String) throws {
        try stream.write(Array(text.utf8).span)
    }

    /// Waits for so many whole answers.
    func answers(_ count: Int) async throws -> [RawAnswer] {
        try await LoopTurn.until { RawAnswer.parse(self.received).count >= count }
        return RawAnswer.parse(received)
    }

    /// Waits until the server closes, and gives what it sent.
    func answersUntilEnd() async throws -> [RawAnswer] {
        try await LoopTurn.until { self.hasEnded || self.failure != nil }
        return RawAnswer.parse(received)
    }

    func streamRead(_ bytes: RawSpan) {
        unsafe bytes.withUnsafeBytes { unsafe received.append(contentsOf: $0) }
    }

    func streamReadEnded() { hasEnded = true }
    func streamFailed(_ error: UVError) { failure = error }
    func streamDrained() {}
}
