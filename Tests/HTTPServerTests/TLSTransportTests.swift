import EventLoop
import GatewayTesting
import TLS
import TLSTesting
import Testing

@testable import HTTPServer

@Suite struct TLSTransportTests {
    private static let request = "GET /peer HTTP/1.1\r\nHost: a\r\n\r\n"
    private static let itself = "198.51.100.7:1"

    @Test(arguments: [1, 7, 1_000, Int.max])
    func `requests and answers are whole however records and reads cut them`(
        pieceMax: Int
    ) async throws {
        try await LoopFixture.run {
            let bench = try ServerBench.secured()
            let client = try SecuredClient.met(bench)
            let body = String(repeating: "0123456789", count: 90)
            let text = "POST /echo HTTP/1.1\r\nHost: a\r\nContent-Length: 900\r\n\r\n" + body
            for character in text { client.write(String(character)) }
            client.send(Self.request, pieceMax: pieceMax)
            #expect(client.answers.map(\.body) == [body, Self.itself])
            client.send("GET /big HTTP/1.1\r\nHost: a\r\n\r\n")
            #expect(client.answers.last?.body.utf8.count == 100_000)
            #expect(bench.handshakes == [.done: 1])
            bench.server.stop()
        }
    }

    @Test(arguments: Preambles.good.indices)
    func `a trusted proxy's preamble stands before the handshake`(index: Int) async throws {
        let (preamble, source) = Preambles.good[index]
        try await LoopFixture.run {
            let bench = try ServerBench.secured(trusts: true)
            let cuts = [0, 1, preamble.count - 1, preamble.count, preamble.count + 1]
            for cut in cuts {
                let client = try SecuredClient(bench)
                // The hello comes in with the preamble's end, as a proxy may well send it.
                let bytes = preamble + client.tls.proceed()
                client.transport.receive(Array(bytes[..<cut]))
                client.transport.receive(Array(bytes[cut...]))
                client.exchange()
                client.send(Self.request)
                client.send(Self.request)
                let expected = source ?? Self.itself
                #expect(client.answers.map(\.body) == [expected, expected])
                #expect(bench.reported.last?.peer == expected)
            }
            #expect(bench.handshakes == [.done: cuts.count])
            bench.server.stop()
        }
    }

    @Test(arguments: Preambles.bad.indices)
    func `a malformed preamble ends the connection without a word`(index: Int) async throws {
        try await LoopFixture.run {
            let bench = try ServerBench.secured(trusts: true)
            let client = try SecuredClient.met(bench, after: Preambles.bad[index])
            #expect(client.transport.written.isEmpty && client.transport.isClosing)
            #expect(bench.handshakes == [.malformed: 1] && bench.server.preamblesRefused == 1)
            bench.server.stop()
        }
    }

    @Test func `from others a preamble is none, and within TLS it is no request`() async throws {
        try await LoopFixture.run {
            let preamble = Preambles.good[0].bytes
            let plain = try ServerBench.secured()
            let stranger = try SecuredClient.met(plain, after: preamble)
            #expect(!stranger.tls.isEstablished && plain.handshakes[.done] == nil)
            plain.server.stop()
            let bench = try ServerBench.secured(trusts: true)
            let client = try SecuredClient.met(bench)
            client.send(String(decoding: preamble, as: UTF8.self) + Self.request)
            #expect(client.answers.map(\.status) == [400])
            bench.server.stop()
        }
    }

    @Test func `a client that says that it sends no more still gets its answer`() async throws {
        try await LoopFixture.run {
            let bench = try ServerBench.secured()
            let client = try SecuredClient.met(bench)
            client.write("GET /later HTTP/1.1\r\nHost: a\r\n\r\n")
            client.tls.end()
            client.exchange()
            #expect(client.answers.isEmpty && !client.transport.isClosing)
            bench.waiting[0].respond(.text(.ok, "late"))
            client.exchange()
            #expect(client.answers.map(\.body) == ["late"])
            // And is told in turn that there is no more.
            #expect(client.tls.reading == .ended && client.transport.isClosing)
            // What comes after its end is nobody's.
            client.transport.receive("GET / HTTP/1.1\r\nHost: a\r\n\r\n")
            #expect(bench.reported.count == 1)
            bench.server.stop()
        }
    }

    @Test func `an end within a request is no request`() async throws {
        try await LoopFixture.run {
            let bench = try ServerBench.secured()
            for says in [true, false] {
                let client = try SecuredClient.met(bench)
                client.write("POST /echo HTTP/1.1\r\nHost: a\r\nContent-Length: 900\r\n\r\nxyz")
                if says { client.tls.end() }
                client.exchange()
                if !says { client.transport.receiveEnd() }
                #expect(client.transport.isClosing || client.transport.isShut)
            }
            #expect(bench.bodiesSeen.isEmpty)
            #expect(bench.unserved.map(\.reason) == [.truncated, .truncated])
            bench.server.stop()
        }
    }

    @Test func `a broken record ends the connection, and is no handshake`() async throws {
        try await LoopFixture.run {
            let bench = try ServerBench.secured()
            let client = try SecuredClient.met(bench)
            client.write(Self.request)
            var record = client.tls.proceed()
            record[record.count - 1] ^= 1
            client.transport.receive(record)
            #expect(bench.reported.isEmpty && client.transport.isClosing)
            #expect(bench.handshakes == [.done: 1])
            bench.server.stop()
        }
    }

    @Test func `a stop is told to clients that read`() async throws {
        try await LoopFixture.run {
            let bench = try ServerBench.secured { $0.drainIdleDuration = .milliseconds(20) }
            let idle = try SecuredClient.met(bench)
            let busy = try SecuredClient.met(bench)
            busy.send("GET /later HTTP/1.1\r\nHost: a\r\n\r\n")
            let handshaking = try SecuredClient(bench)
            let drained = LoopActor.spawn { await bench.server.drain(deadline: .seconds(5)) }
            try await LoopTurn.until { idle.transport.isShut || idle.transport.isClosing }
            idle.exchange()
            #expect(idle.tls.reading == .ended)
            bench.waiting[0].respond(.text(.ok, "late"))
            busy.exchange()
            #expect(busy.answers.map(\.body) == ["late"] && busy.tls.reading == .ended)
            #expect(busy.answers[0].has("Connection: close"))
            for client in [idle, busy, handshaking] { client.transport.receiveEnd() }
            await drained.value
            #expect(bench.handshakes == [.done: 2, .left: 1])
        }
    }
}
