extension HTTPResponse {
    /// Answers with a problem document.
    ///
    /// All text is escaped, so even text that came from a peer can't break out of its member; but
    /// say what is wrong in own words rather than repeat what was sent.
    /// Source: RFC 9457; `code` is an extension member, a stable word for programs.
    package static func problem(
        _ status: HTTPStatus,
        code: String,
        title: String? = nil,
        detail: String? = nil
    ) -> HTTPResponse {
        var body: [UInt8] = []
        body.reserveCapacity(160 + (detail?.utf8.count ?? 0))
        body.append(contentsOf: #"{"type":"about:blank","title":"#.utf8)
        body.appendJSONString(title ?? status.reason)
        body.append(contentsOf: #","status":"#.utf8)
        body.appendDecimal(status.code)
        if let detail {
            body.append(contentsOf: #","detail":"#.utf8)
            body.appendJSONString(detail)
        }
        body.append(contentsOf: #","code":"#.utf8)
        body.appendJSONString(code)
        body.append(UInt8(ascii: "}"))
        return HTTPResponse(status, contentType: "application/problem+json", body: body)
    }
}

extension [UInt8] {
    /// Adds `text` as a JSON string (RFC 8259, section 7).
    ///
    /// `<`, `>`, `&` and U+007F are escaped too, so that a browser that takes the document for
    /// HTML finds no markup in it.
    mutating func appendJSONString(_ text: String) {
        append(UInt8(ascii: "\""))
        for byte in text.utf8 {
            switch byte {
            case UInt8(ascii: "\""), UInt8(ascii: "\\"):
                append(UInt8(ascii: "\\"))
                append(byte)
            case 0..<0x20, 0x7f, UInt8(ascii: "<"), UInt8(ascii: ">"), UInt8(ascii: "&"):
                append(contentsOf: #"\u00"#.utf8)
                append(Self.hexadecimalDigit(byte >> 4))
                append(Self.hexadecimalDigit(byte & 0xf))
            default: append(byte)
            }
        }
        append(UInt8(ascii: "\""))
    }

    private static func hexadecimalDigit(_ value: UInt8) -> UInt8 {
        value < 10 ? UInt8(ascii: "0") + value : UInt8(ascii: "a") + value - 10
    }

    /// Adds the digits of `number`, which is not negative.
    mutating func appendDecimal(_ number: Int) {
        precondition(number >= 0)
        guard number >= 10 else { return append(UInt8(ascii: "0") + UInt8(number)) }
        appendDecimal(number / 10)
        append(UInt8(ascii: "0") + UInt8(number % 10))
    }
}
