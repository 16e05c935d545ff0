/// A range of IP addresses in CIDR notation (RFC 4632, section 3.1; RFC 4291, section 2.3).
package struct AddressRange: Sendable, Equatable {
    private let address: [UInt8]
    private let prefixBits: Int

    /// Reads `10.0.0.0/8`, `::1/128` or a single address; `nil` for anything else.
    package init?(_ text: String) {
        let parts = text.split(separator: "/", maxSplits: 1, omittingEmptySubsequences: false)
        guard let first = parts.first, let address = IPAddress.bytes(of: first) else { return nil }
        var bits = address.count * 8
        if parts.count == 2 {
            guard parts[1].utf8.allSatisfy({ (0x30...0x39).contains($0) }),
                let given = Int(parts[1]), given <= bits
            else { return nil }
            bits = given
        }
        self.address = address
        prefixBits = bits
    }

    /// Whether `text`, an address without port, lies in the range.
    package func contains(_ text: some StringProtocol) -> Bool {
        guard let other = IPAddress.bytes(of: text), other.count == address.count else {
            return false
        }
        for bit in 0..<prefixBits {
            let mask = UInt8(0x80) >> UInt8(bit % 8)
            guard address[bit / 8] & mask == other[bit / 8] & mask else { return false }
        }
        return true
    }
}

/// Reads numeric IP addresses.
package enum IPAddress {
    /// The 4 or 16 bytes of an address; an IPv4-mapped one (RFC 4291, 2.5.5.2) counts as IPv4.
    package static func bytes(of text: some StringProtocol) -> [UInt8]? {
        guard text.contains(":") else { return version4(text) }
        guard let bytes = version6(text) else { return nil }
        let mapped = [UInt8](repeating: 0, count: 10) + [0xff, 0xff]
        return bytes.starts(with: mapped) ? Array(bytes.suffix(4)) : bytes
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
