extension JSONTree {
    /// The document in the fewest bytes.
    package var compact: [UInt8] {
        var writer = JSONWriter()
        writer.value(self)
        return writer.bytes
    }

    /// The document for people: a line for each member and element, indented by two spaces a level.
    package var pretty: String {
        var text = ""
        write(to: &text, indent: "")
        return text
    }

    private func write(to text: inout String, indent: String) {
        let deeper = indent + "  "
        switch self {
        case .array(let elements) where !elements.isEmpty:
            text += "["
            for (index, element) in elements.enumerated() {
                text += (index == 0 ? "\n" : ",\n") + deeper
                element.write(to: &text, indent: deeper)
            }
            text += "\n\(indent)]"
        case .object(let members) where !members.isEmpty:
            text += "{"
            for (index, member) in members.enumerated() {
                text += (index == 0 ? "\n" : ",\n") + deeper
                JSONTree.string(member.name).write(to: &text, indent: deeper)
                text += ": "
                member.value.write(to: &text, indent: deeper)
            }
            text += "\n\(indent)}"
        case .null, .bool, .integer, .number, .string, .array, .object:
            text += String(decoding: compact, as: UTF8.self)
        }
    }
}

extension JSONWriter {
    /// Writes a whole tree; its numbers must be finite.
    package mutating func value(_ tree: JSONTree) {
        switch tree {
        case .null: null()
        case .bool(let bool): value(bool)
        case .integer(let number): value(number)
        case .number(let number): value(number)
        case .string(let string): value(string)
        case .array(let elements):
            array { (writer) in
                for element in elements { writer.value(element) }
            }
        case .object(let members):
            object { (writer) in
                for member in members {
                    writer.name(member.name)
                    writer.value(member.value)
                }
            }
        }
    }
}

extension JSONTree {
    /// A string, or `null` without one.
    package static func optional(_ string: String?) -> JSONTree {
        string.map { .string($0) } ?? .null
    }

    /// A whole number, or `null` without one.
    package static func optional(_ number: Int64?) -> JSONTree {
        number.map { .integer($0) } ?? .null
    }
}

extension JSONTree: ExpressibleByStringLiteral, ExpressibleByIntegerLiteral,
    ExpressibleByFloatLiteral, ExpressibleByBooleanLiteral, ExpressibleByArrayLiteral,
    ExpressibleByDictionaryLiteral
{
    /// Makes a string.
    package init(stringLiteral value: String) { self = .string(value) }
    /// Makes a whole number.
    package init(integerLiteral value: Int64) { self = .integer(value) }
    /// Makes a number.
    package init(floatLiteral value: Double) { self = .number(value) }
    /// Makes `true` or `false`.
    package init(booleanLiteral value: Bool) { self = .bool(value) }
    /// Makes an array.
    package init(arrayLiteral elements: JSONTree...) { self = .array(elements) }
    /// Makes an object; names may repeat.
    package init(dictionaryLiteral elements: (String, JSONTree)...) {
        self = .object(elements.map { Member($0.0, $0.1) })
    }
}
