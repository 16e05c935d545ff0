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
        IPAddress.bytes(of: text).map { contains($0) } ?? false
    }

    /// Whether an address of 4 or 16 bytes lies in the range; an IPv4-mapped one counts as IPv6.
    package func contains(_ other: [UInt8]) -> Bool {
        guard other.count == address.count else { return false }
        for bit in 0..<prefixBits {
            let mask = UInt8(0x80) >> UInt8(bit % 8)
            guard address[bit / 8] & mask == other[bit / 8] & mask else { return false }
        }
        return true
    }
}
