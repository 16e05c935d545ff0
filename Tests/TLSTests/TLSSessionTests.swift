import TLSTesting
import Testing

@testable import TLS

@Suite struct TLSSessionTests {
    static let message = (0..<100_000).map { UInt8(truncatingIfNeeded: $0 &* 7) }

    @Test(arguments: [1, 7, 1000, Int.max])
    func `bytes arrive whole however the wire cuts them`(pieceMax: Int) throws {
        let pair = try TLSPair(try TLSContext.test())
        pair.exchange(pieceMax: pieceMax)
        #expect(pair.isEstablished)
        for start in stride(from: 0, to: Self.message.count, by: 16_000) {
            let piece = Self.message[start..<min(start + 16_000, Self.message.count)]
            #expect(pair.clientWrites(Array(piece)))
            #expect(pair.serverWrites(Array(piece)))
            pair.exchange(pieceMax: pieceMax)
        }
        #expect(pair.atServer == Self.message && pair.atClient == Self.message)
        pair.client.end()
        pair.exchange(pieceMax: pieceMax)
        #expect(pair.serverReading == .ended)
        // The other direction is still there.
        #expect(pair.serverWrites([1, 2, 3]))
        pair.server.end()
        pair.exchange(pieceMax: pieceMax)
        #expect(pair.atClient.suffix(3) == [1, 2, 3] && pair.clientReading == .ended)
    }

    @Test func `what is no hello fails with an alert`() throws {
        let pair = try TLSPair(try TLSContext.test())
        #expect(pair.serverReads([0x16, 3, 1, 0, 4, 9, 9, 9, 9]) == .failed(.malformed))
        #expect(pair.server.output().first == 21)
        #expect(!pair.serverWrites([1]))
    }

    @Test func `every cut of a hello waits for the rest`() throws {
        let context = try TLSContext.test()
        let hello = try TLSClient().proceed()
        for count in 1..<hello.count {
            #expect(try TLSPair(context).serverReads(Array(hello[..<count])) == .starved)
        }
    }

    @Test func `a changed record ends the session`() throws {
        let pair = try TLSPair(try TLSContext.test())
        pair.exchange()
        #expect(pair.clientWrites([1, 2, 3]))
        var record = pair.client.proceed()
        record[record.count - 1] ^= 1
        #expect(pair.serverReads(record) == .failed(.malformed))
    }

    @Test(arguments: [("\u{8}http/1.1", true), ("\u{2}h2", false), ("\u{2}h2\u{8}http/1.1", true)])
    func `only HTTP 1_1 is agreed on`(offer: String, isAgreed: Bool) throws {
        let pair = try TLSPair.met(try TLSContext.test()) {
            $0.offer(offer)
        }
        #expect(pair.isEstablished == isAgreed)
        #expect(pair.refusal == (isAgreed ? nil : .applicationProtocol))
    }

    @Test(arguments: [(0, true), (1, true), (2, false)])
    func `a ticket outlives one change of keys`(rotations: Int, isResumed: Bool) throws {
        let context = try TLSContext.test()
        let first = try TLSPair.met(context)
        for _ in 0..<rotations { #expect(context.rotateTicketKeys()) }
        let second = try TLSPair.met(context) {
            $0.resume(first.client)
        }
        #expect(second.isEstablished)
        #expect(second.client.isResumed == isResumed)
    }

    @Test func `files that don't fit are told apart`() throws {
        #expect(throws: TLSError.keyMismatch) {
            try TLSContext.test(key: TestCertificate.otherKey)
        }
        #expect(throws: TLSError.encryptedKey) {
            try TLSContext.test(key: TestCertificate.encryptedKey)
        }
        #expect(throws: TLSError.noKey) { try TLSContext.test(key: TestCertificate.chain) }
        #expect(throws: TLSError.noCertificate) {
            try TLSContext(certificates: [], key: Secret("x"), clientAuthorities: nil)
        }
        #expect(throws: TLSError.noAuthority) {
            try TLSContext(
                certificates: Array(TestCertificate.chain.utf8), key: Secret(TestCertificate.key),
                clientAuthorities: Array("none".utf8))
        }
        let context = try TLSContext.test()
        #expect(context.lifetime == .seconds(86_400 * 36_500))
        #expect(.seconds(86_400 * 365)..<context.lifetime ~= context.validity)
    }
}
