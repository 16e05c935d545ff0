internal import CSimdJSON

/// A value of the document that a parser lends out.
///
/// Wrong types are answered with nil rather than an error: who reads a field decides what its
/// absence means. Must not be used after the closure that got the document returned; that traps.
@safe
package struct JSONValue {
    /// The types that JSON knows.
    package enum Kind: Sendable, Equatable { case null, bool, number, string, array, object }

    // Points into memory of the parser, which is looked at only as long as it is lent. No reference
    // to the parser: counting them took a tenth of a webhook's time.
    private let raw: csimdjson_element
    private let loan: JSONLoan

    init(_ raw: csimdjson_element, loan: JSONLoan) {
        unsafe self.raw = raw
        self.loan = loan
    }

    /// The element, after making sure that its document is still there.
    private var element: csimdjson_element {
        precondition(loan.isOpen, "a JSON value outlived its document")
        return unsafe raw
    }

    /// The type of the value.
    package var kind: Kind {
        switch unsafe csimdjson_element_type(element) {
        case CSIMDJSON_BOOL: .bool
        case CSIMDJSON_INT64, CSIMDJSON_UINT64, CSIMDJSON_DOUBLE: .number
        case CSIMDJSON_STRING: .string
        case CSIMDJSON_ARRAY: .array
        case CSIMDJSON_OBJECT: .object
        default: .null
        }
    }

    /// Whether this is `null`.
    package var isNull: Bool { kind == .null }

    /// The value of `true` or `false`.
    package var bool: Bool? {
        var value = false
        return unsafe csimdjson_element_bool(element, &value) ? value : nil
    }

    /// The value of a number that is whole and within 64 bits, however it is written.
    package var int64: Int64? {
        var value: Int64 = 0
        if unsafe csimdjson_element_int64(element, &value) { return value }
        return double.flatMap { Int64(exactly: $0) }
    }

    /// The value of a number that is whole, not negative and within 64 bits, however it is written.
    package var uint64: UInt64? {
        var value: UInt64 = 0
        if unsafe csimdjson_element_uint64(element, &value) { return value }
        return double.flatMap { UInt64(exactly: $0) }
    }

    /// Whether this is a number without fraction and exponent that fits 64 bits.
    package var isWrittenAsInteger: Bool {
        let type = unsafe csimdjson_element_type(element)
        return type == CSIMDJSON_INT64 || type == CSIMDJSON_UINT64
    }

    /// The value of a number, always finite.
    package var double: Double? {
        var value = 0.0
        return unsafe csimdjson_element_double(element, &value) ? value : nil
    }

    /// The text of a string.
    package var string: String? {
        unsafe withUTF8 { unsafe String(decoding: $0, as: UTF8.self) }
    }

    /// The text of a string up to its first `scalarsMax` Unicode scalars.
    ///
    /// Costs no more than what it returns, however long the string is.
    package func string(scalarsMax: Int) -> String? {
        unsafe withUTF8 { bytes in
            guard bytes.count > scalarsMax else {
                return unsafe String(decoding: bytes, as: UTF8.self)
            }
            var (end, scalarCount) = (0, 0)
            while end < bytes.count {
                // Bytes 10xxxxxx go on with a scalar; all others begin one (RFC 3629, section 3).
                if unsafe bytes[end] & 0xC0 != 0x80 {
                    if scalarCount == scalarsMax { break }
                    scalarCount += 1
                }
                end += 1
            }
            return unsafe String(decoding: bytes[..<end], as: UTF8.self)
        }
    }

    /// The length of a string in bytes of UTF-8.
    package var stringByteCount: Int? { unsafe withUTF8 { $0.count } }

    /// The member called `name` of an object, the first of them if there are several.
    package subscript(name: StaticString) -> JSONValue? {
        var found = unsafe csimdjson_element()
        let exists = name.withUTF8Buffer { bytes in
            unsafe csimdjson_object_find(element, bytes.baseAddress, bytes.count, &found)
        }
        return exists ? unsafe JSONValue(found, loan: loan) : nil
    }

    /// The elements of an array, in their order.
    package var array: JSONArray? {
        kind == .array ? JSONArray(self) : nil
    }

    /// The members of an object, in their order, repeated names included.
    package var object: JSONObject? {
        kind == .object ? JSONObject(self) : nil
    }

    /// The text of a string of at most `bytesMax` bytes without control characters; with
    /// `isTrimmed`, only if it begins and ends with a printing ASCII character.
    ///
    /// One look at eight bytes at a time: nearly every text is such a one.
    package func plainString(bytesMax: Int, isTrimmed: Bool) -> String? {
        unsafe withUTF8 { bytes -> String? in
            guard let first = unsafe bytes.first, let last = unsafe bytes.last,
                bytes.count <= bytesMax,
                !isTrimmed || (0x21...0x7E ~= first && 0x21...0x7E ~= last),
                unsafe !hasControl(UnsafeRawBufferPointer(bytes))
            else { return nil }
            return unsafe String(decoding: bytes, as: UTF8.self)
        } ?? nil
    }

    /// Lends the bytes of a string to `body`; calls it for nothing else.
    package func withStringBytes(_ body: (Span<UInt8>) -> Void) {
        unsafe withUTF8 { body(unsafe Span(_unsafeElements: $0)) }
    }

    @inline(__always)
    private func withUTF8<Result>(_ body: (UnsafeBufferPointer<UInt8>) -> Result) -> Result? {
        var start: UnsafePointer<UInt8>?
        var count = 0
        guard unsafe csimdjson_element_string(element, &start, &count) else { return nil }
        return unsafe body(UnsafeBufferPointer(start: start, count: count))
    }

    /// The place behind the member whose name is at `place`; lends the name to `body`.
    func visitMember(at place: Int, _ body: (Span<UInt8>) -> Void) -> Int {
        var start: UnsafePointer<UInt8>?
        var count = 0
        let next = unsafe csimdjson_member(element.document, place, &start, &count)
        unsafe body(Span(_unsafeElements: UnsafeBufferPointer(start: start, count: count)))
        return next
    }

    // Places inside a container, for those who go through one.

    var firstIndex: Int { unsafe csimdjson_first(element) }

    var endIndex: Int { unsafe csimdjson_end(element) }

    var indexAfter: Int { unsafe csimdjson_after(element) }

    func value(at index: Int) -> JSONValue {
        unsafe JSONValue(
            csimdjson_element(document: element.document, index: index), loan: loan)
    }
}

