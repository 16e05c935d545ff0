/// A value for a statement's parameter.
package enum PostgresValue: Sendable, Equatable {
    /// NULL of any type.
    case null
    /// `boolean`.
    case bool(Bool)
    /// `bigint`.
    case int(Int64)
    /// `text`; may hold NUL, which PostgreSQL can't (see `PostgresEscape`).
    case text(String)
    /// `bytea`.
    case bytes([UInt8])
    /// `boolean[]`.
    case bools([Bool?])
    /// `bigint[]`.
    case ints([Int64?])
    /// `text[]`.
    case texts([String?])

    /// A text, or NULL.
    package static func text(ifAny text: String?) -> PostgresValue {
        if let text { .text(text) } else { .null }
    }

    /// A number, or NULL.
    package static func int(ifAny number: Int64?) -> PostgresValue {
        if let number { .int(number) } else { .null }
    }

    /// Bytes, or NULL.
    package static func bytes(ifAny bytes: [UInt8]?) -> PostgresValue {
        if let bytes { .bytes(bytes) } else { .null }
    }
}

/// Values in PostgreSQL's binary form, one after the other.
///
/// Source: the `…send` functions of src/backend/utils/adt; numbers are big-endian.
struct PostgresParameters: Sendable {
    private(set) var bytes: [UInt8] = []
    /// Where each value lies in `bytes`; `nil` for NULL.
    private(set) var places: [Range<Int>?] = []

    /// The numbers of the types in an array's head. Source: src/include/catalog/pg_type.dat
    private enum TypeNumber {
        static let bool: Int32 = 16
        static let int: Int32 = 20
        static let text: Int32 = 25
    }

    init(_ values: [PostgresValue]) {
        places.reserveCapacity(values.count)
        for value in values { append(value) }
    }

    private mutating func append(_ value: PostgresValue) {
        let start = bytes.count
        switch value {
        case .null:
            places.append(nil)
            return
        case .bool(let isTrue): bytes.append(isTrue ? 1 : 0)
        case .int(let number): append(number)
        case .text(let text): append(text)
        case .bytes(let content): bytes += content
        case .bools(let items):
            appendArray(of: TypeNumber.bool, items) { $0.bytes.append($1 ? 1 : 0) }
        case .ints(let items):
            appendArray(of: TypeNumber.int, items) { $0.append($1) }
        case .texts(let items):
            appendArray(of: TypeNumber.text, items) { $0.append($1) }
        }
        places.append(start..<bytes.count)
    }

    private mutating func append(_ number: some FixedWidthInteger) {
        for shift in stride(from: number.bitWidth - 8, through: 0, by: -8) {
            bytes.append(UInt8(truncatingIfNeeded: number >> shift))
        }
    }

    private mutating func append(_ text: String) {
        bytes += PostgresEscape.escaped(text).utf8
    }

    /// Source: `array_recv` in src/backend/utils/adt/arrayfuncs.c.
    private mutating func appendArray<Item>(
        of type: Int32, _ items: [Item?], _ appendItem: (inout Self, Item) -> Void
    ) {
        append(Int32(items.isEmpty ? 0 : 1))  // dimensions
        append(Int32(1))  // there may be NULLs
        append(type)
        guard !items.isEmpty else { return }
        append(Int32(items.count))
        append(Int32(1))  // the first index
        for item in items {
            guard let item else {
                append(Int32(-1))
                continue
            }
            let place = bytes.count
            append(Int32(0))
            appendItem(&self, item)
            let size = Int32(bytes.count - place - 4)
            for byte in 0..<4 {
                bytes[place + byte] = UInt8(truncatingIfNeeded: size >> (24 - 8 * byte))
            }
        }
    }
}

/// Spells NUL, which no `text` of PostgreSQL can hold, in a way that it can.
///
/// U+10FFFD, the last code point for private use, stands before a `0` for NUL, and before another
/// U+10FFFD for itself.
package enum PostgresEscape {
    private static let mark: Unicode.Scalar = "\u{10FFFD}"

    static func escaped(_ text: String) -> String {
        guard text.utf8.contains(where: { $0 == 0 || $0 == markStart }) else { return text }
        var escaped = String.UnicodeScalarView()
        for scalar in text.unicodeScalars {
            if scalar == "\0" {
                escaped += [mark, "0"]
            } else {
                escaped += scalar == mark ? [mark, mark] : [scalar]
            }
        }
        return String(escaped)
    }

    static func unescaped(_ text: String) -> String {
        guard text.utf8.contains(markStart) else { return text }
        var unescaped = String.UnicodeScalarView()
        var isMarked = false
        for scalar in text.unicodeScalars {
            guard isMarked || scalar != mark else {
                isMarked = true
                continue
            }
            unescaped.append(isMarked && scalar == "0" ? "\0" : scalar)
            isMarked = false
        }
        return String(unescaped)
    }

    /// The first byte of U+10FFFD in UTF-8; texts without it are passed on as they are.
    private static let markStart: UInt8 = 0xf4
}
