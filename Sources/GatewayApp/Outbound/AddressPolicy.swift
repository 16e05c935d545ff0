package import HTTPServer

/// Which addresses webhooks may be posted to; asked once a name is resolved.
///
/// Whoever may make endpoints could otherwise have the gateway post into networks that it stands
/// in, and learn from the answers what is there.
package struct AddressPolicy: Sendable, Equatable {
    /// Addresses that are no public ones and may be posted to all the same.
    private let allowed: [AddressRange]

    /// Lets public addresses be posted to, and those in `allowed`.
    package init(allowing allowed: [AddressRange] = []) {
        self.allowed = allowed
    }

    /// Lets every address be posted to.
    package static let all = AddressPolicy(
        allowing: ["0.0.0.0/0", "::/0"].compactMap { AddressRange($0) })

    /// Whether anything but public addresses may be posted to.
    package var allowsPrivate: Bool { !allowed.isEmpty }

    /// Whether an address of 4 or 16 bytes, as it is connected to, may be posted to.
    ///
    /// `isPlain` is to do so without TLS, which only the allowed ones may be.
    package func admits(_ address: [UInt8], isPlain: Bool) -> Bool {
        let address = Self.unmapped(address)
        if allowed.contains(where: { $0.contains(address) }) { return true }
        return !isPlain && Self.isPublic(address)
    }

    /// Whether an address is one of the Internet's, which anybody may hold.
    ///
    /// Source: IANA, "IPv4 Special-Purpose Address Registry" and "IPv6 Special-Purpose Address
    /// Registry"; RFC 4291, section 2.4.
    package static func isPublic(_ address: [UInt8]) -> Bool {
        let address = unmapped(address)
        guard address.count == 16 else {
            return address.count == 4 && !special4.contains { $0.contains(address) }
        }
        // An address of either kind stands for the IPv4 one in it.
        if translated.contains(address) { return isPublic(Array(address.suffix(4))) }
        if sixToFour.contains(address) { return isPublic(Array(address[2..<6])) }
        return global6.contains(address) && !special6.contains { $0.contains(address) }
    }

    /// An IPv4-mapped address (RFC 4291, section 2.5.5.2) as the IPv4 one that it is.
    private static func unmapped(_ address: [UInt8]) -> [UInt8] {
        let isMapped =
            address.count == 16 && address[..<10].allSatisfy { $0 == 0 }
            && address[10] == 0xFF && address[11] == 0xFF
        return isMapped ? Array(address.suffix(4)) : address
    }

    private static let special4 = ranges([
        "0.0.0.0/8", "10.0.0.0/8", "100.64.0.0/10", "127.0.0.0/8", "169.254.0.0/16",
        "172.16.0.0/12", "192.0.0.0/24", "192.0.2.0/24", "192.88.99.0/24", "192.168.0.0/16",
        "198.18.0.0/15", "198.51.100.0/24", "203.0.113.0/24", "224.0.0.0/4", "240.0.0.0/4",
    ])
    /// Loopback, unique-local and link-local addresses, and multicast, lie outside of this.
    private static let global6 = range("2000::/3")
    private static let special6 = ranges(["2001::/23", "2001:db8::/32", "3fff::/20"])
    /// NAT64 (RFC 6052).
    private static let translated = range("64:ff9b::/96")
    /// 6to4 (RFC 3056).
    private static let sixToFour = range("2002::/16")

    private static func range(_ text: String) -> AddressRange {
        guard let range = AddressRange(text) else { preconditionFailure("\(text) is no range") }
        return range
    }

    private static func ranges(_ texts: [String]) -> [AddressRange] { texts.map(range) }
}
