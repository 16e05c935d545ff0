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
            unsafe name.withUnsafeBufferPointer { unsafe lines.append(contentsOf: $0) }
            lines.append(UInt8(ascii: ":"))
            lines.append(UInt8(ascii: " "))
            unsafe value.withUnsafeBufferPointer { unsafe lines.append(contentsOf: $0) }
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

    /// A bit for each small letter that one of them begins with, counted from `@` with its case bit.
    private static let firstLetters: UInt32 = withheld.reduce(0) { $0 | 1 << UInt32($1[0] & 31) }

    private static func isWithheld(_ name: Span<UInt8>) -> Bool {
        for start in name.indices where firstLetters & 1 << UInt32(name[start] & 31) != 0 {
            for part in withheld where stands(part, in: name, at: start) { return true }
        }
        return false
    }

    /// Whether `name`, in any letter case, has `part` at `start`.
    private static func stands(_ part: [UInt8], in name: Span<UInt8>, at start: Int) -> Bool {
        guard start + part.count <= name.count else { return false }
        for index in part.indices where name[start + index] | 0x20 != part[index] | 0x20 {
            return false
        }
        return true
    }
}
