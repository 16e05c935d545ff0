package import Alerts

/// How long a peer asks to be left alone.
///
/// Source: RFC 9110, sections 10.2.3 and 5.6.7.
package enum RetryAfter {
    /// Reads the field's value: seconds, or a date in one of the three forms that HTTP knows.
    ///
    /// - Parameters:
    ///   - value: The field's value.
    ///   - now: The moment from which a date is counted.
    /// - Returns: From zero to `CallLimits.retryAfterMax`; `nil` when the value is neither.
    package static func duration(_ value: String, now: Timestamp) -> Duration? {
        let text = value.trimmed
        guard !text.isEmpty else { return nil }
        if text.utf8.allSatisfy({ (0x30...0x39).contains($0) }) {
            // More digits than fit a number are longer than the longest wait as well.
            guard let seconds = Int64(text), seconds < 1 << 32 else {
                return CallLimits.retryAfterMax
            }
            return min(.seconds(seconds), CallLimits.retryAfterMax)
        }
        guard let date = date(text, now: now) else { return nil }
        return min(max(date - now, .zero), CallLimits.retryAfterMax)
    }

    private static let months = [
        "Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec",
    ]

    /// Reads a date in any of the three forms; `now` tells the century of the oldest one.
    static func date(_ text: String, now: Timestamp) -> Timestamp? {
        // `Sun, 06 Nov 1994 08:49:37 GMT`, `Sunday, 06-Nov-94 08:49:37 GMT` and
        // `Sun Nov  6 08:49:37 1994`, the last two from long ago.
        let parts = text.split { $0 == " " || $0 == "-" || $0 == "," }.map(String.init)
        switch parts.count {
        case 6 where parts[5] == "GMT":
            let year = parts[3].utf8.count == 2 ? fullYear(parts[3], now: now) : parts[3]
            return timestamp(year: year, month: parts[2], day: parts[1], time: parts[4])
        case 5: return timestamp(year: parts[4], month: parts[1], day: parts[2], time: parts[3])
        case _: return nil
        }
    }

    /// A year of two digits lies at most 50 years ahead (RFC 9110, section 5.6.7).
    private static func fullYear(_ text: String, now: Timestamp) -> String {
        let thisYear = Int(now.rfc3339.prefix(4)) ?? 2000
        let year = (Int(text) ?? 0) + thisYear / 100 * 100
        return String(year > thisYear + 50 ? year - 100 : year)
    }

    private static func timestamp(
        year: String, month: String, day: String, time: String
    ) -> Timestamp? {
        guard let index = months.firstIndex(of: month) else { return nil }
        let monthText = index < 9 ? "0\(index + 1)" : "\(index + 1)"
        let dayText = day.utf8.count == 1 ? "0\(day)" : day
        return Timestamp(rfc3339: "\(year)-\(monthText)-\(dayText)T\(time)Z")
    }
}
