import COpenSSL
import TLSTesting
import Testing

@testable import TLS

/// Mozilla's intermediate policy, each of its parts by itself: what distributions compile into
/// OpenSSL, or write into its configuration, may be stricter and hides what the gateway sets.
@Suite struct TLSPolicyTests {
    @Test(arguments: [TLS1_VERSION, TLS1_1_VERSION])
    func `older versions are refused`(version: CInt) throws {
        let context = try TLSContext.test()
        let pair = try TLSPair.met(context) {
            $0.speak(atMost: version)
        }
        #expect(!pair.isEstablished && pair.refusal == .version)
        #expect(Self.setting(context, SSL_CTRL_GET_MIN_PROTO_VERSION) == Int(TLS1_2_VERSION))
        #expect(Self.setting(context, SSL_CTRL_GET_MAX_PROTO_VERSION) == Int(TLS1_3_VERSION))
    }

    @Test(arguments: [
        ("ECDHE-ECDSA-AES128-GCM-SHA256", true), ("ECDHE-ECDSA-AES256-GCM-SHA384", true),
        ("ECDHE-ECDSA-CHACHA20-POLY1305", true), ("ECDHE-ECDSA-AES128-SHA256", false),
        ("ECDHE-ECDSA-AES256-SHA", false), ("ECDHE-ECDSA-AES128-CCM", false),
    ])
    func `forward secrecy and authenticated encryption only`(
        cipher: String, isKnown: Bool
    ) throws {
        let pair = try TLSPair.met(try TLSContext.test()) {
            $0.speak(atMost: TLS1_2_VERSION)
            #expect(unsafe SSL_set_cipher_list($0.handle, cipher) == 1)
        }
        #expect(pair.isEstablished == isKnown)
        #expect(pair.refusal == (isKnown ? nil : .cipher))
        if isKnown { #expect(pair.client.cipher == cipher) }
    }

    @Test func `the list of cipher suites is this one`() throws {
        let context = try TLSContext.test()
        let all = unsafe SSL_CTX_get_ciphers(context.raw)
        let names = (0..<(unsafe OPENSSL_sk_num(all))).compactMap { index -> String? in
            guard let cipher = unsafe OPENSSL_sk_value(all, index),
                let name = unsafe SSL_CIPHER_get_name(OpaquePointer(cipher))
            else { return nil }
            return unsafe String(cString: name)
        }
        #expect(
            Set(names) == [
                "TLS_AES_128_GCM_SHA256", "TLS_AES_256_GCM_SHA384",
                "TLS_CHACHA20_POLY1305_SHA256", "ECDHE-ECDSA-AES128-GCM-SHA256",
                "ECDHE-RSA-AES128-GCM-SHA256", "ECDHE-ECDSA-AES256-GCM-SHA384",
                "ECDHE-RSA-AES256-GCM-SHA384", "ECDHE-ECDSA-CHACHA20-POLY1305",
                "ECDHE-RSA-CHACHA20-POLY1305",
            ])
    }

    @Test(arguments: ["ECDHE-ECDSA-AES256-GCM-SHA384", "ECDHE-ECDSA-CHACHA20-POLY1305"])
    func `the client's order among them counts`(first: String) throws {
        let pair = try TLSPair.met(try TLSContext.test()) {
            $0.speak(atMost: TLS1_2_VERSION)
            _ = unsafe SSL_set_cipher_list($0.handle, first + ":ECDHE-ECDSA-AES128-GCM-SHA256")
        }
        #expect(pair.client.cipher == first)
    }

    @Test(arguments: [("X25519", true), ("P-256", true), ("P-384", true), ("P-521", false)])
    func `three groups are known`(group: String, isKnown: Bool) throws {
        let pair = try TLSPair.met(try TLSContext.test()) { client in
            _ = unsafe group.withCString {
                unsafe SSL_ctrl(
                    client.handle, SSL_CTRL_SET_GROUPS_LIST, 0,
                    UnsafeMutableRawPointer(mutating: $0))
            }
        }
        #expect(pair.isEstablished == isKnown)
        #expect(pair.refusal == (isKnown ? nil : .cipher))
    }

    @Test func `nothing is negotiated again`() throws {
        let context = try TLSContext.test()
        let pair = try TLSPair.met(context) {
            $0.speak(atMost: TLS1_2_VERSION)
        }
        #expect(unsafe SSL_renegotiate(pair.client.handle) == 1)
        _ = unsafe SSL_do_handshake(pair.client.handle)
        let hello = pair.client.proceed()
        #expect(!hello.isEmpty)
        _ = pair.serverReads(hello)
        // A warning, "no_renegotiation", and not a hello of its own.
        #expect(pair.server.output().first == 21)
        // SSL_OP_NO_COMPRESSION and SSL_OP_NO_RENEGOTIATION, whose macros Swift does not see.
        let refused = UInt64(1) << 17 | UInt64(1) << 30
        #expect(unsafe SSL_CTX_get_options(context.raw) & refused == refused)
    }

    @Test func `a session is kept nowhere, lasts a day, and sends nothing early`() throws {
        let context = try TLSContext.test()
        for hasTickets in [true, false] {
            let pair = try TLSPair.met(context) {
                $0.speak(atMost: TLS1_2_VERSION)
                // SSL_OP_NO_TICKET
                if !hasTickets { _ = unsafe SSL_set_options($0.handle, UInt64(1) << 14) }
            }
            #expect(pair.isEstablished)
            guard hasTickets else { continue }
            let session = unsafe SSL_get_session(pair.client.handle)
            #expect(unsafe SSL_SESSION_get_ticket_lifetime_hint(session) == 86_400)
        }
        #expect(Self.setting(context, SSL_CTRL_SESS_NUMBER) == 0)
        #expect(unsafe SSL_CTX_get_max_early_data(context.raw) == 0)
        let pair = try TLSPair.met(context)
        let session = unsafe SSL_get_session(pair.client.handle)
        #expect(unsafe SSL_SESSION_get_max_early_data(session) == 0)
    }

    @Test func `another context's ticket is a full handshake`() throws {
        let first = try TLSPair.met(try TLSContext.test())
        let second = try TLSPair.met(try TLSContext.test()) {
            $0.resume(first.client)
        }
        #expect(second.isEstablished && !second.client.isResumed)
    }

    @Test func `an idle session gives its buffers back`() throws {
        let context = try TLSContext.test()
        #expect(Self.setting(context, SSL_CTRL_MODE) & Int(SSL_MODE_RELEASE_BUFFERS) != 0)
        let pair = try TLSPair.met(context)
        #expect(pair.serverWrites([UInt8](repeating: 1, count: 16_384)))
        #expect(pair.clientWrites([UInt8](repeating: 1, count: 16_384)))
        pair.exchange()
        #expect(pair.atServer.count == 16_384)
        #expect(unsafe Self.kept(SSL_get_rbio(pair.server.handle)) <= TLSLimits.keptBytes)
        #expect(unsafe Self.kept(SSL_get_wbio(pair.server.handle)) <= TLSLimits.keptBytes)
    }

    /// Bytes that a buffer in memory has room for.
    private static func kept(_ bio: OpaquePointer?) -> Int {
        var memory: UnsafeMutablePointer<BUF_MEM>?
        _ = unsafe BIO_ctrl(bio, BIO_C_GET_BUF_MEM_PTR, 0, &memory)
        return unsafe memory?.pointee.max ?? .max
    }

    /// What OpenSSL says of a number that it was told.
    private static func setting(_ context: TLSContext, _ command: CInt) -> Int {
        unsafe SSL_CTX_ctrl(context.raw, command, 0, nil)
    }
}
