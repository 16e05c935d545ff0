import COpenSSL
import TLSTesting
import Testing

@testable import TLS

@Suite struct TLSClientCertificateTests {
    private static let chain = TestCertificate.chain

    /// A client that shows the certificate that is its own authority here.
    private static func met(
        _ context: TLSContext, more: Int = 0, resuming other: TLSPair? = nil
    ) throws -> TLSPair {
        try TLSPair.met(context) {
            $0.show(chain, key: TestCertificate.key, more: more)
            if let other { $0.resume(other.client) }
        }
    }

    @Test(arguments: [TLS1_2_VERSION, TLS1_3_VERSION])
    func `who shows none, or a stranger's, is not let in`(version: CInt) throws {
        let context = try TLSContext.test(clientAuthorities: Self.chain)
        #expect(context.asksForCertificate)
        let without = try TLSPair.met(context) {
            $0.speak(atMost: version)
        }
        #expect(!without.server.isEstablished && without.refusal == .clientCertificate)
        let stranger = try TLSPair.met(context) {
            $0.speak(atMost: version)
            $0.show(TestCertificate.strangersChain, key: TestCertificate.strangersKey)
        }
        #expect(!stranger.server.isEstablished && stranger.refusal == .clientCertificate)
        #expect(try Self.met(context).isEstablished)
    }

    @Test func `who was let in may come back`() throws {
        let context = try TLSContext.test(clientAuthorities: Self.chain)
        let second = try Self.met(context, resuming: try Self.met(context))
        #expect(second.isEstablished && second.client.isResumed)
    }

    @Test func `certificates have a bound`() throws {
        let context = try TLSContext.test(clientAuthorities: Self.chain)
        // Some 390 bytes each.
        #expect(try Self.met(context, more: 70).isEstablished)
        let flooding = try Self.met(context, more: 100)
        #expect(!flooding.server.isEstablished && flooding.refusal == .malformed)
    }

    @Test func `a hello has a bound`() throws {
        // A handshake message of type 1 that announces 131,584 bytes.
        let pair = try TLSPair(try TLSContext.test())
        #expect(
            pair.serverReads([0x16, 3, 1, 0, 4, 1, 0x02, 0x02, 0x00]) == .failed(.malformed))
    }

    @Test func `a client that gives up says so`() throws {
        let pair = try TLSPair.met(try TLSContext.test()) {
            // Trusts nobody.
            unsafe SSL_set_verify($0.handle, SSL_VERIFY_PEER, nil)
        }
        #expect(!pair.server.isEstablished && pair.refusal == .refusedByClient)
    }
}
