import JSON

/// Says whether bytes are JSON text, by RFC 8259 read word by word.
struct PlainReader {
    private let bytes: [UInt8]
    private var at = 0
    private var depth = 0

    static func isJSONText(_ bytes: [UInt8]) -> Bool {
        guard String(validating: bytes, as: UTF8.self) != nil else { return false }
        var reader = PlainReader(bytes: bytes)
        reader.skipSpace()
        guard reader.value() else { return false }
        reader.skipSpace()
        return reader.at == bytes.count
    }

    private init(bytes: [UInt8]) { self.bytes = bytes }

    private var next: UInt8? { at < bytes.count ? bytes[at] : nil }

    private mutating func take(_ text: String) -> Bool {
        guard bytes[at...].starts(with: text.utf8) else { return false }
        at += text.utf8.count
        return true
    }

    private mutating func skipSpace() {
        while let byte = next, [0x20, 0x09, 0x0a, 0x0d].contains(byte) { at += 1 }
    }

    private mutating func value() -> Bool {
        switch next {
        case UInt8(ascii: "{"): container("}") { $0.member() }
        case UInt8(ascii: "["): container("]") { $0.value() }
        case UInt8(ascii: "\""): string()
        case UInt8(ascii: "t"): take("true")
        case UInt8(ascii: "f"): take("false")
        case UInt8(ascii: "n"): take("null")
        case _: number()
        }
    }

    private mutating func container(
        _ end: String, _ element: (inout PlainReader) -> Bool
    ) -> Bool {
        depth += 1
        defer { depth -= 1 }
        guard depth <= JSONLimits.depthMax else { return false }
        at += 1
        skipSpace()
        if take(end) { return true }
        while true {
            skipSpace()
            guard element(&self) else { return false }
            skipSpace()
            if take(end) { return true }
            guard take(",") else { return false }
        }
    }

    private mutating func member() -> Bool {
        guard next == UInt8(ascii: "\""), string() else { return false }
        skipSpace()
        guard take(":") else { return false }
        skipSpace()
        return value()
    }

    private mutating func string() -> Bool {
        at += 1
        while let byte = next {
            at += 1
            switch byte {
            case UInt8(ascii: "\""): return true
            case 0..<0x20: return false
            case UInt8(ascii: "\\"):
                guard let escape = next else { return false }
                at += 1
                if escape == UInt8(ascii: "u") {
                    guard hexDigits(4) else { return false }
                } else if !"\"\\/bfnrt".utf8.contains(escape) {
                    return false
                }
            case _: continue
            }
        }
        return false
    }

    private mutating func hexDigits(_ count: Int) -> Bool {
        for _ in 0..<count {
            guard let byte = next, Character(UnicodeScalar(byte)).isHexDigit else { return false }
            at += 1
        }
        return true
    }

    private mutating func number() -> Bool {
        _ = take("-")
        if !take("0") {
            guard digits() else { return false }
        }
        if take(".") {
            guard digits() else { return false }
        }
        if take("e") || take("E") {
            if !take("+") { _ = take("-") }
            guard digits() else { return false }
        }
        return true
    }

    private mutating func digits() -> Bool {
        let start = at
        while let byte = next, (0x30...0x39).contains(byte) { at += 1 }
        return at > start
    }
}
