/// Gives each request an id: its answer carries it in `X-Request-Id`, logs repeat it.
///
/// Thirteen letters and digits, which a `String` holds without memory of its own. No two of a
/// process are the same (SplitMix64 is a bijection), and those of others differ by their start.
/// Source: Steele, Lea, Flood, "Fast Splittable Pseudorandom Number Generators", figure 16.
struct RequestIDs: Sendable {
    private var state = UInt64.random(in: .min ... .max)
    private static let digits = Array("0123456789abcdefghjkmnpqrstvwxyz".utf8)
    /// The longest id that is taken over from a proxy.
    static let foreignBytesMax = 128

    /// The next one.
    mutating func next() -> String {
        state &+= 0x9E37_79B9_7F4A_7C15
        var bits = state
        bits = (bits ^ bits >> 30) &* 0xBF58_476D_1CE4_E5B9
        bits = (bits ^ bits >> 27) &* 0x94D0_49BB_1331_11EB
        bits ^= bits >> 31
        return unsafe String(unsafeUninitializedCapacity: 13) { text in
            for index in 0..<13 {
                unsafe text.initializeElement(at: index, to: Self.digits[Int(bits & 31)])
                bits >>= 5
            }
            return 13
        }
    }

    /// Whether a proxy's id can be repeated in answers and logs: letters, digits and `-._~+/=:`.
    static func isWellFormed(_ id: Span<UInt8>) -> Bool {
        guard (1...foreignBytesMax).contains(id.count) else { return false }
        for index in 0..<id.count where !isFit(id[index]) { return false }
        return true
    }

    private static func isFit(_ byte: UInt8) -> Bool {
        switch byte {
        case UInt8(ascii: "0")...UInt8(ascii: ":"), UInt8(ascii: "a")...UInt8(ascii: "z"),
            UInt8(ascii: "A")...UInt8(ascii: "Z"), UInt8(ascii: "-"), UInt8(ascii: "."),
            UInt8(ascii: "_"), UInt8(ascii: "~"), UInt8(ascii: "+"), UInt8(ascii: "/"),
            UInt8(ascii: "="):
            true
        case _: false
        }
    }
}
