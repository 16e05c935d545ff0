/// Which distributed trace a request belongs to, as its sender said by `traceparent`.
///
/// Source: W3C Recommendation "Trace Context" (2021-11-23), sections 3.2 and 3.3.
package struct TraceContext: Sendable, Equatable {
    private let high: UInt64
    private let low: UInt64
    /// Whether the sender records the trace.
    package let isSampled: Bool
    /// What tracing systems pass on for themselves; `nil` without any.
    package let state: String?

    /// The trace that the work under way belongs to.
    @TaskLocal package static var current: TraceContext?

    /// The longest `tracestate` that is passed on; the recommendation asks for no more.
    package static let stateBytesMax = 512
    /// Of version 00: `00-` trace id `-` parent id `-` flags.
    private static let length = 55

    /// Reads the two fields; `nil` when `parent` is not as it has to be, which begins no trace.
    ///
    /// A later version may have more behind the four parts known here, after another hyphen.
    package init?(parent: String, state: String? = nil) {
        let text = Array(parent.utf8)
        guard text.count >= Self.length, Self.hyphens.allSatisfy({ text[$0] == 0x2d }),
            let version = Self.number(text[0..<2]), version != 0xff,
            version == 0 ? text.count == Self.length : Self.endsPart(text),
            let high = Self.number(text[3..<19]), let low = Self.number(text[19..<35]),
            let span = Self.number(text[36..<52]), let flags = Self.number(text[53..<55]),
            high != 0 || low != 0, span != 0
        else { return nil }
        self.high = high
        self.low = low
        isSampled = flags & 1 == 1
        self.state = state.flatMap { Self.isPassable($0) ? $0 : nil }
    }

    /// The trace's id, 32 digits.
    package var traceID: String { Self.hex(high) + Self.hex(low) }

    /// The field for a call made on behalf of it, in which `span` names this call; never 0.
    package func parent(naming span: UInt64) -> String {
        "00-\(traceID)-\(Self.hex(span))-\(isSampled ? "01" : "00")"
    }

    private static let hyphens = [2, 35, 52]

    private static func endsPart(_ text: [UInt8]) -> Bool {
        text.count == length || text[length] == 0x2d
    }

    private static func isPassable(_ state: String) -> Bool {
        (1...stateBytesMax).contains(state.utf8.count)
            && state.utf8.allSatisfy { (0x20...0x7e).contains($0) }
    }

    /// Up to 16 digits; capital letters are none here.
    private static func number(_ digits: ArraySlice<UInt8>) -> UInt64? {
        var number: UInt64 = 0
        for digit in digits {
            switch digit {
            case 0x30...0x39: number = number << 4 | UInt64(digit - 0x30)
            case 0x61...0x66: number = number << 4 | UInt64(digit - 0x57)
            case _: return nil
            }
        }
        return number
    }

    private static func hex(_ number: UInt64) -> String {
        let digits = String(number, radix: 16)
        return String(repeating: "0", count: 16 - digits.count) + digits
    }
}
