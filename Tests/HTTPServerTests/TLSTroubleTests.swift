import EventLoop
import GatewayTesting
import TLS
import TLSTesting
import Testing

@testable import HTTPServer

/// Clients that don't speak TLS, take their time with it, or don't read what they asked for.
@Suite struct TLSTroubleTests {
    /// Limits of which none is reached but those that a test makes short.
    @LoopActor
    private static func make(
        _ change: @LoopActor (inout HTTPLimits) -> Void
    ) throws -> ServerBench {
        try ServerBench.secured {
            $0.deadlineInterval = .milliseconds(5)
            change(&$0)
        }
    }

    /// How far a client goes that then says no more.
    enum Slowness: CaseIterable { case silent, half, dripping, unfinished }

    @Test(arguments: Slowness.allCases)
    func `a handshake has the time of a head in all`(_ slowness: Slowness) async throws {
        try await LoopFixture.run {
            let bench = try Self.make { $0.headDurationMax = .milliseconds(40) }
            // Taken before the connection is there, whose time begins then.
            let start = LoopActor.executor.now
            let client = try SecuredClient(bench)
            var hello = client.tls.proceed()[...]
            switch slowness {
            case .silent: break
            case .half: client.transport.receive(Array(hello.prefix(100)))
            // It is answered, and never finishes.
            case .unfinished: client.transport.receive(Array(hello))
            case .dripping: client.transport.receive([hello.removeFirst()])
            }
            var last = start
            try await LoopTurn.until {
                if slowness == .dripping, LoopActor.executor.now > last, hello.count > 1 {
                    last = LoopActor.executor.now
                    client.transport.receive([hello.removeFirst()])
                }
                return client.transport.isClosing
            }
            #expect(LoopActor.executor.now - start >= .milliseconds(35))
            #expect(bench.handshakes == [.timedOut: 1])
            bench.server.stop()
        }
    }

    @Test func `plain HTTP is told so, and let go once`() async throws {
        try await LoopFixture.run {
            let bench = try Self.make { $0.headDurationMax = .milliseconds(20) }
            bench.connect()
            bench.transport.receive("GET / HTTP/1.1\r\nHost: a\r\n\r\n")
            #expect(bench.transport.answers.map(\.status) == [400])
            #expect(bench.transport.answers[0].body.contains("https://"))
            #expect(bench.transport.isShut && bench.reported.isEmpty)
            bench.transport.receive("GET / HTTP/1.1\r\nHost: a\r\n\r\n")
            try await LoopTurn.until { bench.transport.isClosing }
            #expect(bench.transport.answers.count == 1)
            #expect(bench.handshakes == [.plainHTTP: 1])
            bench.server.stop()
        }
    }

    @Test func `who goes away during the handshake is counted as that`() async throws {
        try await LoopFixture.run {
            let bench = try ServerBench.secured(trusts: true)
            bench.connect()
            bench.transport.receiveEnd()
            #expect(bench.handshakes == [.left: 1])
            let ends = try SecuredClient(bench, after: Array("PROXY T".utf8))
            ends.transport.receiveEnd()
            let resets = try SecuredClient(bench)
            resets.transport.receive(resets.tls.proceed())
            resets.transport.receiveReset()
            #expect(ends.transport.isClosing && resets.transport.isClosing)
            #expect(bench.handshakes == [.left: 3])
            // Afterwards it is no handshake that ends.
            let open = try SecuredClient.met(bench)
            open.transport.receiveEnd()
            #expect(bench.handshakes == [.left: 3, .done: 1])
            bench.server.stop()
        }
    }

    @Test func `what is refused is counted by its reason, with an alert`() async throws {
        try await LoopFixture.run {
            let bench = try ServerBench.secured()
            @LoopActor func refused(
                _ outcome: HandshakeOutcome, _ configure: (TLSClient) -> Void
            ) throws {
                let before = bench.handshakes[outcome] ?? 0
                let client = try SecuredClient(bench, configure)
                client.exchange()
                #expect(bench.handshakes[outcome] == before + 1)
                #expect(client.transport.isClosing || client.transport.isShut)
                if outcome != .refusedByClient {
                    #expect(client.transport.written.first == 21)
                }
            }
            try refused(.version) { $0.speak(atMost: 0x0302) }
            try refused(.applicationProtocol) { $0.offer("\u{2}h2") }
            bench.server.tls = try TLSContext.test(clientAuthorities: TestCertificate.chain)
            bench.connect()
            bench.transport.receive([0x16, 3, 1, 0, 4, 9, 9, 9, 9])
            #expect(bench.handshakes[.malformed] == 1 && bench.transport.written.first == 21)
            #expect(bench.handshakes[.done] == nil)
            bench.server.stop()
        }
    }

    @Test func `a client that never reads is held up, then let go`() async throws {
        try await LoopFixture.run {
            let bench = try Self.make { $0.stalledDurationMax = .milliseconds(40) }
            let client = try SecuredClient.met(bench)
            client.transport.isStuck = true
            let before = client.transport.written.count
            for _ in 0..<20 { client.write("GET /big HTTP/1.1\r\nHost: a\r\n\r\n") }
            client.transport.receive(client.tls.proceed())
            let unread = client.transport.written.count - before
            // One answer beyond the bound at most, and what TLS adds to its records.
            let bound = bench.server.limits.unsentBytesMax
            #expect((100_000..<bound + 110_000).contains(unread), "\(unread)")
            #expect(!client.transport.isReading)
            let written = client.transport.written.count
            try await LoopTurn.until { client.transport.isClosing }
            // It would not read of the end, either.
            #expect(client.transport.written.count == written)
            bench.server.stop()
        }
    }

    @Test func `a client that reads late gets everything`() async throws {
        try await LoopFixture.run {
            let bench = try ServerBench.secured()
            let client = try SecuredClient.met(bench)
            client.transport.isStuck = true
            for _ in 0..<20 { client.write("GET /big HTTP/1.1\r\nHost: a\r\n\r\n") }
            client.transport.receive(client.tls.proceed())
            #expect(bench.reported.count < 20)
            try await LoopTurn.until {
                client.transport.drain()
                client.exchange()
                return client.answers.count == 20
            }
            #expect(client.answers.allSatisfy { $0.body.utf8.count == 100_000 })
            bench.server.stop()
        }
    }
}
