/// Reads and writes numeric IP addresses.
package enum IPAddress {
    /// The 4 or 16 bytes of an address; an IPv4-mapped one (RFC 4291, 2.5.5.2) counts as IPv4.
    package static func bytes(of text: some StringProtocol) -> [UInt8]? {
        guard text.contains(":") else { return version4(text) }
        guard let bytes = version6(text) else { return nil }
        return bytes.starts(with: mappedPrefix) ? Array(bytes.suffix(4)) : bytes
    }

    private static let mappedPrefix = [UInt8](repeating: 0, count: 10) + [0xff, 0xff]

    /// Writes 4 or 16 bytes as an address; an IPv4-mapped one as IPv4.
    ///
    /// Source: RFC 5952, section 4.
    static func text(of bytes: [UInt8]) -> String {
        precondition(bytes.count == 4 || bytes.count == 16, "an address has 4 or 16 bytes")
        if bytes.count == 4 { return bytes.map { "\($0)" }.joined(separator: ".") }
        if bytes.starts(with: mappedPrefix) { return text(of: Array(bytes.suffix(4))) }
        let groups = stride(from: 0, to: 16, by: 2).map {
            UInt16(bytes[$0]) << 8 | UInt16(bytes[$0 + 1])
        }
        let zeros = longestZeros(in: groups)
        let words = groups.map { String($0, radix: 16) }
        guard zeros.count > 1 else { return words.joined(separator: ":") }
        return words[..<zeros.lowerBound].joined(separator: ":") + "::"
            + words[zeros.upperBound...].joined(separator: ":")
    }

    /// The first of the longest runs of groups that are 0.
    private static func longestZeros(in groups: [UInt16]) -> Range<Int> {
        var longest = 0..<0
        var start = 0
        for index in groups.indices {
            guard groups[index] == 0 else {
                start = index + 1
                continue
            }
            if index + 1 - start > longest.count { longest = start..<index + 1 }
        }
        return longest
    }

    /// An address with its port, as `Stream.peer` writes it.
    static func text(of bytes: [UInt8], port: UInt16) -> String {
        let host = text(of: bytes)
        return host.contains(":") ? "[\(host)]:\(port)" : "\(host):\(port)"
    }

    /// Takes the port off an address, and the brackets that an IPv6 one needs before a port.
    package static func withoutPort(_ text: String) -> String {
        // By bytes, since every webhook's sender comes by here.
        let bytes = text.utf8
        let (colon, bracket) = (UInt8(ascii: ":"), UInt8(ascii: "]"))
        if bytes.first == UInt8(ascii: "["), let end = bytes.firstIndex(of: bracket) {
            return String(decoding: bytes[bytes.index(after: bytes.startIndex)..<end], as: UTF8.self)
        }
        guard let first = bytes.firstIndex(of: colon),
            !bytes[bytes.index(after: first)...].contains(colon)
        else { return text }
        return String(decoding: bytes[..<first], as: UTF8.self)
    }

    private static func version4(_ text: some StringProtocol) -> [UInt8]? {
        let parts = text.split(separator: ".", omittingEmptySubsequences: false)
        guard parts.count == 4 else { return nil }
        var bytes: [UInt8] = []
        for part in parts {
            guard (1...3).contains(part.utf8.count),
                part.utf8.allSatisfy({ (0x30...0x39).contains($0) }), let byte = UInt8(part)
            else { return nil }
            bytes.append(byte)
        }
        return bytes
    }

    private static func version6(_ text: some StringProtocol) -> [UInt8]? {
        let halves = text.split(separator: "::", omittingEmptySubsequences: false)
        guard halves.count <= 2 else { return nil }
        var sides: [[UInt8]] = []
        for half in halves {
            guard let side = groups(half) else { return nil }
            sides.append(side)
        }
        guard sides.count == 2 else { return sides[0].count == 16 ? sides[0] : nil }
        let missing = 16 - sides[0].count - sides[1].count
        guard missing >= 2 else { return nil }
        return sides[0] + [UInt8](repeating: 0, count: missing) + sides[1]
    }

    private static func groups(_ half: some StringProtocol) -> [UInt8]? {
        guard !half.isEmpty else { return [] }
        var bytes: [UInt8] = []
        let parts = half.split(separator: ":", omittingEmptySubsequences: false)
        for (index, part) in parts.enumerated() {
            if index == parts.count - 1, part.contains(".") {
                guard let tail = version4(part) else { return nil }
                bytes += tail
                continue
            }
            guard (1...4).contains(part.utf8.count), let group = UInt16(part, radix: 16),
                part.utf8.first != UInt8(ascii: "+")
            else { return nil }
            bytes += [UInt8(group >> 8), UInt8(group & 0xff)]
        }
        return bytes
    }
}
