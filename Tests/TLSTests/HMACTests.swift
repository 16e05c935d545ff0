import TLS
import Testing

@Suite struct HMACTests {
    // Source: RFC 4231, sections 4.2, 4.3, 4.4 and 4.7.
    @Test(arguments: [
        (
            String(repeating: "0b", count: 20), Array("Hi There".utf8),
            "b0344c61d8db38535ca8afceaf0bf12b881dc200c9833da726e9376c2e32cff7"
        ),
        (
            "4a656665", Array("what do ya want for nothing?".utf8),
            "5bdcc146bf60754e6a042426089575c75a003f089d2739839dec58b964ec3843"
        ),
        (
            String(repeating: "aa", count: 20), [UInt8](repeating: 0xdd, count: 50),
            "773ea91e36800e46854db8ebd09181a72959098b3ef8c122d9635514ced565fe"
        ),
        (
            String(repeating: "aa", count: 131),
            Array("Test Using Larger Than Block-Size Key - Hash Key First".utf8),
            "60e431591ee0b67f0d8a26aacbf5b77f8e0bc6213728c5140546040f0ee37f54"
        ),
    ])
    func `HMAC-SHA-256 agrees with RFC 4231`(key: String, message: [UInt8], code: String) throws {
        var keyBytes = try #require(Hex.decode(key))
        let secret = Secret(wiping: &keyBytes)
        #expect(Hex.encode(HMAC.sha256(message, key: secret)) == code)
    }

    @Test func `a code is valid for its own message and key only`() {
        let key = Secret("key")
        let code = HMAC.sha256([1, 2, 3], key: key)
        #expect(HMAC.isValidSHA256(code, of: [1, 2, 3], key: key))
        #expect(!HMAC.isValidSHA256(code, of: [1, 2, 4], key: key))
        #expect(!HMAC.isValidSHA256(code, of: [1, 2, 3], key: Secret("other")))
        #expect(!HMAC.isValidSHA256(Array(code.dropLast()), of: [1, 2, 3], key: key))
    }

    @Test func `an empty message has a code`() {
        #expect(HMAC.sha256([], key: Secret("key")).count == Digest.sha256BytesCount)
    }
}
