extension Timestamp {
    /// This moment in UTC with milliseconds, such as `2026-05-01T08:00:30.000Z`.
    ///
    /// Source: RFC 3339, section 5.6.
    package var rfc3339: String {
        let day = Self.floorDivide(milliseconds, by: 86_400_000)
        let inDay = milliseconds - day * 86_400_000
        let date = Self.civilDate(daysSinceEpoch: day)
        var text: [UInt8] = []
        text.reserveCapacity(24)
        Self.append(date.year, width: 4, to: &text)
        text.append(UInt8(ascii: "-"))
        Self.append(date.month, width: 2, to: &text)
        text.append(UInt8(ascii: "-"))
        Self.append(date.day, width: 2, to: &text)
        text.append(UInt8(ascii: "T"))
        Self.append(inDay / 3_600_000, width: 2, to: &text)
        text.append(UInt8(ascii: ":"))
        Self.append(inDay / 60_000 % 60, width: 2, to: &text)
        text.append(UInt8(ascii: ":"))
        Self.append(inDay / 1000 % 60, width: 2, to: &text)
        text.append(UInt8(ascii: "."))
        Self.append(inDay % 1000, width: 3, to: &text)
        text.append(UInt8(ascii: "Z"))
        return String(decoding: text, as: UTF8.self)
    }

    /// Reads an RFC 3339 date-time with any offset; `nil` when `text` is not one.
    ///
    /// Fractions beyond milliseconds are cut; a leap second counts as the second before it.
    package init?(rfc3339 text: String) {
        var reader = DigitReader(bytes: Array(text.utf8))
        guard let year = reader.number(width: 4), reader.skip("-"),
            let month = reader.number(width: 2), (1...12).contains(month), reader.skip("-"),
            let day = reader.number(width: 2), (1...31).contains(day), reader.skip("Tt "),
            let hour = reader.number(width: 2), hour < 24, reader.skip(":"),
            let minute = reader.number(width: 2), minute < 60, reader.skip(":"),
            let second = reader.number(width: 2), second <= 60,
            let fraction = reader.fractionMilliseconds(),
            let offset = reader.offsetMinutes(), reader.isAtEnd
        else { return nil }
        let days = Self.daysSinceEpoch(year: year, month: month, day: day)
        let date = Self.civilDate(daysSinceEpoch: days)
        guard date.month == month, date.day == day else { return nil }  // 31 April and the like.
        let seconds = days * 86_400 + hour * 3600 + (minute - offset) * 60 + min(second, 59)
        let milliseconds = seconds * 1000 + fraction
        guard Self.representable.contains(milliseconds) else { return nil }
        self.init(milliseconds: milliseconds)
    }

    private static func floorDivide(_ value: Int64, by divisor: Int64) -> Int64 {
        value >= 0 ? value / divisor : (value - divisor + 1) / divisor
    }

    // Both conversions count years from 1 March, so that the leap day comes last and months have
    // regular lengths: 153 days in five of them, 146,097 days in 400 years (Gregorian calendar).
    private static func civilDate(
        daysSinceEpoch: Int64
    ) -> (year: Int64, month: Int64, day: Int64) {
        let shifted = daysSinceEpoch + 719_468  // Days from 0000-03-01 to 1970-01-01.
        let era = floorDivide(shifted, by: 146_097)
        let dayOfEra = shifted - era * 146_097
        let leapDays = dayOfEra / 1460 - dayOfEra / 36_524 + dayOfEra / 146_096
        let yearOfEra = (dayOfEra - leapDays) / 365
        let dayOfYear = dayOfEra - (365 * yearOfEra + yearOfEra / 4 - yearOfEra / 100)
        let monthFromMarch = (5 * dayOfYear + 2) / 153
        let month = monthFromMarch < 10 ? monthFromMarch + 3 : monthFromMarch - 9
        let year = yearOfEra + era * 400 + (month <= 2 ? 1 : 0)
        return (year, month, dayOfYear - (153 * monthFromMarch + 2) / 5 + 1)
    }

    private static func daysSinceEpoch(year: Int64, month: Int64, day: Int64) -> Int64 {
        let yearFromMarch = month <= 2 ? year - 1 : year
        let era = floorDivide(yearFromMarch, by: 400)
        let yearOfEra = yearFromMarch - era * 400
        let monthFromMarch = month > 2 ? month - 3 : month + 9
        let dayOfYear = (153 * monthFromMarch + 2) / 5 + day - 1
        let dayOfEra = yearOfEra * 365 + yearOfEra / 4 - yearOfEra / 100 + dayOfYear
        return era * 146_097 + dayOfEra - 719_468
    }

    private static func append(_ number: Int64, width: Int, to text: inout [UInt8]) {
        var divisor: Int64 = 1
        for _ in 1..<width { divisor *= 10 }
        while divisor > 0 {
            text.append(UInt8(ascii: "0") + UInt8(truncatingIfNeeded: number / divisor % 10))
            divisor /= 10
        }
    }
}

/// Walks over the fields of a date-time.
private struct DigitReader {
    let bytes: [UInt8]
    var position = 0

    var isAtEnd: Bool { position == bytes.count }

    init(bytes: [UInt8]) { self.bytes = bytes }

    mutating func number(width: Int) -> Int64? {
        guard position + width <= bytes.count else { return nil }
        var number: Int64 = 0
        for byte in bytes[position..<position + width] {
            guard (UInt8(ascii: "0")...UInt8(ascii: "9")).contains(byte) else { return nil }
            number = number * 10 + Int64(byte - UInt8(ascii: "0"))
        }
        position += width
        return number
    }

    mutating func skip(_ allowed: String) -> Bool {
        guard position < bytes.count, allowed.utf8.contains(bytes[position]) else { return false }
        position += 1
        return true
    }

    mutating func fractionMilliseconds() -> Int64? {
        guard skip(".") else { return 0 }
        var milliseconds: Int64 = 0
        var digitCount = 0
        while let digit = number(width: 1) {
            digitCount += 1
            if digitCount <= 3 { milliseconds = milliseconds * 10 + digit }
        }
        guard digitCount > 0 else { return nil }
        for _ in min(digitCount, 3)..<3 { milliseconds *= 10 }
        return milliseconds
    }

    mutating func offsetMinutes() -> Int64? {
        if skip("Zz") { return 0 }
        let sign: Int64 = position < bytes.count && bytes[position] == UInt8(ascii: "-") ? -1 : 1
        guard skip("+-"), let hours = number(width: 2), hours < 24, skip(":"),
            let minutes = number(width: 2), minutes < 60
        else { return nil }
        return sign * (hours * 60 + minutes)
    }
}
