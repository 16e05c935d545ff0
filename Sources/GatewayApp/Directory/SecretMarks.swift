import TLS

/// Finds secrets wherever they stand in a text, and keeps no more of them than their marks.
///
/// A mark is a hash that can be moved along a text a byte at a time, under a factor that each
/// process draws anew; what has the same mark is compared by its SHA-256.
struct SecretMarks {
    private struct Marks {
        /// By the mark of each: its SHA-256.
        var hashes: [UInt64: [UInt8]] = [:]
        /// A bit for each mark's top six: most places of a text are passed by without a look-up.
        var topBits: UInt64 = 0
    }

    private var marksByCount: [Int: Marks] = [:]

    /// Shorter ones would be found by chance, and are no secrets.
    static let bytesMin = 16

    /// Odd, so that no byte's share is lost.
    private static let factor = UInt64.random(in: 0...UInt64.max) | 1

    /// Adds a secret.
    mutating func insert(_ secret: Span<UInt8>) {
        guard secret.count >= Self.bytesMin else { return }
        var mark: UInt64 = 0
        for index in secret.indices { mark = mark &* Self.factor &+ UInt64(secret[index]) }
        var marks = marksByCount[secret.count] ?? Marks()
        marks.hashes[mark] = Digest.sha256(secret)
        marks.topBits |= 1 << (mark >> 58)
        marksByCount[secret.count] = marks
    }

    /// Calls `body` with each place in `text` where a secret stands.
    func forEachPlace(in text: Span<UInt8>, _ body: (Range<Int>) -> Void) {
        for (count, marks) in marksByCount where text.count >= count {
            var share: UInt64 = 1
            for _ in 0..<count { share = share &* Self.factor }
            var mark: UInt64 = 0
            for index in text.indices {
                mark = mark &* Self.factor &+ UInt64(text[index])
                if index >= count { mark = mark &- UInt64(text[index - count]) &* share }
                guard index >= count - 1, marks.topBits & (1 << (mark >> 58)) != 0,
                    let hash = marks.hashes[mark]
                else { continue }
                let place = (index + 1 - count)..<(index + 1)
                if Digest.sha256(text.extracting(place)) == hash { body(place) }
            }
        }
    }
}
