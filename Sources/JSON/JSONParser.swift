internal import CSimdJSON

/// A strict reader of RFC 8259 documents that keeps its memory from one to the next.
///
/// One document at a time: the values of a document live until the closure that got them returns.
/// Using one later, or parsing inside the closure with the same parser, traps.
///
/// Accepts what the RFC calls JSON text in UTF-8 without a byte order mark, nested at most
/// `JSONLimits.depthMax` deep. Numbers too large for a `Double` read as the greatest one, integers
/// beyond 64 bits as the nearest `Double`, and unpaired surrogate escapes as U+FFFD: all three are
/// within the grammar (RFC 8259, sections 6 and 8.2), so a document isn't refused for them.
@safe
package final class JSONParser {
    private let raw: OpaquePointer
    private let bytesMax: Int
    private let lender = JSONLender()
    private var isLending = false

    /// Makes a parser for documents of at most `bytesMax` bytes.
    package init(bytesMax: Int = JSONLimits.documentBytesMax) {
        precondition(bytesMax > 0, "a parser that takes nothing")
        guard let raw = unsafe csimdjson_parser_create(JSONLimits.depthMax) else {
            preconditionFailure("no memory for a JSON parser")
        }
        unsafe self.raw = raw
        self.bytesMax = bytesMax
    }

    deinit { unsafe csimdjson_parser_destroy(raw) }

    /// The bytes of input that fit without new memory.
    package var capacity: Int { unsafe csimdjson_parser_capacity(raw) }

    /// Parses `bytes` and lends the root to `body`.
    ///
    /// - Throws: What is wrong with the document; `body` isn't called then.
    package func withDocument<Result>(
        _ bytes: RawSpan, _ body: (JSONValue) -> Result
    ) throws(JSONError) -> Result {
        precondition(!isLending, "the parser still lends out another document")
        guard bytes.byteCount <= bytesMax else { throw JSONError(.tooLarge, at: bytesMax) }
        try checkValuesCount(bytes)
        defer { unsafe csimdjson_parser_trim(raw, JSONLimits.keptBytesMax) }
        let root = try unsafe parse(bytes)
        isLending = true
        let loan = lender.lend()
        defer {
            lender.takeBack()
            isLending = false
        }
        return unsafe body(JSONValue(root, loan: loan))
    }

    /// Parses `bytes` and lends the root to `body`.
    ///
    /// - Throws: What is wrong with the document; `body` isn't called then.
    package func withDocument<Result>(
        _ bytes: [UInt8], _ body: (JSONValue) -> Result
    ) throws(JSONError) -> Result {
        // Span.bytes is marked unsafe only for types with padding, which UInt8 is not.
        try unsafe withDocument(bytes.span.bytes, body)
    }

    private func parse(_ bytes: RawSpan) throws(JSONError) -> csimdjson_element {
        let count = bytes.byteCount
        var root = unsafe csimdjson_element()
        try load(bytes)
        let status = unsafe csimdjson_parser_parse(raw, count, &root)
        if status == CSIMDJSON_OK { return unsafe root }
        // simdjson doesn't say where, and refuses a few documents that the RFC allows: the scanner
        // finds the place, or puts equivalents in the place of what simdjson can't take.
        var scanner = unsafe JSONScanner(bytes.withUnsafeBytes { unsafe Array($0) })
        let repairCount = try scanner.scan()
        guard repairCount > 0 else { throw JSONError(refusedWith: status) }
        try unsafe load(scanner.bytes.span.bytes)
        let secondStatus = unsafe csimdjson_parser_parse(raw, count, &root)
        guard secondStatus == CSIMDJSON_OK else { throw JSONError(refusedWith: secondStatus) }
        return unsafe root
    }

    /// Refuses what would cost much more memory than it has bytes, such as millions of `1,`.
    ///
    /// Each value but the first of a container has a comma before it. Commas in text count too: a
    /// text with so many of them is none that we are sent.
    private func checkValuesCount(_ bytes: RawSpan) throws(JSONError) {
        guard bytes.byteCount > JSONLimits.bytesUncounted else { return }
        var count = 0
        unsafe bytes.withUnsafeBytes { raw in
            let bytes = unsafe Span<UInt8>(_unsafeBytes: raw)
            for index in bytes.indices {
                switch bytes[index] {
                case UInt8(ascii: ","), UInt8(ascii: "["), UInt8(ascii: "{"): count += 1
                case _: break
                }
            }
        }
        guard count <= JSONLimits.valuesMax else { throw JSONError(.tooManyValues) }
    }

    private func load(_ bytes: RawSpan) throws(JSONError) {
        guard let buffer = unsafe csimdjson_parser_buffer(raw, bytes.byteCount) else {
            throw JSONError(.outOfMemory)
        }
        unsafe bytes.withUnsafeBytes { source in
            guard let start = source.baseAddress else { return }
            unsafe UnsafeMutableRawPointer(buffer).copyMemory(from: start, byteCount: source.count)
        }
    }
}

extension JSONError {
    /// What simdjson found and the scanner did not.
    fileprivate init(refusedWith status: csimdjson_status) {
        switch status {
        case CSIMDJSON_EMPTY: self.init(.empty)
        case CSIMDJSON_TOO_DEEP: self.init(.tooDeep)
        case CSIMDJSON_NOT_UTF8: self.init(.notUTF8)
        case CSIMDJSON_BAD_STRING: self.init(.badEscape)
        case CSIMDJSON_BAD_NUMBER: self.init(.badNumber)
        case CSIMDJSON_OUT_OF_MEMORY: self.init(.outOfMemory)
        default: self.init(.unexpectedByte)
        }
    }
}
