import EventLoop

/// A request as the server saw it.
struct SeenRequest: Sendable {
    var head: String
    var body: [UInt8]

    var line: String { String(head.prefix { $0 != "\r\n" }) }

    /// The lines of a field of that name, as they came.
    func fields(_ name: String) -> [String] {
        head.split(separator: "\r\n").map(String.init).filter {
            $0.lowercased().hasPrefix(name.lowercased() + ":")
        }
    }
}

/// What the server does with a request.
enum Reaction: Sendable {
    /// Sends these bytes and keeps the connection.
    case answer(String)
    /// Sends these bytes and closes in good order.
    case answerAndClose(String)
    /// Resets the connection.
    case reset
    /// Does nothing at all.
    case silence

    static func ok(_ body: String = "") -> Reaction {
        .answer("HTTP/1.1 200 OK\r\nContent-Length: \(body.utf8.count)\r\n\r\n\(body)")
    }
}

/// A server that does as it is told, request by request.
@LoopActor
final class ScriptedServer {
    private(set) var requests: [SeenRequest] = []
    private(set) var connectionCount = 0
    private let listener: Listener
    private let react: @LoopActor (SeenRequest) -> Reaction
    private var connections: [ObjectIdentifier: ScriptedConnection] = [:]

    var url: String { "http://\(listener.boundAddress)" }
    var openCount: Int { connections.count }

    init(
        _ listener: Listener? = nil, _ react: @escaping @LoopActor (SeenRequest) -> Reaction
    ) throws {
        self.react = react
        self.listener = try listener ?? .tcp(host: "127.0.0.1", port: 0, backlog: 256)
        try self.listener.start { [unowned self] stream in
            connectionCount += 1
            let connection = ScriptedConnection(stream, self)
            connections[ObjectIdentifier(connection)] = connection
        }
    }

    /// Answers every request with the next of `reactions`, and the last one from then on.
    convenience init(_ reactions: Reaction...) throws {
        var left = reactions
        try self.init { _ in left.count > 1 ? left.removeFirst() : left[0] }
    }

    func close() {
        listener.close()
        connections = [:]
    }

    fileprivate func reaction(to request: SeenRequest) -> Reaction {
        requests.append(request)
        return react(request)
    }

    fileprivate func ended(_ connection: ScriptedConnection) {
        connections[ObjectIdentifier(connection)] = nil
    }
}

/// One connection of a `ScriptedServer`.
@LoopActor
private final class ScriptedConnection: StreamDelegate {
    private let stream: Stream
    private unowned let server: ScriptedServer
    private var received: [UInt8] = []

    init(_ stream: Stream, _ server: ScriptedServer) {
        self.stream = stream
        self.server = server
        stream.delegate = self
        do throws(UVError) { try stream.startReading() } catch { end() }
    }

    func streamRead(_ bytes: RawSpan) {
        unsafe bytes.withUnsafeBytes { unsafe received.append(contentsOf: $0) }
        while !stream.isClosing, let request = nextRequest() {
            switch server.reaction(to: request) {
            case .answer(let text): send(text)
            case .answerAndClose(let text):
                send(text)
                stream.shutdownWrite()
            case .reset:
                stream.closeWithReset()
                end()
            case .silence: break
            }
        }
    }

    func streamReadEnded() { end() }
    func streamFailed(_ error: UVError) { end() }
    func streamDrained() {}

    private func send(_ text: String) {
        do throws(UVError) { try stream.write(Array(text.utf8).span) } catch { end() }
    }

    private func end() {
        stream.close()
        server.ended(self)
    }

    private func nextRequest() -> SeenRequest? {
        let end: [UInt8] = [13, 10, 13, 10]
        guard let gap = received.firstRange(of: end) else { return nil }
        let head = String(decoding: received[..<gap.lowerBound], as: UTF8.self)
        var request = SeenRequest(head: head, body: [])
        let length = request.fields("content-length").first?.split(separator: " ").last
        let bodyCount = length.flatMap { Int($0) } ?? 0
        guard received.count >= gap.upperBound + bodyCount else { return nil }
        request.body = Array(received[gap.upperBound..<gap.upperBound + bodyCount])
        received.removeFirst(gap.upperBound + bodyCount)
        return request
    }
}
