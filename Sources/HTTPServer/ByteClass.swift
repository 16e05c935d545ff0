extension UInt8 {
    /// True for a byte of a token (RFC 9110, section 5.6.2).
    var isTokenByte: Bool {
        // One bit a byte for each half of ASCII: a table that is two constants.
        self < 64
            ? (0x03ff_6cfa_0000_0000 as UInt64) >> UInt64(self) & 1 == 1
            : self < 128 && (0x57ff_ffff_c7ff_fffe as UInt64) >> UInt64(self & 63) & 1 == 1
    }

    /// True for a byte that a field value may have (RFC 9110, section 5.5).
    var isFieldValueByte: Bool {
        self >= 0x20 ? self != 0x7f : self == 0x09
    }

    /// True for a byte that a request target may have: visible ASCII, no fragment.
    var isTargetByte: Bool {
        self > 0x20 && self < 0x7f && self != UInt8(ascii: "#")
    }

    /// True for `0`…`9`.
    var isDigit: Bool { self &- UInt8(ascii: "0") < 10 }

    /// True for a letter of ASCII.
    var isLetter: Bool { (self | 0x20) &- UInt8(ascii: "a") < 26 }

    /// What a hexadecimal digit stands for.
    var hexadecimalValue: UInt8? {
        if isDigit { return self &- UInt8(ascii: "0") }
        let letter = (self | 0x20) &- UInt8(ascii: "a")
        return letter < 6 ? letter + 10 : nil
    }

    /// The small letter of a capital one of ASCII; any other byte as it is.
    var lowercased: UInt8 {
        self &- UInt8(ascii: "A") < 26 ? self | 0x20 : self
    }

    static let carriageReturn = UInt8(ascii: "\r")
    static let lineFeed = UInt8(ascii: "\n")
    static let space = UInt8(ascii: " ")
    static let tab = UInt8(ascii: "\t")
}

extension Span<UInt8> {
    /// True when the bytes are exactly those of `text`.
    func spells(_ text: StaticString) -> Bool {
        guard count == text.utf8CodeUnitCount else { return false }
        return text.withUTF8Buffer { letters in
            for index in 0..<count where unsafe self[index] != letters[index] { return false }
            return true
        }
    }

    /// True when the bytes are those of `text`, which is in small letters, but for case.
    func spellsIgnoringCase(_ text: StaticString) -> Bool {
        guard count == text.utf8CodeUnitCount else { return false }
        return text.withUTF8Buffer { letters in
            for index in 0..<count where unsafe self[index].lowercased != letters[index] {
                return false
            }
            return true
        }
    }

    /// The bytes without spaces and tabs at both ends.
    func trimmedRange(_ range: Range<Int>) -> Range<Int> {
        var (start, end) = (range.lowerBound, range.upperBound)
        while start < end, self[start] == .space || self[start] == .tab { start += 1 }
        while end > start, self[end - 1] == .space || self[end - 1] == .tab { end -= 1 }
        return start..<end
    }
}
