package import HTTPServer

/// What the journal keeps of a request's header.
package enum KeptHeaders {
    /// The fields in order, each as `Name: value` and a line feed.
    ///
    /// Left out are fields that carry credentials by their name, those of whose value `hasSecret`
    /// says so, and what goes beyond `Limits.deliveryHeaderBytesMax`.
    package static func lines(
        of head: HTTPRequestHead, unless hasSecret: (Span<UInt8>) -> Bool
    ) -> [UInt8] {
        var lines: [UInt8] = []
        lines.reserveCapacity(linesReserved)
        head.forEachFieldBytes { name, value in
            let count = name.count + value.count + 3
            guard lines.count + count <= Limits.deliveryHeaderBytesMax, !isWithheld(name),
                !hasSecret(value)
            else { return }
            for index in name.indices { lines.append(name[index]) }
            lines.append(UInt8(ascii: ":"))
            lines.append(UInt8(ascii: " "))
            for index in value.indices { lines.append(value[index]) }
            lines.append(UInt8(ascii: "\n"))
        }
        return lines
    }

    /// Room for the fields of a usual webhook.
    private static let linesReserved = 384

    /// Parts of names whose fields carry credentials, in small letters.
    private static let withheld: [[UInt8]] = [
        "auth", "cookie", "token", "secret", "passw", "credential", "session", "api-key", "apikey",
        "access-key",
    ].map { Array($0.utf8) }

    private static func isWithheld(_ name: Span<UInt8>) -> Bool {
        for part in withheld where contains(name, part) { return true }
        return false
    }

    /// Whether `name`, in any letter case, has `part` in it.
    private static func contains(_ name: Span<UInt8>, _ part: [UInt8]) -> Bool {
        guard name.count >= part.count else { return false }
        for start in 0...(name.count - part.count) {
            var length = 0
            while length < part.count, name[start + length] | 0x20 == part[length] | 0x20 {
                length += 1
            }
            if length == part.count { return true }
        }
        return false
    }
}
