/// Finds, for what is JSON but beyond simdjson, something of the same length that it can read.
enum JSONRepair {
    /// `\ufffd`, for an escape that names half of a surrogate pair.
    static let replacementCharacter = Array("\\ufffd".utf8)

    private static let greatest = Array("1.7976931348623157e308".utf8)
    // For numbers too short for the greatest one: `1e309`, the shortest that overflows, has five.
    private static let great = Array("9e307".utf8)

    /// Whether a number of this length can be beyond 64 bits or a `Double` at all.
    static func mayOverflow(byteCount: Int, isInteger: Bool) -> Bool {
        byteCount >= (isInteger ? 19 : great.count)
    }

    /// The nearest readable number to one that fits neither 64 bits nor a `Double`.
    ///
    /// - Parameters:
    ///   - token: A number by the grammar of RFC 8259, section 6.
    ///   - isInteger: Whether it has neither fraction nor exponent.
    /// - Returns: As many bytes as there were, or nil when the number is fine as it is.
    static func number(_ token: ArraySlice<UInt8>, isInteger: Bool) -> [UInt8]? {
        let text = String(decoding: token, as: UTF8.self)
        if isInteger, Int64(text) != nil || UInt64(text) != nil { return nil }
        guard let value = Double(text), value.isFinite else { return saturated(token) }
        guard isInteger else { return nil }
        // 19 digits and more are beyond a Double's precision, so the last two weigh nothing and
        // make room for the exponent that stands for them.
        return token.dropLast(2) + "e2".utf8
    }

    private static func saturated(_ token: ArraySlice<UInt8>) -> [UInt8] {
        var replacement = token.first == UInt8(ascii: "-") ? [UInt8(ascii: "-")] : []
        let room = token.count - replacement.count
        replacement += room >= greatest.count ? greatest : great
        replacement += repeatElement(UInt8(ascii: " "), count: token.count - replacement.count)
        return replacement
    }
}
