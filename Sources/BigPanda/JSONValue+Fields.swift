import Alerts
import JSON

/// Lenient reading of fields: what has another type than expected counts as absent.
extension JSONValue {
    /// What the first of `names` that this object has and `read` can use amounts to.
    func first<Field>(_ names: StaticString..., read: (JSONValue) -> Field?) -> Field? {
        for name in names {
            if let value = self[name], let field = read(value) { return field }
        }
        return nil
    }

    /// Text that is not blank, without blanks around it and control characters in it.
    func text(scalarsMax: Int) -> String? {
        if let plain = plainString(bytesMax: scalarsMax, isTrimmed: true) { return plain }
        guard let string = string(scalarsMax: scalarsMax) else { return nil }
        let cleaned = string.withoutControls.trimmed
        return cleaned.isEmpty ? nil : cleaned
    }

    /// A word that is compared, such as a status: lower case.
    var word: String? { text(scalarsMax: PayloadLimits.statusScalarsMax)?.inSmallLetters }

    /// True or false, also in quotes.
    var flag: Bool? {
        if let bool { return bool }
        switch string(scalarsMax: 8)?.trimmed.lowercased() {
        case "true": return true
        case "false": return false
        default: return nil
        }
    }

    /// Text, number or truth value as text; the elements of a list joined by commas.
    func plainText(scalarsMax: Int) -> String? {
        switch kind {
        case .string:
            return plainString(bytesMax: scalarsMax, isTrimmed: false)
                ?? string(scalarsMax: scalarsMax).map(\.withoutControls)
        case .number: return int64.map { "\($0)" } ?? double.map { "\($0)" }
        case .bool: return bool.map { "\($0)" }
        case .array:
            let elements = array?.prefix(PayloadLimits.tagListMax).compactMap { element in
                element.kind == .array ? nil : element.plainText(scalarsMax: scalarsMax)
            }
            guard let elements, !elements.isEmpty else { return nil }
            return String(elements.joined(separator: ", ").unicodeScalars.prefix(scalarsMax))
        case .null, .object: return nil
        }
    }

    /// A moment: seconds or, from 10^11 on, milliseconds since the epoch, also in quotes.
    ///
    /// Zero and less stand for "never" and count as absent. 10^11 seconds is the year 5138, 10^11
    /// milliseconds is 1973: nothing that is meant lies on the wrong side.
    var moment: Timestamp? {
        if let number = int64 { return Self.moment(number) }
        if let number = double { return Self.moment(number) }
        guard let text = string(scalarsMax: 40)?.trimmed else { return nil }
        if let number = Int64(text) { return Self.moment(number) }
        // Double reads hexadecimal, infinities and more, which no clock writes.
        if text.utf8.allSatisfy(Self.decimal.contains), let number = Double(text) {
            return Self.moment(number)
        }
        return Timestamp(rfc3339: text)
    }

    private static let decimal = Set("0123456789.+-eE".utf8)

    private static let millisecondsMin: Int64 = 100_000_000_000

    private static func moment(_ number: Int64) -> Timestamp? {
        guard number > 0 else { return nil }
        if number < millisecondsMin { return Timestamp(seconds: number) }
        guard Timestamp.representable.contains(number) else { return nil }
        return Timestamp(milliseconds: number)
    }

    private static func moment(_ number: Double) -> Timestamp? {
        guard number > 0, number < Double(Timestamp.representable.upperBound) else { return nil }
        let isInSeconds = number < Double(millisecondsMin)
        return Timestamp(milliseconds: Int64(isInSeconds ? number * 1000 : number))
    }
}

extension String {
    /// The text without white space at its ends.
    var trimmed: String {
        // Nearly every text begins and ends with a printing ASCII character.
        let printing: ClosedRange<UInt8> = 0x21...0x7E
        if let first = utf8.first, let last = utf8.last, printing.contains(first),
            printing.contains(last)
        {
            return self
        }
        var scalars = unicodeScalars[...]
        while let first = scalars.first, first.properties.isWhitespace { scalars.removeFirst() }
        while let last = scalars.last, last.properties.isWhitespace { scalars.removeLast() }
        return String(scalars)
    }

    /// The text with a blank for each control character other than line feed and tab.
    ///
    /// Nobody can read them, terminals obey them, and PostgreSQL can't store U+0000.
    var withoutControls: String {
        guard hasByte(where: { $0 < 0x20 || $0 == 0x7F }) else { return self }
        var cleaned = String.UnicodeScalarView()
        for scalar in unicodeScalars {
            let isControl = scalar.value < 0x20 || scalar.value == 0x7F
            let isKept = !isControl || scalar == "\n" || scalar == "\t"
            cleaned.append(isKept ? scalar : " ")
        }
        return String(cleaned)
    }

    /// The text on one line.
    var onOneLine: String {
        guard hasByte(where: { $0 == 0x0A || $0 == 0x09 }) else { return self }
        return String(String.UnicodeScalarView(unicodeScalars.map { $0.value < 0x20 ? " " : $0 }))
    }

    /// The text in small letters; most words of BigPanda's are.
    var inSmallLetters: String {
        hasByte(where: { $0 >= 0x80 || (0x41...0x5A).contains($0) }) ? lowercased() : self
    }

    /// The text up to its first `scalarsMax` Unicode scalars.
    func cut(toScalars scalarsMax: Int) -> String {
        utf8.count <= scalarsMax ? self : String(unicodeScalars.prefix(scalarsMax))
    }

    /// Whether one of the bytes satisfies `condition`: `utf8.contains` takes three times as long,
    /// since it looks for the text's storage anew at every byte.
    private func hasByte(where condition: (UInt8) -> Bool) -> Bool {
        let bytes = utf8Span.span
        for index in bytes.indices where condition(bytes[index]) { return true }
        return false
    }
}
