import HTTPServer

/// Reads the field `Forwarded`.
///
/// Strict, and on bytes: a client could otherwise open a quotation that swallows what a proxy adds
/// behind it, or end its own part with what Unicode makes one character with the comma.
/// Source: RFC 7239, sections 4 and 6.
struct ForwardedField {
    /// What one proxy wrote.
    struct Element: Equatable {
        /// The value of `for`, quotation marks taken off.
        let node: String?
    }

    private var rest: ArraySlice<UInt8>

    /// The elements of one line, in their order; nil when it is malformed.
    static func elements(of line: String) -> [Element]? {
        var reader = ForwardedField(rest: Array(line.utf8)[...])
        var elements: [Element] = []
        repeat {
            guard let element = reader.element() else { return nil }
            elements += element
        } while reader.take(",")
        return reader.rest.isEmpty ? elements : nil
    }

    /// The address that a node names, without port; nil for one that hides it.
    static func address(ofNode node: String) -> String? {
        let name: Substring
        let port: Substring
        if node.hasPrefix("[") {
            guard let end = node.firstIndex(of: "]") else { return nil }
            name = node[..<end].dropFirst()
            port = node[end...].dropFirst()
            guard name.contains(":") else { return nil }
        } else {
            name = node.prefix { $0 != ":" }
            port = node[name.endIndex...]
        }
        guard port.isEmpty || isPort(port.dropFirst()), port.first == ":" || port.isEmpty,
            IPAddress.bytes(of: name) != nil
        else { return nil }
        return String(name)
    }

    /// A number, or a word in place of one (section 6.3).
    private static func isPort(_ text: Substring) -> Bool {
        if text.first == "_" {
            return text.utf8.count > 1
                && text.utf8.allSatisfy { isLetterOrDigit($0) || wordMarks.contains($0) }
        }
        return (1...5).contains(text.utf8.count)
            && text.utf8.allSatisfy { (0x30...0x39).contains($0) }
    }

    private static let wordMarks = Array("._-".utf8)

    /// The pairs up to the next comma; none where a list has an empty place, nil if malformed.
    private mutating func element() -> [Element]? {
        var node: String?
        var names: Set<String> = []
        repeat {
            skipBlanks()
            guard !isNext(","), !isNext(";"), !rest.isEmpty else { continue }
            guard let name = token()?.lowercased(), names.insert(name).inserted, take("="),
                let value = isNext("\"") ? quoted() : token()
            else { return nil }
            if name == "for" { node = value }
            skipBlanks()
        } while take(";")
        return names.isEmpty ? [] : [Element(node: node)]
    }

    private mutating func token() -> String? {
        let token = rest.prefix { Self.isTokenPart($0) }
        rest = rest[token.endIndex...]
        return token.isEmpty ? nil : String(decoding: token, as: UTF8.self)
    }

    /// Source: RFC 9110, section 5.6.2.
    private static func isTokenPart(_ byte: UInt8) -> Bool {
        isLetterOrDigit(byte) || tokenMarks.contains(byte)
    }

    private static let tokenMarks = Array("!#$%&'*+-.^_`|~".utf8)

    private static func isLetterOrDigit(_ byte: UInt8) -> Bool {
        (0x30...0x39).contains(byte) || (0x41...0x5a).contains(byte & 0xdf)
    }

    /// Source: RFC 9110, section 5.6.4.
    private mutating func quoted() -> String? {
        guard take("\"") else { return nil }
        var text: [UInt8] = []
        while let byte = rest.popFirst() {
            switch byte {
            case UInt8(ascii: "\""): return String(decoding: text, as: UTF8.self)
            case UInt8(ascii: "\\"):
                guard let escaped = rest.popFirst() else { return nil }
                text.append(escaped)
            default: text.append(byte)
            }
        }
        return nil
    }

    private func isNext(_ mark: Unicode.Scalar) -> Bool { rest.first == UInt8(ascii: mark) }

    private mutating func take(_ mark: Unicode.Scalar) -> Bool {
        guard isNext(mark) else { return false }
        rest.removeFirst()
        return true
    }

    private mutating func skipBlanks() {
        rest = rest.drop { $0 == UInt8(ascii: " ") || $0 == UInt8(ascii: "\t") }
    }
}
