/// The credentials of `Authorization: Bearer …`.
///
/// Source: RFC 6750, section 2.1; the scheme's name is free of case (RFC 9110, section 11.1).
package struct BearerToken {
    private let bytes: [UInt8]

    /// The token in a field's value; empty when there is no field or another scheme.
    package static func token(in field: Span<UInt8>?) -> BearerToken {
        guard let field else { return BearerToken(bytes: []) }
        let scheme = "bearer ".utf8
        let count = scheme.count
        guard field.count > count else { return BearerToken(bytes: []) }
        for (index, letter) in scheme.enumerated() {
            let byte = field[index]
            let isUpper = (0x41...0x5a).contains(byte)
            guard (isUpper ? byte | 0x20 : byte) == letter else { return BearerToken(bytes: []) }
        }
        var bytes: [UInt8] = []
        bytes.reserveCapacity(field.count - count)
        for index in count..<field.count { bytes.append(field[index]) }
        return BearerToken(bytes: bytes)
    }

    /// Whether nothing was presented.
    package var isEmpty: Bool { bytes.isEmpty }

    /// Lends the token.
    package func withBytes<Result>(_ body: ([UInt8]) -> Result) -> Result { body(bytes) }
}