/// Whether a byte below 0x20 or a DEL is among `bytes`.
///
/// Eight at a time. A byte below n, for n up to 128, borrows when n is taken from each byte of the
/// word, and has no high bit of its own; a DEL is one that is below 1 after its bits are turned.
private func hasControl(_ bytes: UnsafeRawBufferPointer) -> Bool {
    let (ones, highBits): (UInt64, UInt64) = (0x0101_0101_0101_0101, 0x8080_8080_8080_8080)
    var place = 0
    while place + 8 <= bytes.count {
        let word = unsafe bytes.loadUnaligned(fromByteOffset: place, as: UInt64.self)
        let turned = word ^ (ones &* 0x7F)
        let found = ((word &- ones &* 0x20) & ~word) | ((turned &- ones) & ~turned)
        if found & highBits != 0 { return true }
        place += 8
    }
    while place < bytes.count {
        let byte = unsafe bytes[place]
        if byte < 0x20 || byte == 0x7F { return true }
        place += 1
    }
    return false
}

/// The elements of an array of a document.
package struct JSONArray: Sequence, IteratorProtocol {
    private let container: JSONValue
    private var index: Int
    private let endIndex: Int

    init(_ container: JSONValue) {
        self.container = container
        index = container.firstIndex
        endIndex = container.endIndex
    }

    /// The element after the one last returned.
    package mutating func next() -> JSONValue? {
        guard index < endIndex else { return nil }
        let value = container.value(at: index)
        index = value.indexAfter
        return value
    }
}

/// A name and its value in an object of a document.
package struct JSONMember {
    private let nameValue: JSONValue
    /// What the name stands for.
    package let value: JSONValue

    init(name: JSONValue, value: JSONValue) {
        nameValue = name
        self.value = value
    }

    /// The name, without its escapes.
    package var name: String { nameValue.string ?? "" }

    /// The name up to its first `scalarsMax` Unicode scalars.
    package func name(scalarsMax: Int) -> String {
        nameValue.string(scalarsMax: scalarsMax) ?? ""
    }
}

/// The members of an object of a document.
package struct JSONObject: Sequence, IteratorProtocol {
    private let container: JSONValue
    private var index: Int
    private let endIndex: Int

    init(_ container: JSONValue) {
        self.container = container
        index = container.firstIndex
        endIndex = container.endIndex
    }

    /// The member after the one last returned.
    package mutating func next() -> JSONMember? {
        guard index < endIndex else { return nil }
        let name = container.value(at: index)
        let value = container.value(at: index + 1)
        index = value.indexAfter
        return JSONMember(name: name, value: value)
    }
}
