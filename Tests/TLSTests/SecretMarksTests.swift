import Testing

@testable import TLS

/// Secrets are found at every place, whole and nothing else.
struct SecretMarksTests {
    private static let secret = Array("BPU-0123456789abcdefghijklmnopqrstuvwxyz-ABCDEF".utf8)

    private static func places(
        in text: [UInt8], of secrets: [[UInt8]]
    ) -> (byMarks: [Range<Int>], itself: [Range<Int>]) {
        var marks = SecretMarks()
        for secret in secrets { marks.insert(secret.span) }
        var found: (byMarks: [Range<Int>], itself: [Range<Int>]) = ([], [])
        marks.forEachPlace(in: text.span) { found.byMarks.append($0) }
        for secret in secrets {
            SecretMarks.forEachPlace(of: secret.span, in: text.span) { found.itself.append($0) }
        }
        return found
    }

    @Test("wherever a secret begins, and however long it is, it is found once")
    func everyPlace() {
        for count in [16, 17, 23, 24, 43, 47] {
            let secret = Array(Self.secret.prefix(count))
            for before in 0..<20 {
                for after in [0, 1, 7, 8] {
                    let text =
                        [UInt8](repeating: 0x2E, count: before) + secret
                        + [UInt8](repeating: 0x2E, count: after)
                    let found = Self.places(in: text, of: [secret])
                    #expect(found.byMarks == [before..<(before + count)])
                    #expect(found.itself == [before..<(before + count)])
                }
            }
        }
    }

    @Test("what lacks a secret's first or last byte, or has another in it, is none")
    func nearMisses() {
        for index in Self.secret.indices {
            var text = Self.secret
            text[index] ^= 1
            let found = Self.places(in: text, of: [Self.secret])
            #expect(found.byMarks.isEmpty && found.itself.isEmpty)
        }
        for part in [Self.secret.dropFirst(), Self.secret.dropLast()] {
            let found = Self.places(in: Array(part), of: [Self.secret])
            #expect(found.byMarks.isEmpty && found.itself.isEmpty)
        }
    }

    @Test("secrets side by side, inside each other and of one letter are all found")
    func several() {
        let (long, short) = (Self.secret, Array(Self.secret[3..<20]))
        let found = Self.places(in: long + short + long, of: [long, short]).byMarks
        #expect(Set(found) == [0..<47, 3..<20, 47..<64, 64..<111, 67..<84])
        let letters = [UInt8](repeating: 0x61, count: 24)
        let runs = Self.places(in: letters, of: [Array(letters.prefix(16))])
        #expect(Set(runs.byMarks) == Set((0...8).map { $0..<($0 + 16) }))
        #expect(Set(runs.itself) == Set(runs.byMarks))
    }

    @Test("of many secrets each is found, those from before the filter grew included")
    func many() {
        var marks = SecretMarks()
        let secrets = (0..<1_500).map { Array("\($0)-\($0 * 7_919)-a secret of some length".utf8) }
        for secret in secrets { marks.insert(secret.span) }
        for secret in secrets {
            var found: [Range<Int>] = []
            marks.forEachPlace(in: secret.span) { found.append($0) }
            #expect(found == [0..<secret.count])
        }
    }

    @Test("an empty text and a text shorter than a word hold nothing")
    func shortTexts() {
        for count in 0..<16 {
            let found = Self.places(in: Array(Self.secret.prefix(count)), of: [Self.secret])
            #expect(found.byMarks.isEmpty && found.itself.isEmpty)
        }
    }
}
