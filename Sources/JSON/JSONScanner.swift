/// Walks a document that simdjson refused: finds where it breaks the grammar, or makes it readable.
///
/// Slower than simdjson, and so asked only after a refusal. When the grammar holds, what simdjson
/// can't represent is replaced where it stands by something of the same length and meaning.
/// Source: RFC 8259, sections 2 to 7.
struct JSONScanner {
    private enum Expected {
        case value
        case firstElementOrEnd
        case name
        case firstNameOrEnd
        case commaOrEnd
    }

    private enum Container { case array, object }

    /// The document; after a scan, with the replacements in it.
    private(set) var bytes: [UInt8]
    private var position = 0
    private var repairCount = 0
    private var open: [Container] = []

    init(_ bytes: [UInt8]) { self.bytes = bytes }

    /// Checks the whole document.
    ///
    /// - Returns: How many places were replaced.
    /// - Throws: The first thing that is against the grammar.
    mutating func scan() throws(JSONError) -> Int {
        skipWhiteSpace()
        guard position < bytes.count else { throw JSONError(.empty) }
        var expected = Expected.value
        repeat {
            skipWhiteSpace()
            expected = try step(expected)
        } while !open.isEmpty
        skipWhiteSpace()
        guard position == bytes.count else { throw JSONError(.trailingBytes, at: position) }
        return repairCount
    }

    private mutating func step(_ expected: Expected) throws(JSONError) -> Expected {
        let byte = try current()
        switch expected {
        case .firstElementOrEnd where byte == UInt8(ascii: "]"),
            .firstNameOrEnd where byte == UInt8(ascii: "}"):
            return close()
        case .value, .firstElementOrEnd:
            return try value(startingWith: byte)
        case .name, .firstNameOrEnd:
            guard byte == UInt8(ascii: "\"") else { throw unexpected() }
            try string()
            skipWhiteSpace()
            guard try current() == UInt8(ascii: ":") else { throw unexpected() }
            position += 1
            return .value
        case .commaOrEnd:
            let container = open.last
            let end = container == .array ? UInt8(ascii: "]") : UInt8(ascii: "}")
            if byte == end { return close() }
            guard byte == UInt8(ascii: ",") else { throw unexpected() }
            position += 1
            return container == .array ? .value : .name
        }
    }

    private mutating func value(startingWith byte: UInt8) throws(JSONError) -> Expected {
        switch byte {
        case UInt8(ascii: "{"): return try enter(.object, .firstNameOrEnd)
        case UInt8(ascii: "["): return try enter(.array, .firstElementOrEnd)
        case UInt8(ascii: "\""): try string()
        case UInt8(ascii: "-"), UInt8(ascii: "0")...UInt8(ascii: "9"): try number()
        case UInt8(ascii: "t"): try literal("true")
        case UInt8(ascii: "f"): try literal("false")
        case UInt8(ascii: "n"): try literal("null")
        default: throw unexpected()
        }
        return .commaOrEnd
    }

    private mutating func enter(
        _ container: Container, _ expected: Expected
    ) throws(JSONError) -> Expected {
        guard open.count < JSONLimits.depthMax else { throw JSONError(.tooDeep, at: position) }
        open.append(container)
        position += 1
        return expected
    }

    private mutating func close() -> Expected {
        open.removeLast()
        position += 1
        return .commaOrEnd
    }

    private mutating func literal(_ text: String) throws(JSONError) {
        for byte in text.utf8 {
            guard try current() == byte else { throw unexpected() }
            position += 1
        }
    }

    // MARK: Numbers

    private mutating func number() throws(JSONError) {
        let start = position
        var isInteger = true
        if peek() == UInt8(ascii: "-") { position += 1 }
        if peek() == UInt8(ascii: "0") { position += 1 } else { try digits() }
        if peek() == UInt8(ascii: ".") {
            isInteger = false
            position += 1
            try digits()
        }
        if peek() == UInt8(ascii: "e") || peek() == UInt8(ascii: "E") {
            isInteger = false
            position += 1
            if peek() == UInt8(ascii: "+") || peek() == UInt8(ascii: "-") { position += 1 }
            try digits()
        }
        guard JSONRepair.mayOverflow(byteCount: position - start, isInteger: isInteger),
            let replacement = JSONRepair.number(bytes[start..<position], isInteger: isInteger)
        else { return }
        replace(from: start, with: replacement)
    }

    private mutating func digits() throws(JSONError) {
        guard let first = peek() else { throw JSONError(.unexpectedEnd, at: position) }
        guard first.isDigit else { throw JSONError(.badNumber, at: position) }
        while let byte = peek(), byte.isDigit { position += 1 }
    }

