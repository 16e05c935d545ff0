/// The rules for a host, in `Host` and in a target.
///
/// Source: RFC 9110, section 7.2; RFC 3986, section 3.2. Narrower than the grammar: no user name,
/// no comma, never empty, as two readers could disagree about each.
enum HostField {
    /// True for `host`, `host:port` and `[address]:port`.
    static func isValid(_ bytes: Span<UInt8>, needsPort: Bool = false) -> Bool {
        guard bytes.count > 0 else { return false }
        var index = 0
        if bytes[0] == UInt8(ascii: "[") {
            index = 1
            while index < bytes.count, isAddressByte(bytes[index]) { index += 1 }
            guard index > 1, index < bytes.count, bytes[index] == UInt8(ascii: "]") else {
                return false
            }
            index += 1
        } else {
            while index < bytes.count, isNameByte(bytes[index]) { index += 1 }
            guard index > 0 else { return false }
        }
        guard index < bytes.count else { return !needsPort }
        guard bytes[index] == UInt8(ascii: ":") else { return false }
        return isPort(bytes.extracting((index + 1)...), needsDigit: needsPort)
    }

    /// Finds the authority of an absolute target that begins with a known scheme.
    static func authority(in bytes: Span<UInt8>, target: Range<Int>) -> Range<Int>? {
        guard target.count > 4 else { return nil }
        let isSecure = bytes[target.lowerBound + 4].lowercased == UInt8(ascii: "s")
        let start = target.lowerBound + (isSecure ? 8 : 7)
        guard start < target.upperBound else { return nil }
        var end = start
        while end < target.upperBound, bytes[end] != UInt8(ascii: "/"),
            bytes[end] != UInt8(ascii: "?")
        {
            end += 1
        }
        return isValid(bytes.extracting(start..<end)) ? start..<end : nil
    }

    private static func isPort(_ digits: Span<UInt8>, needsDigit: Bool) -> Bool {
        guard digits.count <= 5, digits.count > 0 || !needsDigit else { return false }
        var port = 0
        for index in digits.indices {
            guard digits[index].isDigit else { return false }
            port = port * 10 + Int(digits[index] - UInt8(ascii: "0"))
        }
        return port <= 65_535
    }

    private static func isAddressByte(_ byte: UInt8) -> Bool {
        byte.hexadecimalValue != nil || byte == UInt8(ascii: ":") || byte == UInt8(ascii: ".")
    }

    private static func isNameByte(_ byte: UInt8) -> Bool {
        if byte.isLetter || byte.isDigit { return true }
        switch byte {
        case UInt8(ascii: "-"), UInt8(ascii: "."), UInt8(ascii: "_"), UInt8(ascii: "~"),
            UInt8(ascii: "%"), UInt8(ascii: "!"), UInt8(ascii: "$"), UInt8(ascii: "&"),
            UInt8(ascii: "'"), UInt8(ascii: "("), UInt8(ascii: ")"), UInt8(ascii: "*"),
            UInt8(ascii: "+"), UInt8(ascii: ";"), UInt8(ascii: "="):
            return true
        default: return false
        }
    }
}
