import GatewayTesting
import TLS

@testable import EventLoop
@testable import HTTPServer

/// A transport without a socket, which keeps what is written and says what a test tells it to.
@LoopActor
final class FakeTransport: Transport {
    weak var delegate: (any StreamDelegate)?
    let peer = "198.51.100.7:1"
    private(set) var isClosing = false
    private(set) var isShut = false
    private(set) var isReading = false
    private(set) var written: [UInt8] = []
    private(set) var writeCount = 0
    /// Bytes that the kernel is said not to have taken.
    var writeQueueBytes = 0
    /// How many of the next written bytes stay in the queue.
    var isStuck = false

    func startReading() throws(UVError) { isReading = true }
    func stopReading() { isReading = false }

    func write(
        _ head: borrowing Span<UInt8>, _ body: borrowing Span<UInt8>
    ) throws(UVError) {
        guard !isShut, !isClosing else { throw UVError(status: -32, operation: "write") }
        writeCount += 1
        for index in head.indices { written.append(head[index]) }
        for index in body.indices { written.append(body[index]) }
        if isStuck { writeQueueBytes += head.count + body.count }
    }

    func shutdownWrite() { isShut = true }
    func close() { isClosing = true }

    /// Lets the peer send.
    func receive(_ bytes: [UInt8]) {
        guard !bytes.isEmpty, !isClosing else { return }
        unsafe delegate?.streamRead(bytes.span.bytes)
    }

    func receive(_ text: String) { receive(Array(text.utf8)) }

    /// Lets the peer end its side.
    func receiveEnd() {
        if !isClosing { delegate?.streamReadEnded() }
    }

    /// Lets the peer reset the connection.
    func receiveReset() {
        if !isClosing { delegate?.streamFailed(UVError(status: -104, operation: "read")) }
    }

    /// Lets the kernel take everything.
    func drain() {
        isStuck = false
        writeQueueBytes = 0
        delegate?.streamDrained()
    }

    var answers: [RawAnswer] { RawAnswer.parse(written) }
}

/// An answer as it stands on the wire.
struct RawAnswer: Sendable, Equatable {
    var status: Int
    var fields: [String]
    var body: String

    func has(_ field: String) -> Bool { fields.contains(field) }

    /// Takes bytes apart; what isn't an answer becomes one with status -1.
    static func parse(_ bytes: [UInt8], toHead: Bool = false) -> [RawAnswer] {
        var answers: [RawAnswer] = []
        var rest = bytes[...]
        while !rest.isEmpty {
            let text = String(decoding: rest, as: UTF8.self)
            guard let end = rest.range(of: Array("\r\n\r\n".utf8)),
                text.hasPrefix("HTTP/1.1 "), let status = Int(text.dropFirst(9).prefix(3))
            else {
                answers.append(RawAnswer(status: -1, fields: [], body: text))
                break
            }
            let head = String(decoding: rest[..<end.lowerBound], as: UTF8.self)
            let fields = head.split(separator: "\r\n").dropFirst().map(String.init)
            let length =
                fields.first { $0.hasPrefix("Content-Length: ") }
                .flatMap { Int($0.dropFirst(16)) } ?? 0
            let bodyEnd = toHead ? end.upperBound : min(end.upperBound + length, rest.endIndex)
            answers.append(
                RawAnswer(
                    status: status, fields: fields,
                    body: String(decoding: rest[end.upperBound..<bodyEnd], as: UTF8.self)))
            rest = rest[bodyEnd...]
        }
        return answers
    }
}

extension ArraySlice<UInt8> {
    fileprivate func range(of part: [UInt8]) -> Range<Int>? {
        guard count >= part.count else { return nil }
        for start in startIndex...(endIndex - part.count) where self[start...].starts(with: part) {
            return start..<start + part.count
        }
        return nil
    }
}

/// A request that did not reach its handler, and why.
struct UnservedRequest: Equatable {
    let length: Int?
    let reason: HTTPUnserved
}

/// A server with a few routes, and connections to it without sockets.
@LoopActor
final class ServerBench {
    let server: HTTPServer
    private(set) var transport = FakeTransport()
    private(set) var exchanges: [HTTPExchange] = []
    /// Responders of requests to `/later`, oldest first.
    var waiting: [HTTPResponder] { later.responders }
    /// Streams of requests to `/stream`, oldest first.
    var streams: [HTTPBodyStream] { later.streams }
    private let later: Later

    @LoopActor
    final class Later {
        var responders: [HTTPResponder] = []
        var streams: [HTTPBodyStream] = []
        var bodies: [[UInt8]] = []
        var exchanges: [HTTPExchange] = []
        var unserved: [UnservedRequest] = []
    }

    init(
        trustedProxies: [AddressRange] = [], namesRequests: Bool = false,
        tls: TLSContext? = nil, _ change: (inout HTTPLimits) -> Void = { _ in }
    ) {
        var limits = HTTPLimits()
        change(&limits)
        let later = Later()
        self.later = later
        server = HTTPServer(
            routes: Self.routes(later), limits: limits, trustedProxies: trustedProxies,
            namesRequests: namesRequests
        ) {
            later.exchanges.append($0)
        }
        server.tls = tls
        // What a handshake came to is counted: a test connects as often as it wants to.
        if tls == nil { connect() }
    }

    var reported: [HTTPExchange] { later.exchanges }
    var bodiesSeen: [[UInt8]] { later.bodies }
    /// What `/echo` was told that it won't get.
    var unserved: [UnservedRequest] { later.unserved }

    /// Opens another connection, which `transport` shows from here on.
    func connect() {
        transport = FakeTransport()
        server.accept(transport)
    }

    private static func routes(_ later: Later) -> HTTPRoutes {
        var routes = HTTPRoutes()
        routes.addSync(.get, "/") { _, _ in .text(.ok, "root") }
        routes.addSync(.get, "/peer") { request, _ in .text(.ok, request.peer) }
        routes.addSync(.get, "/last") { _, _ in
            var response = HTTPResponse.text(.ok, "last")
            response.closesConnection = true
            return response
        }
        routes.addSync(.get, "/big") { _, _ in
            HTTPResponse(.ok, body: [UInt8](repeating: 120, count: 100_000))
        }
        routes.add(
            .post, "/echo", bodyBytesMax: 1_000,
            onUnserved: {
                later.unserved.append(UnservedRequest(length: $0.contentLength, reason: $2))
            },
            handler: { request, _, responder in
                later.bodies.append(request.body)
                responder.respond(
                    HTTPResponse(.ok, contentType: "text/plain", body: request.body))
            })
        routes.add(.get, "/later") { _, _, responder in later.responders.append(responder) }
        routes.add(.get, "/stream") { _, _, responder in
            let head = HTTPResponse(.ok, contentType: "text/plain")
            if let stream = responder.stream(head) { later.streams.append(stream) }
        }
        routes.addAsync(.get, "/task") { _, _ in
            await Task.yield()
            return .text(.ok, "task")
        }
        routes.addSync(
            .post, "/guarded", bodyBytesMax: 10,
            onHead: { head, _ in
                guard head.field("authorization") == "Bearer good" else {
                    return .refuse(HTTPResponse.problem(.unauthorized, code: "unauthorized"))
                }
                return .proceed(bodyBytesMax: 20)
            },
            handler: { request, _ in HTTPResponse(.ok, body: request.body) })
        return routes
    }
}
