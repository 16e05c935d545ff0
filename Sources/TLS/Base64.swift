/// Bytes in base 64 (RFC 4648), strict: one spelling for each byte string.
package enum Base64 {
    /// The standard alphabet with padding (RFC 4648, section 4).
    package static func encode(_ bytes: [UInt8]) -> String {
        encode(bytes, alphabet: standard, isPadded: true)
    }

    /// The alphabet for URLs and file names, without padding (RFC 4648, section 5).
    package static func encodeURL(_ bytes: [UInt8]) -> String {
        encode(bytes, alphabet: url, isPadded: false)
    }

    /// The bytes that `text` spells in the standard alphabet.
    ///
    /// `nil` for white space, missing padding or bits that no encoder sets.
    package static func decode(_ text: String) -> [UInt8]? {
        let digits = Array(text.utf8)
        guard digits.count.isMultiple(of: 4) else { return nil }
        let padding = digits.suffix(2).reversed().prefix { $0 == UInt8(ascii: "=") }.count
        return decode(digits.dropLast(padding), sixtyThird: "+", sixtyFourth: "/")
    }

    /// The bytes that `text` spells in the URL alphabet, which must be without padding.
    package static func decodeURL(_ text: String) -> [UInt8]? {
        decode(Array(text.utf8)[...], sixtyThird: "-", sixtyFourth: "_")
    }

    private static let letters =
        "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789"
    private static let standard = Array("\(letters)+/".utf8)
    private static let url = Array("\(letters)-_".utf8)

    private static func encode(_ bytes: [UInt8], alphabet: [UInt8], isPadded: Bool) -> String {
        var digits: [UInt8] = []
        digits.reserveCapacity((bytes.count + 2) / 3 * 4)
        for start in stride(from: 0, to: bytes.count, by: 3) {
            let group = bytes[start..<min(start + 3, bytes.count)]
            let bits = group.reduce(0) { $0 << 8 | Int($1) } << (8 * (3 - group.count))
            for index in 0...group.count {
                digits.append(alphabet[bits >> (18 - 6 * index) & 63])
            }
            if isPadded {
                digits.append(
                    contentsOf: repeatElement(UInt8(ascii: "="), count: 3 - group.count))
            }
        }
        return String(decoding: digits, as: UTF8.self)
    }

    private static func decode(
        _ digits: ArraySlice<UInt8>, sixtyThird: Unicode.Scalar, sixtyFourth: Unicode.Scalar
    ) -> [UInt8]? {
        // One digit alone can't spell a byte.
        guard digits.count % 4 != 1 else { return nil }
        var bytes: [UInt8] = []
        bytes.reserveCapacity(digits.count * 3 / 4)
        var bits: UInt32 = 0
        var bitsCount = 0
        for digit in digits {
            let value: UInt8
            switch digit {
            case UInt8(ascii: "A")...UInt8(ascii: "Z"): value = digit - UInt8(ascii: "A")
            case UInt8(ascii: "a")...UInt8(ascii: "z"): value = digit - UInt8(ascii: "a") + 26
            case UInt8(ascii: "0")...UInt8(ascii: "9"): value = digit - UInt8(ascii: "0") + 52
            case UInt8(ascii: sixtyThird): value = 62
            case UInt8(ascii: sixtyFourth): value = 63
            default: return nil
            }
            bits = bits << 6 | UInt32(value)
            bitsCount += 6
            guard bitsCount >= 8 else { continue }
            bitsCount -= 8
            bytes.append(UInt8(truncatingIfNeeded: bits >> bitsCount))
            bits &= (1 << bitsCount) - 1
        }
        return bits == 0 ? bytes : nil
    }
}
