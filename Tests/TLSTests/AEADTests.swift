import Testing

@testable import TLS

@Suite struct AEADTests {
    struct Vector: Sendable {
        let key: String
        let nonce: String
        let message: String
        let associatedData: String
        let sealed: String
    }

    // Source: McGrew and Viega, "The Galois/Counter Mode of Operation (GCM)", appendix B, test
    // cases 13 to 16, as submitted to NIST.
    static let vectors = [
        Vector(
            key: String(repeating: "00", count: 32), nonce: String(repeating: "00", count: 12),
            message: "", associatedData: "", sealed: "530f8afbc74536b9a963b4f1c4cb738b"),
        Vector(
            key: String(repeating: "00", count: 32), nonce: String(repeating: "00", count: 12),
            message: String(repeating: "00", count: 16), associatedData: "",
            sealed: "cea7403d4d606b6e074ec5d3baf39d18" + "d0d1c8a799996bf0265b98b5d48ab919"),
        Vector(
            key: longKey, nonce: longNonce, message: longMessage + "1aafd255", associatedData: "",
            sealed: longCiphertext + "898015ad" + "b094dac5d93471bdec1a502270e3cc6c"),
        Vector(
            key: longKey, nonce: longNonce, message: longMessage,
            associatedData: "feedfacedeadbeeffeedfacedeadbeefabaddad2",
            sealed: longCiphertext + "76fc6ece0f4e1768cddf8853bb2d551b"),
    ]
    static let longKey = String(repeating: "feffe9928665731c6d6a8f9467308308", count: 2)
    static let longNonce = "cafebabefacedbaddecaf888"
    static let longMessage =
        "d9313225f88406e5a55909c5aff5269a86a7a9531534f7da2e4c303d8a318a72"
        + "1c3c0c95956809532fcf0e2449a6b525b16aedf5aa0de657ba637b39"
    static let longCiphertext =
        "522dc1f099567d07f47f37a32a84427d643a8cdcbfe5c0c97598a2bd2555d1aa"
        + "8cb08e48590dbb3da7b08b1056828838c5f61e6393ba7a0abcc9f662"

    @Test(arguments: vectors)
    func `sealing and opening agree with the published vectors`(vector: Vector) throws {
        let cipher = try AEAD(key: secret(vector.key))
        let associatedData = try #require(Hex.decode(vector.associatedData))
        let sealed = try cipher.seal(
            secret(vector.message), nonce: try #require(Hex.decode(vector.nonce)),
            associatedData: associatedData)
        #expect(Hex.encode(sealed) == vector.nonce + vector.sealed)
        let opened = try cipher.open(sealed, associatedData: associatedData)
        #expect(try opened == secret(vector.message))
    }

    @Test func `each sealing draws its own nonce`() throws {
        let cipher = try AEAD(key: SecureRandom.secret(32))
        let first = try cipher.seal(Secret("key"), associatedData: [1])
        let second = try cipher.seal(Secret("key"), associatedData: [1])
        #expect(first != second)
        #expect(first.count == 3 + AEAD.overheadBytesCount)
    }

    @Test func `a change in any byte is refused`() throws {
        let cipher = try AEAD(key: SecureRandom.secret(32))
        let sealed = try cipher.seal(Secret("BPU-key"), associatedData: [1, 2])
        for index in sealed.indices {
            var changed = sealed
            changed[index] ^= 1
            #expect(throws: CryptoError.authenticationFailed) {
                try cipher.open(changed, associatedData: [1, 2])
            }
        }
    }

    @Test func `another key or other associated data opens nothing`() throws {
        let cipher = try AEAD(key: SecureRandom.secret(32))
        let sealed = try cipher.seal(Secret("BPU-key"), associatedData: [1, 2])
        #expect(throws: CryptoError.authenticationFailed) {
            try cipher.open(sealed, associatedData: [1, 3])
        }
        #expect(throws: CryptoError.authenticationFailed) {
            try AEAD(key: SecureRandom.secret(32)).open(sealed, associatedData: [1, 2])
        }
    }

    @Test(arguments: [0, 1, 11, 27])
    func `a message shorter than nonce and tag is refused`(count: Int) throws {
        let cipher = try AEAD(key: SecureRandom.secret(32))
        #expect(throws: CryptoError.messageLength(count)) {
            try cipher.open([UInt8](repeating: 0, count: count), associatedData: [])
        }
    }

    @Test(arguments: [0, 16, 31, 33])
    func `a key of another length than 32 bytes is refused`(count: Int) {
        #expect(throws: CryptoError.keyLength(expected: 32, actual: count)) {
            try AEAD(key: SecureRandom.secret(count))
        }
    }

    private func secret(_ hex: String) throws -> Secret {
        var bytes = try #require(Hex.decode(hex))
        return Secret(wiping: &bytes)
    }
}
