import TLS
import Testing

@Suite struct DigestTests {
    // Source: NIST, "Examples with Intermediate Values", SHA-256 (FIPS 180-4), and the empty
    // message of the Secure Hash Algorithm Validation System, SHA256ShortMsg.rsp.
    @Test(arguments: [
        ("", "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855"),
        ("abc", "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad"),
        (
            "abcdbcdecdefdefgefghfghighijhijkijkljklmklmnlmnomnopnopq",
            "248d6a61d20638b8e5c026930c3e6039a33ce45964ff2167f6ecedd419db06c1"
        ),
    ])
    func `SHA-256 agrees with the published examples`(message: String, digest: String) {
        #expect(Hex.encode(Digest.sha256(message)) == digest)
        #expect(Hex.encode(Digest.sha256(Array(message.utf8))) == digest)
        #expect(Hex.encode(Digest.sha256(Secret(message))) == digest)
    }

    @Test func `a million letters have the published SHA-256 digest`() {
        // Source: NIST, "Examples with Intermediate Values", SHA-256, long message.
        let message = [UInt8](repeating: UInt8(ascii: "a"), count: 1_000_000)
        #expect(
            Hex.encode(Digest.sha256(message))
                == "cdc76e5c9914fb9281a1c7e284d73e67f1809a48a497200e046d39ccc7112cd0")
    }

    @Test func `a fingerprint is the first half of the digest`() {
        let fingerprint = Digest.fingerprint(Array("abc".utf8))
        #expect(fingerprint == (high: 0xba78_16bf_8f01_cfea, low: 0x4141_40de_5dae_2223))
    }
}
