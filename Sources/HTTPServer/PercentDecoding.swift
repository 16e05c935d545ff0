/// Percent-decoding of paths and queries.
///
/// Source: RFC 3986, section 2.1; `+` for a space is the WHATWG URL standard's form encoding.
package enum PercentDecoding {
    /// Decodes `text`; nil when a `%` isn't followed by two digits or the bytes aren't UTF-8.
    package static func string(
        _ text: some Collection<UInt8>, plusIsSpace: Bool = false
    ) -> String? {
        var bytes: [UInt8] = []
        bytes.reserveCapacity(text.count)
        var rest = text.makeIterator()
        while let byte = rest.next() {
            if byte == UInt8(ascii: "%") {
                guard let high = rest.next()?.hexadecimalValue,
                    let low = rest.next()?.hexadecimalValue
                else { return nil }
                bytes.append(high << 4 | low)
            } else {
                bytes.append(plusIsSpace && byte == UInt8(ascii: "+") ? .space : byte)
            }
        }
        return String(validating: bytes, as: UTF8.self)
    }
}
