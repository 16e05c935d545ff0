/// Finds secrets wherever they stand in a text, and keeps no more of them than their marks.
///
/// Whatever is at least 15 bytes long covers a whole word of eight bytes that begins at a multiple
/// of eight, wherever it stands. So only every eighth place of a text is looked at, for one of the
/// eight words that a secret can show there; what is found is compared by its SHA-256. A hash moved
/// along the text a byte at a time took 27 instructions for each byte; this takes two.
package struct SecretMarks {
    /// A word of a secret.
    private struct Place {
        /// The secret's number.
        let secret: Int
        /// Where in the secret the word begins.
        let offset: Int
    }

    private struct Known {
        let count: Int
        let hash: [UInt8]
    }

    private var secrets: [Known] = []
    /// By the mark of each of their words.
    private var places: [UInt32: [Place]] = [:]
    /// A bit for the top of each mark: nearly all words of a text are passed by without a look-up.
    private var filter: [UInt64] = []
    /// How many bits of a mark the filter tells apart: one bit in eight is set at most.
    private var filterBits = filterBitsRange.lowerBound

    /// Shorter ones would be found by chance, and are no secrets.
    package static let bytesMin = 16

    private static let wordBytes = 8
    /// From 512 bytes, for 64 secrets, to 8 KiB, for a thousand: what a first-level cache holds.
    private static let filterBitsRange = 12...16

    /// Odd, so that no byte's share is lost; each process draws another.
    private static let factor = UInt64.random(in: 0...UInt64.max) | 1

    /// Half of the word's bits, mixed: the word can't be told from it.
    private static func mark(_ word: UInt64) -> UInt32 {
        UInt32(truncatingIfNeeded: (word &* factor) >> 32)
    }

    /// Knows no secret.
    package init() {}

    /// Adds a secret.
    package mutating func insert(_ secret: Span<UInt8>) {
        guard secret.count >= Self.bytesMin else { return }
        makeRoom()
        for offset in 0..<Self.wordBytes {
            let mark = Self.mark(secret.word(at: offset))
            places[mark, default: []].append(Place(secret: secrets.count, offset: offset))
            let bit = mark >> (32 - filterBits)
            filter[Int(bit >> 6)] |= 1 << (bit & 63)
        }
        secrets.append(Known(count: secret.count, hash: Digest.sha256(secret)))
    }

    /// Makes the filter one for another secret.
    private mutating func makeRoom() {
        let wordsCount = (secrets.count + 1) * Self.wordBytes
        var bits = filterBits
        while wordsCount * 8 > 1 << bits, bits < Self.filterBitsRange.upperBound { bits += 1 }
        guard filter.isEmpty || bits > filterBits else { return }
        filterBits = bits
        filter = [UInt64](repeating: 0, count: 1 << (bits - 6))
        for mark in places.keys {
            let bit = mark >> (32 - bits)
            filter[Int(bit >> 6)] |= 1 << (bit & 63)
        }
    }

    /// Calls `body` with each place in `text` where a secret stands.
    package func forEachPlace(in text: Span<UInt8>, _ body: (Range<Int>) -> Void) {
        guard !secrets.isEmpty, text.count >= Self.bytesMin else { return }
        let (factor, shift) = (Self.factor, UInt64(64 - filterBits))
        let bytes = unsafe text.bytes
        let filter = filter.span
        var start = 0
        while start + Self.wordBytes <= text.count {
            let word = unsafe bytes.unsafeLoadUnaligned(fromByteOffset: start, as: UInt64.self)
            let bit = (word &* factor) >> shift
            if filter[Int(bit >> 6)] & (1 << (bit & 63)) != 0 { look(at: start, in: text, body) }
            start += Self.wordBytes
        }
    }

    /// Calls `body` with the places of secrets that may have a word at `start`.
    @inline(never)
    private func look(at start: Int, in text: Span<UInt8>, _ body: (Range<Int>) -> Void) {
        for place in places[Self.mark(text.word(at: start))] ?? [] {
            let secret = secrets[place.secret]
            let (from, end) = (start - place.offset, start - place.offset + secret.count)
            guard from >= 0, end <= text.count,
                Digest.sha256(text.extracting(from..<end)) == secret.hash
            else { continue }
            body(from..<end)
        }
    }

    /// Calls `body` with each place in `text` where `secret` itself stands, in the same way.
    package static func forEachPlace(
        of secret: Span<UInt8>, in text: Span<UInt8>, _ body: (Range<Int>) -> Void
    ) {
        guard secret.count >= bytesMin, text.count >= secret.count else { return }
        let factor = factor
        var topBits: UInt64 = 0
        for offset in 0..<wordBytes { topBits |= 1 << ((secret.word(at: offset) &* factor) >> 58) }
        for start in stride(from: 0, through: text.count - wordBytes, by: wordBytes) {
            let word = text.word(at: start)
            guard topBits & (1 << ((word &* factor) >> 58)) != 0 else { continue }
            for offset in 0..<wordBytes where secret.word(at: offset) == word {
                let (from, end) = (start - offset, start - offset + secret.count)
                guard from >= 0, end <= text.count else { continue }
                var same = 0
                while same < secret.count, text[from + same] == secret[same] { same += 1 }
                if same == secret.count { body(from..<end) }
            }
        }
    }
}

extension Span<UInt8> {
    /// The eight bytes from `offset` on; traps when there are not as many.
    fileprivate func word(at offset: Int) -> UInt64 {
        // One load, whose bounds are checked; any eight bytes are a number.
        unsafe bytes.unsafeLoadUnaligned(fromByteOffset: offset, as: UInt64.self)
    }
}
