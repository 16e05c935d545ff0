/// PROXY preambles, well made and not.
enum Preambles {
    static let signature: [UInt8] = Array("\r\n\r\n\0\r\nQUIT\n".utf8)

    /// A block of version 2; `length` says something else than the truth if given.
    static func version2(
        _ command: UInt8, _ family: UInt8, _ content: [UInt8], length: Int? = nil
    ) -> [UInt8] {
        let length = length ?? content.count
        return signature + [command, family, UInt8(length >> 8), UInt8(length & 0xff)] + content
    }

    static let addresses4: [UInt8] = [192, 0, 2, 7, 192, 0, 2, 8, 0x12, 0x67, 0x1f, 0x90]
    static let addresses6: [UInt8] =
        [0x20, 0x01, 0x0d, 0xb8] + [UInt8](repeating: 0, count: 11) + [1]
        + [UInt8](repeating: 0, count: 15) + [1] + [0x12, 0x67, 0x1f, 0x90]
    static let addressesUnix = [UInt8](repeating: 0x2f, count: 216)
    /// Additions: a name that was asked for, and one of a kind that nobody knows.
    static let additions: [UInt8] = [0x02, 0, 3, 97, 46, 98, 0xee, 0, 1, 0]

    /// Bytes, and whom they name; nil for the proxy itself.
    static let good: [(bytes: [UInt8], source: String?)] =
        [
            ("PROXY TCP4 192.0.2.7 192.0.2.8 4711 8080\r\n", "192.0.2.7:4711"),
            ("PROXY TCP4 255.255.255.255 255.255.255.255 65535 65535\r\n", "255.255.255.255:65535"),
            ("PROXY TCP6 2001:db8::1 ::1 4711 8080\r\n", "[2001:db8::1]:4711"),
            ("PROXY TCP6 2001:DB8:0:0:0:0:0:1 ::1 0 0\r\n", "[2001:db8::1]:0"),
            ("PROXY TCP6 ::ffff:192.0.2.7 ::1 1 2\r\n", "192.0.2.7:1"),
            ("PROXY UNKNOWN\r\n", nil), ("PROXY UNKNOWN anything \0 at all\r\n", nil),
            ("PROXY UNKNOWN " + String(repeating: "f", count: 91) + "\r\n", nil),
        ].map { (Array($0.0.utf8), $0.1) } + [
            (version2(0x21, 0x11, addresses4), "192.0.2.7:4711"),
            (version2(0x21, 0x11, addresses4 + additions), "192.0.2.7:4711"),
            (version2(0x21, 0x21, addresses6), "[2001:db8::1]:4711"),
            (version2(0x21, 0x21, addresses6 + additions), "[2001:db8::1]:4711"),
            (version2(0x21, 0x31, addressesUnix), "unix"),
            (version2(0x21, 0x31, addressesUnix + additions), "unix"),
            (version2(0x21, 0x00, []), nil), (version2(0x21, 0x00, addresses6), nil),
            (version2(0x21, 0x12, addresses4), nil), (version2(0x21, 0x22, addresses6), nil),
            (version2(0x21, 0x32, addressesUnix), nil),
            (version2(0x20, 0x00, []), nil), (version2(0x20, 0x11, addresses4), nil),
            (version2(0x20, 0xff, additions), nil),
            (
                version2(0x21, 0x11, addresses4 + [UInt8](repeating: 4, count: 4_068)),
                "192.0.2.7:4711"
            ),
        ]

    static let bad: [[UInt8]] =
        [
            "PROXY \r\n", "PROXY  TCP4 192.0.2.7 192.0.2.8 1 2\r\n", "PROXY TCP4\r\n",
            "PROXY TCP4 192.0.2.7 192.0.2.8 1\r\n", "PROXY TCP4 192.0.2.7 192.0.2.8 1 2 \r\n",
            "PROXY TCP4 192.0.2.7 192.0.2.8 1 2 3\r\n", "PROXY TCP4 192.0.2.7  192.0.2.8 1 2\r\n",
            "PROXY TCP4 192.0.2 192.0.2.8 1 2\r\n", "PROXY TCP4 192.0.2.256 192.0.2.8 1 2\r\n",
            "PROXY TCP4 192.0.2.7 host 1 2\r\n", "PROXY TCP4 ::1 ::1 1 2\r\n",
            "PROXY TCP6 192.0.2.7 192.0.2.8 1 2\r\n", "PROXY TCP6 ::1 192.0.2.8 1 2\r\n",
            "PROXY TCP6 1::2::3 ::1 1 2\r\n", "PROXY TCP5 192.0.2.7 192.0.2.8 1 2\r\n",
            "PROXY tcp4 192.0.2.7 192.0.2.8 1 2\r\n", "PROXY UDP4 192.0.2.7 192.0.2.8 1 2\r\n",
            "PROXY TCP4 192.0.2.7 192.0.2.8 65536 2\r\n", "PROXY TCP4 192.0.2.7 192.0.2.8 1 -2\r\n",
            "PROXY TCP4 192.0.2.7 192.0.2.8 +1 2\r\n", "PROXY TCP4 192.0.2.7 192.0.2.8 01 2\r\n",
            "PROXY TCP4 192.0.2.7 192.0.2.8 1 \r\n", "PROXY TCP4 192.0.2.7 192.0.2.8 1 2\n",
            "PROXY TCP4 192.0.2.7 192.0.2.8 1 2\rGET", "PROXY UNKNOWNS\r\n",
            "PROXY UNKNOWN " + String(repeating: "f", count: 92) + "\r\n",
            "PROXY " + String(repeating: "x", count: 200),
        ].map { Array($0.utf8) } + [
            version2(0x11, 0x11, addresses4), version2(0x31, 0x11, addresses4),
            version2(0x22, 0x11, addresses4), version2(0x2f, 0x11, addresses4),
            version2(0x21, 0x10, addresses4), version2(0x21, 0x01, addresses4),
            version2(0x21, 0x41, addresses4), version2(0x21, 0x13, addresses4),
            version2(0x21, 0x11, Array(addresses4.dropLast())),
            version2(0x21, 0x21, Array(addresses6.dropLast())),
            version2(0x21, 0x31, Array(addressesUnix.dropLast())),
            version2(0x21, 0x11, addresses4, length: 4_081),
            version2(0x20, 0x00, [], length: 65_535),
        ]

    static let absent = [
        "GET / HTTP/1.1\r\n", "P", "POST", "PUT ", "PATCH", "PROPFIND /", "PROXYS", "PROXY\t",
        "proxy ", "\r\nGET", "\r\n\r\n\r", "\r\n\r\n\0\r\nQUIT ", "\u{16}\u{3}\u{1}", "\n",
    ].map { Array($0.utf8) }
}
