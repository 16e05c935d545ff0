import EventLoop
import GatewayTesting

/// One end of a stream that keeps what it is told.
@LoopActor
final class Peer: StreamDelegate {
    let stream: Stream
    var received: [UInt8] = []
    var hasEnded = false
    var errors: [UVError] = []
    var drainCount = 0
    var onRead: (@LoopActor () -> Void)?

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
        unsafe bytes.withUnsafeBytes { unsafe received.append(contentsOf: $0) }
        onRead?()
    }

    func streamReadEnded() { hasEnded = true }
    func streamFailed(_ error: UVError) { errors.append(error) }
    func streamDrained() { drainCount += 1 }
}

/// Two ends of one TCP connection, both reading.
@LoopActor
final class Pair {
    let client: Peer
    var server: Peer {
        guard let keptServer else { preconditionFailure("the server's end was released") }
        return keptServer
    }
    private var keptServer: Peer?
    private let listener: Listener

    init() async throws {
        listener = try Listener.tcp(host: "127.0.0.1", port: 0, backlog: 8)
        let accepted = Accepted()
        try listener.start { accepted.streams.append($0) }
        client = try await Peer.connect(to: listener.boundAddress)
        try await LoopTurn.until { !accepted.streams.isEmpty }
        keptServer = Peer(accepted.streams.removeFirst())
        try server.stream.startReading()
    }

    func releaseServer() { keptServer = nil }

    func close() {
        client.stream.close()
        keptServer?.stream.close()
        listener.close()
    }
}

/// What a listener handed over.
@LoopActor
final class Accepted {
    var streams: [Stream] = []
}

/// Bytes that show when they are out of place.
enum Pattern {
    static func bytes(_ count: Int) -> [UInt8] {
        (0..<count).map { UInt8(truncatingIfNeeded: $0 &* 31 &+ $0 >> 8) }
    }
}

/// Sends back whatever comes in.
@LoopActor
final class EchoServer {
    let listener: Listener
    private(set) var failures: [UVError] = []
    private var connections: [ObjectIdentifier: EchoConnection] = [:]

    var address: ListenAddress { listener.boundAddress }
    var openCount: Int { connections.count }

    init(_ listener: Listener? = nil) throws {
        self.listener = try listener ?? .tcp(host: "127.0.0.1", port: 0, backlog: 64)
        try self.listener.start { [unowned self] stream in
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
