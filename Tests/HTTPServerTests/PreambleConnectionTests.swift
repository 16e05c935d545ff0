import EventLoop
import GatewayTesting
import Testing

@testable import HTTPServer

/// PROXY preambles on the connections of a server that trusts the fake transport's peer, or not.
@Suite struct PreambleConnectionTests {
    private static let request = Array("GET /peer HTTP/1.1\r\nHost: a\r\n\r\n".utf8)
    private static let itself = "198.51.100.7:1"

    @LoopActor
    private static func trusting(_ change: (inout HTTPLimits) -> Void = { _ in }) -> ServerBench {
        ServerBench(trustedProxies: ["198.51.100.0/24"].compactMap { AddressRange($0) }, change)
    }

    @Test(arguments: Preambles.good.indices)
    func `requests behind a preamble come from whom it names`(index: Int) async throws {
        let (preamble, source) = Preambles.good[index]
        let bytes = preamble + Self.request + Self.request
        try await LoopFixture.run {
            let bench = Self.trusting()
            for cut in 0...min(bytes.count, 300) {
                bench.connect()
                bench.transport.receive(Array(bytes[..<cut]))
                bench.transport.receive(Array(bytes[cut...]))
                let expected = source ?? Self.itself
                #expect(bench.transport.answers.map(\.body) == [expected, expected])
                #expect(bench.reported.last?.peer == expected)
                #expect(!bench.transport.isClosing && !bench.transport.isShut)
            }
            bench.connect()
            for byte in bytes { bench.transport.receive([byte]) }
            #expect(bench.transport.answers.count == 2)
            bench.server.stop()
        }
    }

    @Test(arguments: Preambles.bad.indices)
    func `a malformed preamble is closed without an answer`(index: Int) async throws {
        let bytes = Preambles.bad[index] + Self.request
        try await LoopFixture.run {
            let bench = Self.trusting()
            for cut in 0...min(bytes.count, 300) {
                bench.connect()
                bench.transport.receive(Array(bytes[..<cut]))
                bench.transport.receive(Array(bytes[cut...]))
                #expect(bench.transport.written.isEmpty && bench.transport.isClosing)
                #expect(bench.server.preamblesRefused == cut + 1)
            }
            bench.server.stop()
        }
    }

    @Test(arguments: Preambles.good.indices)
    func `from others a preamble is no request`(index: Int) async throws {
        try await LoopFixture.run {
            for other in ["10.0.0.0/8", ""] {
                let bench = ServerBench(
                    trustedProxies: [AddressRange(other)].compactMap { $0 })
                bench.transport.receive(Preambles.good[index].bytes + Self.request)
                #expect(bench.transport.answers.map(\.status) == [400])
                #expect(bench.transport.isShut)
                bench.server.stop()
            }
        }
    }

    @Test func `a trusted proxy may leave the preamble out`() async throws {
        try await LoopFixture.run {
            for path in ["/peer", "/"] {
                let request = "GET \(path) HTTP/1.1\r\nHost: a\r\n\r\n"
                for cut in 0...request.utf8.count {
                    let bench = Self.trusting()
                    bench.transport.receive(Array(request.utf8.prefix(cut)))
                    bench.transport.receive(Array(request.utf8.dropFirst(cut)))
                    #expect(bench.transport.answers.map(\.status) == [200])
                    bench.server.stop()
                }
            }
            for text in [
                "PUT /echo HTTP/1.1\r\nHost: a\r\n\r\n", "PRI * HTTP/2.0\r\n\r\n", "P\r\n",
            ] {
                let (bench, plain) = (Self.trusting(), ServerBench())
                for byte in text.utf8 {
                    bench.transport.receive([byte])
                    plain.transport.receive([byte])
                }
                #expect(
                    bench.transport.answers.map(\.status) == plain.transport.answers.map(\.status))
                #expect(bench.transport.answers.count == 1)
                bench.server.stop()
                plain.server.stop()
            }
        }
    }

    @Test func `a preamble is believed at the start only`() async throws {
        try await LoopFixture.run {
            let preamble = Preambles.good[0].bytes
            let bench = Self.trusting()
            bench.transport.receive(Self.request + preamble + Self.request)
            #expect(bench.transport.answers.map(\.status) == [200, 400])
            bench.connect()
            bench.transport.receive(preamble + preamble + Self.request)
            #expect(bench.transport.answers.map(\.status) == [400])
            bench.server.stop()
        }
    }

    @Test(arguments: ["PROXY TCP4 192.0.2.7", "\r\n\r\n\0\r\nQUIT\n\u{21}", "PR"])
    func `an end within a preamble ends the connection`(text: String) async throws {
        try await LoopFixture.run {
            let bench = Self.trusting()
            bench.transport.receive(text)
            bench.transport.receiveEnd()
            #expect(bench.transport.written.isEmpty && bench.transport.isClosing)
            #expect(bench.server.connectionsOpen == 0)
            bench.server.stop()
        }
    }

    @Test func `a check that says nothing is let go`() async throws {
        try await LoopFixture.run {
            let bench = Self.trusting()
            bench.transport.receiveEnd()
            #expect(bench.transport.written.isEmpty && bench.transport.isClosing)
            bench.server.stop()
        }
    }

    @Test func `a preamble has the time of a head, however it drips in`() async throws {
        try await LoopFixture.run {
            let bench = Self.trusting {
                $0.deadlineInterval = .milliseconds(5)
                $0.headDurationMax = .milliseconds(30)
            }
            bench.transport.receive(Preambles.version2(0x21, 0x11, [], length: 4_080))
            var last = LoopActor.executor.now
            try await LoopTurn.until {
                if LoopActor.executor.now > last {
                    last = LoopActor.executor.now
                    bench.transport.receive("x")
                }
                return bench.transport.isClosing
            }
            #expect(bench.transport.written.isEmpty)
            #expect(bench.server.preamblesRefused == 0)
            bench.server.stop()
        }
    }

    @Test func `before its first byte it has the time of an idle connection`() async throws {
        try await LoopFixture.run {
            let bench = Self.trusting {
                $0.deadlineInterval = .milliseconds(5)
                $0.headDurationMax = .milliseconds(1)
                $0.idleDurationMax = .milliseconds(60)
            }
            let start = LoopActor.executor.now
            try await LoopTurn.until { bench.transport.isClosing }
            #expect(LoopActor.executor.now - start >= .milliseconds(55))
            bench.server.stop()
        }
    }

    @Test func `unfinished preambles count as heads`() async throws {
        try await LoopFixture.run {
            let bench = Self.trusting { $0.headBytesInAllMax = 100 }
            let first = bench.transport
            first.receive(Preambles.version2(0x21, 0x11, [], length: 200))
            first.receive([UInt8](repeating: 1, count: 60))
            #expect(bench.server.headBytes == 76)
            bench.connect()
            bench.transport.receive("PROXY UNKNOWN and so on and so forth")
            #expect(bench.transport.isClosing && bench.transport.written.isEmpty)
            #expect(!first.isClosing)
            first.receive([UInt8](repeating: 1, count: 140) + Self.request)
            #expect(first.answers.map(\.body) == ["1.1.1.1:257"])
            #expect(bench.server.headBytes == 0)
            bench.server.stop()
        }
    }

    @Test func `a drain lets go of connections that never said anything`() async throws {
        try await LoopFixture.run {
            let bench = Self.trusting { $0.drainIdleDuration = .milliseconds(20) }
            await bench.server.drain(deadline: .seconds(5))
            #expect(bench.transport.isClosing)
        }
    }
}
