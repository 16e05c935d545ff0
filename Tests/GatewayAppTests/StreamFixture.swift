import Alerts
import EventLoop
import HTTPServer
import Synchronization
import TLS

@testable import GatewayApp

/// A feed that says what a test tells it to.
actor ScriptedFeed: ChangeFeed {
    private var numbers: [String: Int64] = [:]
    private var newest: Int64
    private var failures = 0
    private var isHeld = false
    private var held: CheckedContinuation<Void, Never>?
    private(set) var queries: [ChangeQuery] = []
    private nonisolated let hook = Mutex<(@Sendable () -> Void)?>(nil)

    init(newest: Int64 = 0) { self.newest = newest }

    nonisolated var isListenedTo: Bool { hook.withLock { $0 != nil } }

    /// Changes the alerts called so, one after the other.
    func change(_ names: String...) {
        for name in names {
            newest += 1
            numbers[name] = newest
        }
        hook.withLock { $0 }?()
    }

    /// Lets numbers pass that nobody hears of.
    func pass(_ count: Int64) {
        newest += count
        hook.withLock { $0 }?()
    }

    func fail(_ count: Int) { failures = count }

    func latestChange() throws(StoreError) -> Int64 {
        try failIfTold()
        return newest
    }

    /// Holds the next answer back, which tells what there was when it was asked for.
    func hold() { isHeld = true }

    func letGo() {
        isHeld = false
        held?.resume()
        held = nil
    }

    func changes(_ query: ChangeQuery) async throws(StoreError) -> ChangePage {
        queries.append(query)
        try failIfTold()
        let page = page(query)
        if isHeld { await withCheckedContinuation { held = $0 } }
        return page
    }

    private func page(_ query: ChangeQuery) -> ChangePage {
        let changed = numbers.filter { $0.value > query.after }.sorted { $0.value < $1.value }
        let found = changed.prefix(query.limit).map { name, number in
            Change(number: number, subject: .alert(.init(alert: Self.alert(name))))
        }
        return ChangePage(
            query, settled: newest, newest: newest, query.kinds.contains(.alert) ? [found] : [])
    }

    nonisolated func onChange(_ body: (@Sendable () -> Void)?) {
        hook.withLock { $0 = body }
    }

    private func failIfTold() throws(StoreError) {
        guard failures > 0 else { return }
        failures -= 1
        throw StoreError(.busy, "Told to.")
    }

    static func alert(_ name: String) -> Alert {
        Alert(
            id: AlertID(name), sourceID: SourceID("src_1"), incidentID: name, status: .firing,
            createdAt: DirectorySamples.now)
    }
}

/// The other end of a stream, without a socket.
@LoopActor
final class StreamPeer: Transport {
    weak var delegate: (any StreamDelegate)?
    let peer = "198.51.100.7:1"
    private(set) var isClosing = false
    private(set) var writtenCounts: [Int] = []
    private(set) var written: [UInt8] = []
    private(set) var writeQueueBytes = 0
    var isStuck = false

    func startReading() {}
    func stopReading() {}
    func shutdownWrite() {}
    func close() { isClosing = true }

    func write(_ head: borrowing Span<UInt8>, _ body: borrowing Span<UInt8>) {
        writtenCounts.append(head.count + body.count)
        for index in head.indices { written.append(head[index]) }
        for index in body.indices { written.append(body[index]) }
        if isStuck { writeQueueBytes += head.count + body.count }
    }

    func send(_ text: String) {
        let bytes = Array(text.utf8)
        unsafe delegate?.streamRead(bytes.span.bytes)
    }

    func leave() { delegate?.streamReadEnded() }

    func drain() {
        isStuck = false
        writeQueueBytes = 0
        delegate?.streamDrained()
    }

    var text: String { String(decoding: written, as: UTF8.self) }

    /// The status of the answer.
    var status: Int? { Int(text.dropFirst(9).prefix(3)) }

    /// What came as lines of the stream, those that frame chunks left out.
    var lines: [Substring] {
        // A chunk begins and ends with line ends of its own.
        text.split(whereSeparator: \.isNewline).filter { line in
            ["id: ", "event: ", "data: ", "retry: ", ": "].contains { line.hasPrefix($0) }
        }
    }

    /// The events as `id kind name`, and positions as `id`.
    var events: [String] {
        var events: [String] = []
        for line in lines {
            if line.hasPrefix("id: ") { events.append(String(line.dropFirst(4))) }
            guard !events.isEmpty else { continue }
            if line.hasPrefix("event: ") { events[events.count - 1] += " \(line.dropFirst(7))" }
            if line.hasPrefix("data: ") {
                let words = line.split(separator: "\"")
                if words.count > 3 { events[events.count - 1] += " \(words[3])" }
            }
        }
        return events
    }
}

/// A server with nothing but the live stream.
@LoopActor
final class StreamBench {
    let feed: ScriptedFeed
    let hub: ChangeHub
    let server: HTTPServer

    init(_ feed: ScriptedFeed, heartbeat: Duration = .seconds(15)) {
        self.feed = feed
        var pace = ChangeHub.Pace()
        pace.interval = .milliseconds(5)
        pace.retry = .milliseconds(20)
        pace.heartbeat = heartbeat
        hub = ChangeHub(feed: feed, pace: pace)
        var admin = AdminRoutes(
            HTTPRoutes(), authenticator: AdminAuthenticator(token: Secret("token-of-a-test")))
        StreamRoute(hub: hub).add(to: &admin)
        server = HTTPServer(routes: admin.routes)
    }

    /// Asks for the stream on a connection of its own.
    func open(
        _ query: String = "", lastEventID: String? = nil, token: String = "token-of-a-test",
        method: String = "GET"
    ) -> StreamPeer {
        let peer = StreamPeer()
        server.accept(peer)
        let field = lastEventID.map { "Last-Event-ID: \($0)\r\n" } ?? ""
        peer.send(
            """
            \(method) /v1/stream\(query) HTTP/1.1\r\nHost: a\r\n\
            Authorization: Bearer \(token)\r\n\(field)\r\n
            """)
        return peer
    }
}