    // MARK: Strings

    private mutating func string() throws(JSONError) {
        position += 1
        while true {
            let byte = try current()
            switch byte {
            case UInt8(ascii: "\""):
                position += 1
                return
            case UInt8(ascii: "\\"): try escape()
            case 0..<0x20: throw JSONError(.controlCharacter, at: position)
            case 0x20..<0x80: position += 1
            default: try multibyteScalar(startingWith: byte)
            }
        }
    }

    private mutating func escape() throws(JSONError) {
        let start = position
        position += 1
        switch try current() {
        case UInt8(ascii: "\""), UInt8(ascii: "\\"), UInt8(ascii: "/"), UInt8(ascii: "b"),
            UInt8(ascii: "f"), UInt8(ascii: "n"), UInt8(ascii: "r"), UInt8(ascii: "t"):
            position += 1
        case UInt8(ascii: "u"):
            position += 1
            let unit = try hexUnit()
            guard UTF16.isSurrogate(unit) else { return }
            if UTF16.isLeadSurrogate(unit), trailSurrogateFollows() {
                position += 6
            } else {
                replace(from: start, with: JSONRepair.replacementCharacter)
            }
        default: throw JSONError(.badEscape, at: start)
        }
    }

    private mutating func hexUnit() throws(JSONError) -> UInt16 {
        var unit: UInt16 = 0
        for _ in 0..<4 {
            guard let digit = try current().hexDigit else {
                throw JSONError(.badEscape, at: position)
            }
            unit = unit << 4 | UInt16(digit)
            position += 1
        }
        return unit
    }

    private func trailSurrogateFollows() -> Bool {
        guard position + 6 <= bytes.count, bytes[position] == UInt8(ascii: "\\"),
            bytes[position + 1] == UInt8(ascii: "u")
        else { return false }
        var ahead = self
        ahead.position += 2
        do throws(JSONError) {
            return try UTF16.isTrailSurrogate(ahead.hexUnit())
        } catch {
            return false  // Not an escape at all: the walk itself will come to it and say so.
        }
    }

    private mutating func multibyteScalar(startingWith first: UInt8) throws(JSONError) {
        // The second byte's range keeps out overlong forms, surrogates and what lies beyond
        // U+10FFFF (RFC 3629, section 4).
        let (length, second): (Int, ClosedRange<UInt8>)
        switch first {
        case 0xC2...0xDF: (length, second) = (2, 0x80...0xBF)
        case 0xE0: (length, second) = (3, 0xA0...0xBF)
        case 0xED: (length, second) = (3, 0x80...0x9F)
        case 0xE1...0xEF: (length, second) = (3, 0x80...0xBF)
        case 0xF0: (length, second) = (4, 0x90...0xBF)
        case 0xF1...0xF3: (length, second) = (4, 0x80...0xBF)
        case 0xF4: (length, second) = (4, 0x80...0x8F)
        default: throw JSONError(.notUTF8, at: position)
        }
        for offset in 1..<length {
            let allowed = offset == 1 ? second : 0x80...0xBF
            guard position + offset < bytes.count else {
                throw JSONError(.unexpectedEnd, at: bytes.count)
            }
            guard allowed.contains(bytes[position + offset]) else {
                throw JSONError(.notUTF8, at: position)
            }
        }
        position += length
    }

    // MARK: Bytes

    private func peek() -> UInt8? {
        position < bytes.count ? bytes[position] : nil
    }

    private func current() throws(JSONError) -> UInt8 {
        guard let byte = peek() else { throw JSONError(.unexpectedEnd, at: position) }
        return byte
    }

    private mutating func replace(from start: Int, with replacement: [UInt8]) {
        precondition(start + replacement.count == position, "a replacement of another length")
        bytes.replaceSubrange(start..<position, with: replacement)
        repairCount += 1
    }

    private func unexpected() -> JSONError { JSONError(.unexpectedByte, at: position) }

    private mutating func skipWhiteSpace() {
        while let byte = peek(), byte == 0x20 || byte == 0x0A || byte == 0x0D || byte == 0x09 {
            position += 1
        }
    }
}

extension UInt8 {
    fileprivate var isDigit: Bool { (UInt8(ascii: "0")...UInt8(ascii: "9")).contains(self) }

    fileprivate var hexDigit: UInt8? {
        switch self {
        case UInt8(ascii: "0")...UInt8(ascii: "9"): self - UInt8(ascii: "0")
        case UInt8(ascii: "a")...UInt8(ascii: "f"): self - UInt8(ascii: "a") + 10
        case UInt8(ascii: "A")...UInt8(ascii: "F"): self - UInt8(ascii: "A") + 10
        default: nil
        }
    }
}
