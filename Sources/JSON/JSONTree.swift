/// A JSON document as a value of its own, for whoever keeps or compares one.
///
/// The hot path reads `JSONValue` instead, which copies nothing.
package enum JSONTree: Sendable, Equatable {
    case null
    case bool(Bool)
    /// A number that is written as a whole one and fits 64 bits.
    case integer(Int64)
    /// Any other number.
    case number(Double)
    case string(String)
    case array([JSONTree])
    /// The members in their order; names may repeat.
    case object([Member])

    /// A name and its value.
    package struct Member: Sendable, Equatable {
        /// The name, without its escapes.
        package let name: String
        /// What the name stands for.
        package let value: JSONTree

        /// Makes a member.
        package init(_ name: String, _ value: JSONTree) {
            self.name = name
            self.value = value
        }
    }

    /// Parses `bytes` with a parser of its own.
    ///
    /// - Throws: What is wrong with the document.
    package init(parsing bytes: [UInt8]) throws(JSONError) {
        self = try JSONParser().withDocument(bytes) { JSONTree(copying: $0) }
    }

    /// Parses `text` with a parser of its own.
    ///
    /// - Throws: What is wrong with the document.
    package init(parsing text: String) throws(JSONError) {
        try self.init(parsing: Array(text.utf8))
    }

    /// Copies a value and all that is below it out of a document.
    package init(copying value: JSONValue) {
        switch value.kind {
        case .null: self = .null
        case .bool: self = .bool(value.bool ?? false)
        case .number: self = Self.number(copying: value)
        case .string: self = .string(value.string ?? "")
        case .array:
            self = .array(value.array.map { $0.map { JSONTree(copying: $0) } } ?? [])
        case .object:
            self = .object(
                value.object.map { $0.map { Member($0.name, JSONTree(copying: $0.value)) } } ?? [])
        }
    }

    private static func number(copying value: JSONValue) -> JSONTree {
        guard value.isWrittenAsInteger, let integer = value.int64 else {
            return .number(value.double ?? 0)
        }
        return .integer(integer)
    }

    // MARK: Reading

    /// The first member called `name`, if this is an object that has one.
    package subscript(name: String) -> JSONTree? {
        guard case .object(let members) = self else { return nil }
        for member in members where member.name == name { return member.value }
        return nil
    }

    /// The element at `index`, if this is an array that is long enough.
    package subscript(index: Int) -> JSONTree? {
        guard case .array(let elements) = self, elements.indices.contains(index) else { return nil }
        return elements[index]
    }

    /// The text, if this is a string.
    package var string: String? {
        guard case .string(let text) = self else { return nil }
        return text
    }

    /// The number, if this is a whole one within 64 bits.
    package var int64: Int64? {
        switch self {
        case .integer(let number): number
        case .number(let number): Int64(exactly: number)
        case .null, .bool, .string, .array, .object: nil
        }
    }

    /// The number, if this is one.
    package var double: Double? {
        switch self {
        case .integer(let number): Double(number)
        case .number(let number): number
        case .null, .bool, .string, .array, .object: nil
        }
    }

    /// The value, if this is `true` or `false`.
    package var bool: Bool? {
        guard case .bool(let value) = self else { return nil }
        return value
    }

    /// Whether this is `null`.
    package var isNull: Bool { self == .null }

    /// The elements, if this is an array.
    package var array: [JSONTree]? {
        guard case .array(let elements) = self else { return nil }
        return elements
    }

    /// The members, if this is an object.
    package var object: [Member]? {
        guard case .object(let members) = self else { return nil }
        return members
    }
}
