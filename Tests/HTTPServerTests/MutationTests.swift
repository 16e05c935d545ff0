import EventLoop
import GatewayTesting
import Testing

@testable import HTTPServer

/// Feeds requests that were damaged at random, from a fixed seed.
@Suite struct MutationTests {
    private static let whole = [
        "GET / HTTP/1.1\r\nHost: a\r\n\r\n",
        "POST /echo HTTP/1.1\r\nHost: a\r\nContent-Length: 5\r\nX: y\r\n\r\nhello",
        "POST /echo HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n"
            + "5;a=b\r\nhello\r\n0\r\nX: y\r\n\r\n",
        "OPTIONS * HTTP/1.1\r\nHost: [::1]:80\r\nConnection: close\r\n\r\n",
        "GET http://a.b/?c=%20 HTTP/1.0\r\nConnection: keep-alive\r\n\r\n",
    ].map { Array($0.utf8) }

    private static let telling: [UInt8] =
        Array("\r\n\0\t :;,/*?#0123456789abcGET\u{7f}".utf8) + [0x80, 0xff]

    private func damaged(_ generator: inout Generator) -> [UInt8] {
        var bytes: [UInt8] = []
        for _ in 0..<Int.random(in: 1...3, using: &generator) {
            bytes += Self.whole.randomElement(using: &generator) ?? []
        }
        for _ in 0..<Int.random(in: 1...4, using: &generator) where !bytes.isEmpty {
            let place = Int.random(in: 0..<bytes.count, using: &generator)
            let byte = Self.telling.randomElement(using: &generator) ?? 0
            switch Int.random(in: 0..<5, using: &generator) {
            case 0: bytes[place] = byte
            case 1: bytes.insert(byte, at: place)
            case 2: bytes.remove(at: place)
            case 3: bytes.removeSubrange(place..<min(bytes.count, place + 5))
            default: bytes.insert(contentsOf: bytes[place...].prefix(8), at: place)
            }
        }
        return bytes
    }

    @Test func `damaged requests get answers below 500, the same however they are cut`()
        async throws
    {
        try await LoopFixture.run(deadline: .seconds(60)) {
            var generator = Generator(state: 20_260_101)
            let bench = ServerBench()
            for _ in 0..<3_000 {
                let bytes = self.damaged(&generator)
                bench.connect()
                let atOnce = bench.transport
                atOnce.receive(bytes)
                atOnce.receiveEnd()
                bench.connect()
                let inPieces = bench.transport
                var rest = bytes[...]
                while !rest.isEmpty {
                    let count = Int.random(in: 1...9, using: &generator)
                    inPieces.receive(Array(rest.prefix(count)))
                    rest = rest.dropFirst(count)
                }
                inPieces.receiveEnd()
                let statuses = atOnce.answers.map(\.status)
                let text = String(decoding: bytes, as: UTF8.self)
                #expect(
                    statuses.allSatisfy { (200..<500).contains($0) }, "\(text.debugDescription)")
                // Content that comes with the head of a refused request is skipped; in pieces it
                // isn't here yet, and the refusal is the last answer.
                let fewer = inPieces.answers.map(\.status)
                #expect(statuses.starts(with: fewer), "\(text.debugDescription)")
                #expect(
                    statuses == fewer || [204, 404, 405].contains(fewer.last),
                    "\(text.debugDescription)")
                #expect(atOnce.isClosing && inPieces.isClosing, "\(text.debugDescription)")
            }
            #expect(bench.server.faults[.disagreement, default: 0] == 0)
            bench.server.stop()
        }
    }
}
