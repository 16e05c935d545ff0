/// The value of `Date`, made anew when the second changes.
///
/// Source: RFC 9110, section 5.6.7 (IMF-fixdate).
struct DateField: Sendable {
    private var second: Int64 = -1
    private(set) var text: [UInt8] = []

    /// Brings the text up to the second of `milliseconds` since 1970-01-01T00:00:00Z.
    mutating func update(_ milliseconds: Int64) {
        let current = max(0, milliseconds) / 1_000
        guard current != second else { return }
        second = current
        text = Self.format(current)
    }

    /// Writes `Sun, 06 Nov 1994 08:49:37 GMT`.
    static func format(_ second: Int64) -> [UInt8] {
        let (days, rest) = (Int(second / 86_400), Int(second % 86_400))
        let (year, month, day) = civilDate(days)
        let weekdays = ["Thu", "Fri", "Sat", "Sun", "Mon", "Tue", "Wed"]
        let months = [
            "Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec",
        ]
        let (hour, minute) = (twoDigits(rest / 3_600), twoDigits(rest / 60 % 60))
        let time = "\(hour):\(minute):\(twoDigits(rest % 60))"
        let date = "\(twoDigits(day)) \(months[month - 1]) \(year)"
        return Array("\(weekdays[days % 7]), \(date) \(time) GMT".utf8)
    }

    /// The date of a day counted from 1970-01-01, by the Gregorian rules: months count from March,
    /// so that the leap day is a year's last, and 400 years always have 146,097 days.
    private static func civilDate(_ days: Int) -> (year: Int, month: Int, day: Int) {
        let shifted = days + 719_468  // Days from 0000-03-01 to 1970-01-01.
        let (era, dayOfEra) = (shifted / 146_097, shifted % 146_097)
        let yearOfEra =
            (dayOfEra - dayOfEra / 1_460 + dayOfEra / 36_524 - dayOfEra / 146_096) / 365
        let dayOfYear = dayOfEra - (365 * yearOfEra + yearOfEra / 4 - yearOfEra / 100)
        let monthFromMarch = (5 * dayOfYear + 2) / 153
        let day = dayOfYear - (153 * monthFromMarch + 2) / 5 + 1
        let month = monthFromMarch < 10 ? monthFromMarch + 3 : monthFromMarch - 9
        return (era * 400 + yearOfEra + (month <= 2 ? 1 : 0), month, day)
    }

    private static func twoDigits(_ number: Int) -> String {
        number < 10 ? "0\(number)" : "\(number)"
    }
}
