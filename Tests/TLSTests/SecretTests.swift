import TLS
import Testing

@Suite struct SecretTests {
    @Test func `a secret can't print itself`() {
        struct Holder { let apiKey: Secret }
        let secret = Secret("BPU-plain")
        var dumped = ""
        dump(Holder(apiKey: secret), to: &dumped)
        let printed = [
            "\(secret)", secret.description, secret.debugDescription, String(reflecting: secret),
            String(describing: Optional(secret)), "\([secret])", "\(Holder(apiKey: secret))",
            dumped,
        ]
        for text in printed {
            #expect(text.contains("<secret>"))
            #expect(!text.contains("BPU"))
        }
        #expect(Mirror(reflecting: secret).children.isEmpty)
    }

    @Test func `a secret lends its bytes`() {
        let copy = Secret("abc").withBytes { bytes in bytes.indices.map { bytes[$0] } }
        #expect(copy == Array("abc".utf8))
    }

    @Test func `making a secret wipes the array it came from`() {
        var bytes: [UInt8] = [1, 2, 3]
        let secret = Secret(wiping: &bytes)
        #expect(bytes.isEmpty)
        #expect(secret == Secret(copying: ([1, 2, 3] as [UInt8]).span))
    }

    @Test(arguments: [
        ("", "", true), ("a", "a", true), ("a", "b", false), ("a", "", false), ("ab", "a", false),
    ])
    func `equal means the same bytes`(left: String, right: String, isEqual: Bool) {
        #expect((Secret(left) == Secret(right)) == isEqual)
        #expect(constantTimeEquals(Array(left.utf8), Array(right.utf8)) == isEqual)
    }

    @Test func `an empty secret has no bytes`() {
        #expect(Secret("").count == 0)
        #expect(Secret("").withBytes { $0.count } == 0)
    }
}

@Suite struct SecureRandomTests {
    @Test(arguments: [0, 1, 12, 32, 4_096])
    func `the number of bytes asked for is drawn`(count: Int) throws {
        #expect(try SecureRandom.bytes(count).count == count)
        #expect(try SecureRandom.secret(count).count == count)
    }

    @Test func `two draws differ`() throws {
        #expect(try SecureRandom.bytes(16) != SecureRandom.bytes(16))
        #expect(try SecureRandom.uint64() != SecureRandom.uint64())
    }

    @Test func `all bytes of a draw vary`() throws {
        let first = try SecureRandom.bytes(64)
        var hasChanged = [Bool](repeating: false, count: 64)
        for _ in 0..<64 {
            for (index, byte) in try SecureRandom.bytes(64).enumerated() where byte != first[index]
            {
                hasChanged[index] = true
            }
        }
        #expect(hasChanged.allSatisfy { $0 })
    }
}
