package import EventLoop

/// Makes the gateway's own ids: a prefix that tells the kind, the time, and 80 random bits.
///
/// They tell things apart, also those of replicas, and are no secrets: of a millisecond's ids
/// the first is drawn, and the others follow it at steps that were drawn with it.
/// Ids of one process grow, so that rows made one after the other lie side by side in the store's
/// indexes. The form is that of ULIDs (<https://github.com/ulid/spec>) in lower case.
@LoopActor
package final class IdentifierSource {
    /// What an id names.
    package enum Kind: String, Sendable {
        /// An alert.
        case alert = "alt_"
        /// A close.
        case close = "cls_"
        /// An integration.
        case integration = "int_"
        /// A source.
        case source = "src_"
        /// A source's secret.
        case secret = "sec_"
        /// A browser's session.
        case session = "ses_"
        /// A webhook endpoint.
        case endpoint = "whe_"
        /// A named token of the admin API.
        case token = "tok_"
    }

    private var milliseconds: UInt64 = 0
    private var randomHigh: UInt16 = 0
    private var randomLow: UInt64 = 0
    private var step: UInt64 = 1
    private static let digits = Array("0123456789abcdefghjkmnpqrstvwxyz".utf8)

    /// Makes a source of its own.
    package init() {}

    /// A new id, greater than all that were made before.
    package func make(_ kind: Kind) -> String {
        let now = UInt64(clamping: SystemClock.wallMilliseconds())
        if now > milliseconds {
            milliseconds = now
            randomHigh = .random(in: 0...UInt16.max / 2)
            randomLow = .random(in: 0...UInt64.max)
            step = .random(in: 1...UInt64(UInt32.max))
        } else {
            let (sum, hasOverflowed) = randomLow.addingReportingOverflow(step)
            randomLow = sum
            if hasOverflowed { randomHigh &+= 1 }
        }
        var text = Array(kind.rawValue.utf8)
        text.reserveCapacity(text.count + 26)
        for shift in stride(from: UInt64(45), through: 0, by: -5) {
            text.append(Self.digits[Int(milliseconds >> shift & 31)])
        }
        // 80 bits in 16 digits, the high 16 bits first.
        for index in 0..<16 {
            text.append(Self.digits[Int(randomDigit(atBit: 75 - 5 * index))])
        }
        return String(decoding: text, as: UTF8.self)
    }

    private func randomDigit(atBit bit: Int) -> UInt64 {
        if bit >= 64 { return UInt64(randomHigh) >> UInt64(bit - 64) & 31 }
        let low = randomLow >> UInt64(bit)
        guard bit > 59 else { return low & 31 }
        return (low | UInt64(randomHigh) << UInt64(64 - bit)) & 31
    }
}
