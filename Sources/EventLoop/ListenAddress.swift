/// Where a listener listens or a stream connects to.
package enum ListenAddress: Equatable, Hashable, Sendable {
    /// A numeric IPv4 or IPv6 host, without brackets, and a port; port 0 lets the system pick one.
    case tcp(host: String, port: UInt16)
    /// The path of a Unix socket.
    case unix(path: String)

    /// Reads `127.0.0.1:8080`, `[::]:8080` or `unix:/path`; nil for anything else.
    ///
    /// The host is not looked at here; opening the listener says whether it is an address.
    package init?(_ text: String) {
        let scheme = "unix:"
        guard !text.hasPrefix(scheme) else {
            let path = text.dropFirst(scheme.count)
            guard !path.isEmpty, path.utf8.count <= LoopLimits.unixPathBytesMax else { return nil }
            self = .unix(path: String(path))
            return
        }
        guard let colon = text.lastIndex(of: ":") else { return nil }
        let portText = text[text.index(after: colon)...]
        // UInt16 reads a leading plus sign, which is no port.
        guard portText.utf8.allSatisfy({ (0x30...0x39).contains($0) }),
            let port = UInt16(portText)
        else { return nil }
        let hostText = text[..<colon]
        if hostText.hasPrefix("[") {
            guard hostText.hasSuffix("]"), hostText.utf8.count > 2 else { return nil }
            self = .tcp(host: String(hostText.dropFirst().dropLast()), port: port)
        } else {
            guard !hostText.isEmpty, !hostText.contains(":") else { return nil }
            self = .tcp(host: String(hostText), port: port)
        }
    }
}

extension ListenAddress: CustomStringConvertible {
    /// The form that `init(_:)` reads.
    package var description: String {
        switch self {
        case .tcp(let host, let port): host.contains(":") ? "[\(host)]:\(port)" : "\(host):\(port)"
        case .unix(let path): "unix:\(path)"
        }
    }
}
