/// Writes one JSON document into a byte array.
///
/// Commas and quotes are seen to here; that a name stands before each value of an object is up to
/// the caller, as is writing exactly one root. Strings come out as UTF-8 with only what
/// RFC 8259, section 7, demands escaped, so bytes go out much as they came in.
package struct JSONWriter: Sendable {
    /// What was written so far.
    package private(set) var bytes: [UInt8] = []
    // Whether a value precedes in the innermost open container, so that the next needs a comma.
    private var followsValue = false
    private var openCount = 0

    /// Makes a writer with room for `bytesExpected` bytes before it needs more memory.
    package init(bytesExpected: Int = 256) {
        bytes.reserveCapacity(bytesExpected)
    }

    /// Makes a writer that appends to `prefix`, such as the head of a line that the value ends.
    package init(appendingTo prefix: consuming [UInt8]) {
        bytes = prefix
    }

    /// Whether every object and array that was begun has ended.
    package var isBalanced: Bool { openCount == 0 }

    /// Forgets what was written and keeps the memory.
    package mutating func reset() {
        bytes.removeAll(keepingCapacity: true)
        followsValue = false
        openCount = 0
    }

    // MARK: Containers

    /// Writes an object whose members `body` writes.
    package mutating func object<Failure: Error>(
        _ body: (inout JSONWriter) throws(Failure) -> Void
    ) throws(Failure) {
        beginObject()
        try body(&self)
        endObject()
    }

    /// Writes an array whose elements `body` writes.
    package mutating func array<Failure: Error>(
        _ body: (inout JSONWriter) throws(Failure) -> Void
    ) throws(Failure) {
        beginArray()
        try body(&self)
        endArray()
    }

    /// Begins an object; `endObject()` ends it.
    package mutating func beginObject() { begin(UInt8(ascii: "{")) }

    /// Ends the object begun last.
    package mutating func endObject() { end(UInt8(ascii: "}")) }

    /// Begins an array; `endArray()` ends it.
    package mutating func beginArray() { begin(UInt8(ascii: "[")) }

    /// Ends the array begun last.
    package mutating func endArray() { end(UInt8(ascii: "]")) }

    /// Writes the name of the member whose value is written next.
    package mutating func name(_ name: String) {
        separate()
        quote(name)
        bytes.append(UInt8(ascii: ":"))
        followsValue = false
    }

    // MARK: Values

    /// Writes a string.
    package mutating func value(_ string: String) {
        separate()
        quote(string)
    }

    /// Writes a whole number.
    package mutating func value(_ number: some FixedWidthInteger) {
        separate()
        bytes.append(contentsOf: number.description.utf8)
    }

    /// Writes a number, in the fewest digits that read back the same.
    ///
    /// It must be finite: JSON has no other (RFC 8259, section 6).
    package mutating func value(_ number: Double) {
        precondition(number.isFinite, "JSON has no infinities")
        separate()
        bytes.append(contentsOf: number.description.utf8)
    }

    /// Writes `true` or `false`.
    package mutating func value(_ bool: Bool) {
        separate()
        bytes.append(contentsOf: (bool ? "true" : "false").utf8)
    }

    /// Writes `null`.
    package mutating func null() {
        separate()
        bytes.append(contentsOf: "null".utf8)
    }

    /// Writes bytes that are a JSON value already.
    package mutating func raw(_ json: some Collection<UInt8>) {
        separate()
        bytes.append(contentsOf: json)
    }

    // MARK: Members

    /// Writes a member whose value is a string, or `null` without one.
    package mutating func member(_ name: String, _ string: String?) {
        self.name(name)
        if let string { value(string) } else { null() }
    }

    /// Writes a member whose value is a whole number, or `null` without one.
    package mutating func member<Number: FixedWidthInteger>(_ name: String, _ number: Number?) {
        self.name(name)
        if let number { value(number) } else { null() }
    }

    /// Writes a member whose value is a finite number, or `null` without one.
    package mutating func member(_ name: String, _ number: Double?) {
        self.name(name)
        if let number { value(number) } else { null() }
    }

    /// Writes a member whose value is `true` or `false`, or `null` without one.
    package mutating func member(_ name: String, _ bool: Bool?) {
        self.name(name)
        if let bool { value(bool) } else { null() }
    }

    // MARK: Bytes

    private mutating func begin(_ byte: UInt8) {
        separate()
        bytes.append(byte)
        followsValue = false
        openCount += 1
    }

    private mutating func end(_ byte: UInt8) {
        precondition(openCount > 0, "the end of a container that was never begun")
        bytes.append(byte)
        followsValue = true
        openCount -= 1
    }

    private mutating func separate() {
        if followsValue { bytes.append(UInt8(ascii: ",")) }
        followsValue = true
    }

    private mutating func quote(_ string: String) {
        bytes.append(UInt8(ascii: "\""))
        var string = string
        string.withUTF8 { text in
            if unsafe !mustEscape(UnsafeRawBufferPointer(text)) {
                return unsafe bytes.append(contentsOf: text)
            }
            var start = 0
            for index in 0..<text.count {
                let byte = unsafe text[index]
                guard byte < 0x20 || byte == UInt8(ascii: "\"") || byte == UInt8(ascii: "\\")
                else { continue }
                unsafe bytes.append(contentsOf: UnsafeBufferPointer(rebasing: text[start..<index]))
                bytes.append(contentsOf: Self.escape(for: byte))
                start = index + 1
            }
            unsafe bytes.append(contentsOf: UnsafeBufferPointer(rebasing: text[start...]))
        }
        bytes.append(UInt8(ascii: "\""))
    }

    /// What stands for a byte that may not stand in a string as it is.
    private static func escape(for byte: UInt8) -> [UInt8] {
        switch byte {
        case UInt8(ascii: "\""): Array("\\\"".utf8)
        case UInt8(ascii: "\\"): Array("\\\\".utf8)
        case 0x08: Array("\\b".utf8)
        case 0x09: Array("\\t".utf8)
        case 0x0A: Array("\\n".utf8)
        case 0x0C: Array("\\f".utf8)
        case 0x0D: Array("\\r".utf8)
        case 0..<0x10: Array("\\u000".utf8) + [hexDigits[Int(byte)]]
        default: Array("\\u001".utf8) + [hexDigits[Int(byte & 0x0F)]]
        }
    }

    private static let hexDigits = Array("0123456789abcdef".utf8)
}

/// Whether a byte that may not stand in a string as it is could be among `bytes`.
///
/// Eight at a time, as `hasControl` looks for others; what is left is looked at one by one.
private func mustEscape(_ bytes: UnsafeRawBufferPointer) -> Bool {
    let (ones, highBits): (UInt64, UInt64) = (0x0101_0101_0101_0101, 0x8080_8080_8080_8080)
    var place = 0
    while place + 8 <= bytes.count {
        let word = unsafe bytes.loadUnaligned(fromByteOffset: place, as: UInt64.self)
        let quotes = word ^ (ones &* 0x22)
        let slashes = word ^ (ones &* 0x5C)
        let controls = (word &- ones &* 0x20) & ~word
        let others = ((quotes &- ones) & ~quotes) | ((slashes &- ones) & ~slashes)
        if (controls | others) & highBits != 0 { return true }
        place += 8
    }
    while place < bytes.count {
        let byte = unsafe bytes[place]
        if byte < 0x20 || byte == 0x22 || byte == 0x5C { return true }
        place += 1
    }
    return false
}
