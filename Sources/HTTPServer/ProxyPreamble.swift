/// What a proxy says in front of a connection's first request, by the PROXY protocol.
///
/// Source: "The PROXY protocol, versions 1 & 2" of HAProxy, section 2.
struct ProxyPreamble: Sendable, Equatable {
    /// The client with its port, or `unix`; nil when the proxy speaks for itself or doesn't know.
    let source: String?
    /// Bytes from the connection's first one on.
    let length: Int

    enum Reading: Sendable, Equatable {
        /// The connection begins with something else.
        case absent
        /// What there is may become a preamble.
        case unfinished
        /// It begins like a preamble and is none.
        case malformed
        case whole(ProxyPreamble)
    }

    /// Looks at the bytes that a connection begins with.
    ///
    /// - Parameters:
    ///   - bytes: All that came in so far.
    ///   - bytesMax: How long a preamble of version 2 may be.
    /// - Returns: The same for whatever follows, once it is not `unfinished`.
    static func read(_ bytes: Span<UInt8>, bytesMax: Int) -> Reading {
        if isStart(bytes, of: version1Signature) {
            return bytes.count < version1Signature.count ? .unfinished : readVersion1(bytes)
        }
        if isStart(bytes, of: version2Signature) {
            return bytes.count < version2Signature.count
                ? .unfinished : readVersion2(bytes, bytesMax: bytesMax)
        }
        return .absent
    }

    private static let version1Signature = Array("PROXY ".utf8)
    private static let version2Signature = Array("\r\n\r\n\0\r\nQUIT\n".utf8)

    /// True when the bytes and the signature are the same as far as both go.
    private static func isStart(_ bytes: Span<UInt8>, of signature: [UInt8]) -> Bool {
        for index in 0..<min(bytes.count, signature.count) where bytes[index] != signature[index] {
            return false
        }
        return true
    }

    // Version 1: a line of text.

    /// Bytes of the longest line, its end included (section 2.1).
    private static let lineBytesMax = 107

    private static func readVersion1(_ bytes: Span<UInt8>) -> Reading {
        let end = min(bytes.count, lineBytesMax)
        var at = version1Signature.count
        while at < end, bytes[at] != .carriageReturn, bytes[at] != .lineFeed { at += 1 }
        if at + 1 >= end {
            // A line feed here has no carriage return before it.
            let isHopeless = at < end && bytes[at] == .lineFeed
            return isHopeless || end == lineBytesMax ? .malformed : .unfinished
        }
        guard bytes[at] == .carriageReturn, bytes[at + 1] == .lineFeed else { return .malformed }
        let line = (version1Signature.count..<at).map { bytes[$0] }
        return settle(line: String(decoding: line, as: UTF8.self), length: at + 2)
    }

    private static func settle(line: String, length: Int) -> Reading {
        let words = line.split(separator: " ", omittingEmptySubsequences: false)
        // What follows this word is to be ignored.
        if words[0] == "UNKNOWN" { return .whole(ProxyPreamble(source: nil, length: length)) }
        guard words.count == 5, words[0] == "TCP4" || words[0] == "TCP6" else { return .malformed }
        let isVersion6 = words[0] == "TCP6"
        guard words[1].contains(":") == isVersion6, words[2].contains(":") == isVersion6,
            let source = IPAddress.bytes(of: words[1]), IPAddress.bytes(of: words[2]) != nil,
            let port = port(words[3]), Self.port(words[4]) != nil
        else { return .malformed }
        let text = IPAddress.text(of: source, port: port)
        return .whole(ProxyPreamble(source: text, length: length))
    }

    private static func port(_ word: Substring) -> UInt16? {
        guard word.utf8.allSatisfy({ (0x30...0x39).contains($0) }),
            word == "0" || word.first != "0"
        else { return nil }
        return UInt16(word)
    }

    // Version 2: a block of bytes.

    /// Bytes before the addresses: signature, version and command, family, length.
    private static let headerBytes = 16

    private static func readVersion2(_ bytes: Span<UInt8>, bytesMax: Int) -> Reading {
        guard bytes.count > 12 else { return .unfinished }
        let command = bytes[12]
        guard command == 0x20 || command == 0x21 else { return .malformed }
        let isLocal = command == 0x20
        guard bytes.count > 13 else { return .unfinished }
        // The family of a preamble for the proxy itself is to be ignored.
        guard let family = isLocal ? .unspecified : Family(rawValue: bytes[13]) else {
            return .malformed
        }
        guard bytes.count >= headerBytes else { return .unfinished }
        let length = headerBytes + Int(bytes[14]) << 8 + Int(bytes[15])
        guard length <= bytesMax, length >= headerBytes + family.addressBytes else {
            return .malformed
        }
        guard bytes.count >= length else { return .unfinished }
        // What follows the addresses are the proxy's additions, which nobody here needs.
        let addresses = bytes.extracting(headerBytes..<length)
        return .whole(ProxyPreamble(source: family.source(in: addresses), length: length))
    }

    /// Family and transport (section 2.2).
    private enum Family: UInt8 {
        case unspecified = 0x00
        case tcp4 = 0x11
        case udp4 = 0x12
        case tcp6 = 0x21
        case udp6 = 0x22
        case unixStream = 0x31
        case unixDatagram = 0x32

        var addressBytes: Int {
            switch self {
            case .unspecified: 0
            case .tcp4, .udp4: 12
            case .tcp6, .udp6: 36
            case .unixStream, .unixDatagram: 216
            }
        }

        /// Who the connection is for; nil for what no stream has, which counts as unspecified.
        func source(in addresses: Span<UInt8>) -> String? {
            let bytes: Int
            switch self {
            case .tcp4: bytes = 4
            case .tcp6: bytes = 16
            case .unixStream: return "unix"
            case .unspecified, .udp4, .udp6, .unixDatagram: return nil
            }
            let address = (0..<bytes).map { addresses[$0] }
            let port = UInt16(addresses[2 * bytes]) << 8 | UInt16(addresses[2 * bytes + 1])
            return IPAddress.text(of: address, port: port)
        }
    }
}
