import EventLoop

/// One end of a stream that keeps what it is told.
@LoopActor
final class Peer: StreamDelegate {
    let stream: Stream
    var received: [UInt8] = []
    var hasEnded = false
    var errors: [UVError] = []
    var drainCount = 0

    init(_ stream: Stream) {
        self.stream = stream
        stream.delegate = self
    }

    static func connect(to address: ListenAddress) async throws -> Peer {
        let peer = Peer(try await Stream.connect(to: address, deadline: .seconds(5)))
        try peer.stream.startReading()
        return peer
    }

    func streamRead(_ bytes: RawSpan) {
        for index in bytes.byteOffsets {
            received.append(unsafe bytes.unsafeLoad(fromByteOffset: index, as: UInt8.self))
        }
    }

    func streamReadEnded() { hasEnded = true }
    func streamFailed(_ error: UVError) { errors.append(error) }
    func streamDrained() { drainCount += 1 }
}

/// Sends back whatever comes in.
@LoopActor
final class EchoServer {
    let listener: Listener
    private(set) var failures: [UVError] = []
    private var connections: [ObjectIdentifier: EchoConnection] = [:]

    var address: ListenAddress { listener.boundAddress }
    var openCount: Int { connections.count }

    init() throws {
        listener = try Listener.tcp(host: "127.0.0.1", port: 0, backlog: 64)
        try listener.start { [unowned self] stream in
            let connection = EchoConnection(stream) { [unowned self] connection, error in
                if let error { failures.append(error) }
                connections[ObjectIdentifier(connection)] = nil
            }
            connections[ObjectIdentifier(connection)] = connection
        }
    }

    func close() {
        listener.close()
        connections = [:]
    }
}

/// One connection of an `EchoServer`.
@LoopActor
final class EchoConnection: StreamDelegate {
    private let stream: Stream
    private let onEnd: @LoopActor (EchoConnection, UVError?) -> Void

    init(_ stream: Stream, _ onEnd: @escaping @LoopActor (EchoConnection, UVError?) -> Void) {
        self.stream = stream
        self.onEnd = onEnd
        stream.delegate = self
        do throws(UVError) { try stream.startReading() } catch { end(error) }
    }

    func streamRead(_ bytes: RawSpan) {
        do throws(UVError) { try stream.write(bytes) } catch { end(error) }
    }

    func streamReadEnded() { end(nil) }
    func streamFailed(_ error: UVError) { end(error) }
    func streamDrained() {}

    private func end(_ error: UVError?) {
        stream.close()
        onEnd(self, error)
    }
}
