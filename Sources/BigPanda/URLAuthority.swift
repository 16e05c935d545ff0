/// The part of a URL that says whom to call: a host, and a port if one is given.
///
/// Source: RFC 3986, section 3.2, without the part that names a user.
package struct URLAuthority: Sendable, Equatable {
    /// The host as it was written; an IPv6 address without its brackets.
    package let host: Substring
    /// Whether the host stood in brackets, as only IPv6 addresses do.
    package let isBracketed: Bool

    /// Takes an authority apart; nil unless the host and the port are well-formed.
    ///
    /// A host is a name of letters, digits, `-` and `_` between dots, an IPv4 address, or an IPv6
    /// address in brackets, of which the characters alone are looked at. A port is 1 to 65535.
    package init?(_ text: Substring) {
        let written: Substring
        isBracketed = text.hasPrefix("[")
        if isBracketed {
            guard let end = text.firstIndex(of: "]") else { return nil }
            written = text[...end]
            host = written.dropFirst().dropLast()
            let isAddress = host.utf8.allSatisfy { Self.isHexDigit($0) || ":.".utf8.contains($0) }
            guard host.contains(":"), isAddress else { return nil }
        } else {
            written = text.prefix { $0 != ":" }
            host = written
            // A dot at either end, or two in a row, makes a name that no resolver knows.
            let labels = host.split(separator: ".", omittingEmptySubsequences: false)
            guard host.utf8.allSatisfy(Self.isNameByte), labels.allSatisfy({ !$0.isEmpty }) else {
                return nil
            }
        }
        let port = text.dropFirst(written.count)
        guard port.isEmpty || Self.isPort(port) else { return nil }
    }

    private static func isNameByte(_ byte: UInt8) -> Bool {
        switch byte {
        case 0x30...0x39, 0x41...0x5A, 0x61...0x7A: true
        case UInt8(ascii: "-"), UInt8(ascii: "."), UInt8(ascii: "_"): true
        default: false
        }
    }

    private static func isHexDigit(_ byte: UInt8) -> Bool {
        switch byte {
        case 0x30...0x39, 0x41...0x46, 0x61...0x66: true
        default: false
        }
    }

    private static func isPort(_ text: Substring) -> Bool {
        let digits = text.dropFirst()
        guard text.hasPrefix(":"), digits.utf8.allSatisfy({ (0x30...0x39).contains($0) }),
            digits.utf8.count <= 5, let port = UInt16(digits)
        else { return false }
        return port > 0
    }
}
