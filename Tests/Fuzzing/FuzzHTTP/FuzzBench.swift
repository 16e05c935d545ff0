import EventLoop
import FuzzDriver

@testable import HTTPServer

/// A server that takes every request there is, and keeps what it was handed.
@LoopActor
final class FuzzBench {
    let server: HTTPServer
    private let seen: Seen

    @LoopActor
    private final class Seen {
        var handled: [Handled] = []
    }

    init() {
        let seen = Seen()
        self.seen = seen
        var routes = HTTPRoutes()
        routes.addSync(nil, "/{path...}", bodyBytesMax: 1_000) { request, _ in
            seen.handled.append(Self.note(request))
            return HTTPResponse(.ok)
        }
        server = HTTPServer(routes: routes)
    }

    var faultCount: Int { server.faults.values.reduce(0, +) }

    func connect() -> WireTransport {
        let transport = WireTransport()
        server.accept(transport)
        return transport
    }

    func takeHandled() -> [Handled] {
        defer { seen.handled = [] }
        return seen.handled
    }

    /// Checks what no accepted request may have, and keeps the rest for comparison.
    private static func note(_ request: HTTPRequest) -> Handled {
        var (hosts, lengths, codings, identities) = (0, 0, 0, 0)
        request.head.forEachFieldBytes { name, value in
            promise(name.count > 0, "a field has a name")
            for index in name.indices { promise(name[index].isTokenByte, "a name is a token") }
            for index in value.indices {
                promise(value[index].isFieldValueByte, "a value has no control characters")
            }
            if name.spellsIgnoringCase("host") { hosts += 1 }
            if name.spellsIgnoringCase("content-length") { lengths += 1 }
            if name.spellsIgnoringCase("transfer-encoding") { codings += 1 }
            if name.spellsIgnoringCase("authorization") { identities += 1 }
        }
        promise(lengths + codings <= 1, "\(lengths) lengths and \(codings) codings")
        promise(hosts <= 1 && identities <= 1, "\(hosts) hosts and \(identities) identities")
        if lengths == 1 { promise(request.body.count == request.head.contentLength, "its length") }
        if lengths + codings == 0 { promise(request.body.isEmpty, "content that nobody announced") }
        promise(request.path.hasPrefix("/"), "a path begins with a slash")
        return Handled(head: request.head.storage.bytes, body: request.body)
    }
}

/// A transport without a socket.
@LoopActor
final class WireTransport: Transport {
    weak var delegate: (any StreamDelegate)?
    let peer = "198.51.100.7:1"
    let writeQueueBytes = 0
    private(set) var isClosing = false
    private(set) var written: [UInt8] = []
    private var isShut = false

    init() {}

    func startReading() throws(UVError) {}
    func stopReading() {}

    func write(
        _ head: borrowing Span<UInt8>, _ body: borrowing Span<UInt8>
    ) throws(UVError) {
        promise(!isShut && !isClosing, "nothing is written behind the last answer")
        unsafe head.withUnsafeBufferPointer { unsafe written.append(contentsOf: $0) }
        unsafe body.withUnsafeBufferPointer { unsafe written.append(contentsOf: $0) }
    }

    func shutdownWrite() { isShut = true }
    func close() { isClosing = true }

    func receive(_ bytes: [UInt8]) {
        guard !bytes.isEmpty, !isClosing else { return }
        unsafe delegate?.streamRead(bytes.span.bytes)
    }

    func receiveEnd() {
        if !isClosing { delegate?.streamReadEnded() }
    }
}
