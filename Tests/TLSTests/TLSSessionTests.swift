import Testing

@testable import TLS

@Suite struct TLSSessionTests {
    static let message = (0..<100_000).map { UInt8(truncatingIfNeeded: $0 &* 7) }

    @Test(arguments: [1, 7, 1000, Int.max])
    func `bytes arrive whole however the wire cuts them`(pieceMax: Int) throws {
        let pair = try TLSPair(try TLSPair.context())
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
        let pair = try TLSPair(try TLSPair.context())
        #expect(pair.serverReads([0x16, 3, 1, 0, 4, 9, 9, 9, 9]) == .failed)
        #expect(pair.takeFromServer().first == 21)
        #expect(!pair.serverWrites([1]))
    }

    @Test func `every cut of a hello waits for the rest`() throws {
        let context = try TLSPair.context()
        let hello = try TLSPair(context).readClient()
        for count in 1..<hello.count {
            #expect(try TLSPair(context).serverReads(Array(hello[..<count])) == .starved)
        }
    }

    @Test func `a changed record ends the session`() throws {
        let pair = try TLSPair(try TLSPair.context())
        pair.exchange()
        #expect(pair.clientWrites([1, 2, 3]))
        var record = pair.readClient()
        record[record.count - 1] ^= 1
        #expect(pair.serverReads(record) == .failed)
    }

    @Test(arguments: [("\u{8}http/1.1", true), ("\u{2}h2", false), ("\u{2}h2\u{8}http/1.1", true)])
    func `only HTTP 1_1 is agreed on`(offer: String, isAgreed: Bool) throws {
        let pair = try TLSPair(try TLSPair.context(), offering: Array(offer.utf8))
        pair.exchange()
        #expect(pair.isEstablished == isAgreed)
        #expect((pair.serverReading == .failed) == !isAgreed)
    }

    @Test(arguments: [(0, true), (1, true), (2, false)])
    func `a ticket outlives one change of keys`(rotations: Int, isResumed: Bool) throws {
        let context = try TLSPair.context()
        let first = try TLSPair(context)
        first.exchange()
        for _ in 0..<rotations { #expect(context.rotateTicketKeys()) }
        let second = try TLSPair(context, resuming: first)
        second.exchange()
        #expect(second.isEstablished)
        #expect(second.isResumed == isResumed)
    }

    @Test func `files that don't fit are told apart`() throws {
        #expect(throws: TLSError.keyMismatch) {
            try TLSPair.context(key: TestCertificate.otherKey)
        }
        #expect(throws: TLSError.encryptedKey) {
            try TLSPair.context(key: TestCertificate.encryptedKey)
        }
        #expect(throws: TLSError.noKey) { try TLSPair.context(key: TestCertificate.chain) }
        #expect(throws: TLSError.noCertificate) {
            try TLSContext(certificates: [], key: Secret("x"), clientAuthorities: nil)
        }
        #expect(throws: TLSError.noAuthority) {
            try TLSContext(
                certificates: Array(TestCertificate.chain.utf8), key: Secret(TestCertificate.key),
                clientAuthorities: Array("none".utf8))
        }
        #expect(try TLSPair.context().validity > .seconds(86_400 * 365))
    }
}
