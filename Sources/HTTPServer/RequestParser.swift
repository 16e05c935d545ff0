import CLLHTTP

/// The table that llhttp's callbacks fill with one head's fields; one serves all connections.
@safe
final class HeadTable {
    fileprivate let raw: UnsafeMutablePointer<cllhttp_head>

    init() {
        unsafe raw = .allocate(capacity: 1)
        unsafe raw.initialize(to: cllhttp_head())
    }

    /// Adds the fields of the head parsed last.
    func copyFields(to fields: inout [HeadFieldRange]) {
        let count = unsafe Int(raw.pointee.field_count)
        guard let first = unsafe cllhttp_head_fields(raw) else { return }
        for index in 0..<count {
            let field = unsafe first[index]
            fields.append(
                HeadFieldRange(
                    nameStart: field.name_at, nameLength: field.name_length,
                    valueStart: field.value_at, valueLength: field.value_length))
        }
    }

    deinit { unsafe raw.deallocate() }
}

/// llhttp's state for one connection.
@safe
final class RequestParser {
    private let raw: OpaquePointer

    /// One look at a body; `run` lies within the bytes given.
    struct Step {
        let consumed: Int
        let run: Range<Int>
        let reachedTrailers: Bool
        let isWhole: Bool
    }

    init() {
        guard let parser = unsafe cllhttp_parser_new() else {
            fatalError("no memory for a parser of some hundred bytes")
        }
        unsafe raw = parser
    }

    /// Parses a whole head and compares what llhttp finds with what the checks found.
    func parseHead(
        _ bytes: Span<UInt8>, facts: HeadFacts, into table: HeadTable
    ) throws(HeadFault) {
        let error = unsafe bytes.withUnsafeBufferPointer { bytes in
            unsafe cllhttp_parse_head(raw, bytes.baseAddress, bytes.count, table.raw)
        }
        guard error == 0 else { throw .disagreement }
        let head = unsafe table.raw
        let agrees =
            unsafe Int(head.pointee.field_count) == facts.fieldCount
            && Int(head.pointee.target_at) == facts.target.lowerBound
            && Int(head.pointee.target_length) == facts.target.count
            && head.pointee.content_length == UInt64(facts.contentLength ?? 0)
            && (head.pointee.is_chunked != 0) == facts.isChunked
            && (head.pointee.is_whole != 0) == !facts.hasBody
        guard agrees else { throw .disagreement }
    }

    /// Reads on in the body of the message whose head was parsed last, up to the end of the next
    /// run of content.
    func parseBody(_ bytes: Span<UInt8>) throws(HeadFault) -> Step {
        let step = unsafe bytes.withUnsafeBufferPointer { bytes in
            unsafe cllhttp_parse_body(raw, bytes.baseAddress, bytes.count)
        }
        guard step.error == 0 else { throw .chunk }
        return Step(
            consumed: step.consumed, run: step.run_at..<step.run_at + step.run_length,
            reachedTrailers: step.reached_trailers != 0, isWhole: step.is_whole != 0)
    }

    deinit { unsafe cllhttp_parser_free(raw) }
}
