package import HTTPServer

/// Who really sent a request that came through proxies.
package enum PeerAddress {
    /// The sender's address without port.
    ///
    /// What proxies wrote is believed only as far as each hop that wrote it is a trusted proxy:
    /// read from the right, the first address that is no trusted proxy is the sender. What is no
    /// address ends the reading, so that the last hop known stands for the sender.
    ///
    /// - Parameters:
    ///   - connection: Who the connection comes from, with port, or `unix`.
    ///   - hops: What the proxies wrote.
    ///   - trusted: The proxies that are believed.
    /// - Returns: An address, or `unix`.
    package static func sender(
        connection: String, hops: ForwardedHops, trusted: [AddressRange]
    ) -> String {
        var sender = IPAddress.withoutPort(connection)
        guard !trusted.isEmpty else { return sender }
        for hop in hops.fromRight {
            guard trusted.contains(where: { $0.contains(sender) }), let hop else { return sender }
            sender = hop
        }
        return sender
    }
}
