/// Who really sent a request that came through proxies.
package enum PeerAddress {
    /// The sender's address without port.
    ///
    /// `X-Forwarded-For` is believed only as far as each hop that wrote it is a trusted proxy: read
    /// from the right, the first address that is no trusted proxy is the sender. A header that is
    /// no list of addresses ends the reading.
    ///
    /// - Parameters:
    ///   - connection: Who the connection comes from, with port, or `unix`.
    ///   - forwardedFor: The header's value, if there is one.
    ///   - trusted: The proxies that are believed.
    /// - Returns: An address, or `unix`.
    package static func sender(
        connection: String, forwardedFor: String?, trusted: [AddressRange]
    ) -> String {
        let direct = withoutPort(connection)
        var sender = direct
        guard let forwardedFor, !trusted.isEmpty else { return direct }
        for entry in forwardedFor.split(separator: ",").reversed() {
            guard trusted.contains(where: { $0.contains(sender) }) else { return sender }
            let address = withoutPort(String(entry).trimmingBlanks)
            guard IPAddress.bytes(of: address) != nil else { return sender }
            sender = address
        }
        return sender
    }

    private static func withoutPort(_ text: String) -> String {
        if text.hasPrefix("["), let end = text.firstIndex(of: "]") {
            return String(text[text.index(after: text.startIndex)..<end])
        }
        guard let colon = text.lastIndex(of: ":"), text.firstIndex(of: ":") == colon else {
            return text
        }
        return String(text[..<colon])
    }
}
