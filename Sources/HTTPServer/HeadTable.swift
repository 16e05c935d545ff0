import CLLHTTP

/// The table that llhttp's callbacks fill with one head's fields; one serves all connections.
@safe
final class HeadTable {
    /// The fields that it has room for.
    static let fieldsMax = Int(CLLHTTP_FIELDS_MAX)

    let raw: UnsafeMutablePointer<cllhttp_head>

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

    /// True when llhttp understood the head as the checks did.
    func agrees(with facts: HeadFacts) -> Bool {
        let head = unsafe raw
        return unsafe Int(head.pointee.field_count) == facts.fieldCount
            && Int(head.pointee.target_at) == facts.target.lowerBound
            && Int(head.pointee.target_length) == facts.target.count
            && head.pointee.content_length == UInt64(facts.contentLength ?? 0)
            && (head.pointee.is_chunked != 0) == facts.isChunked
            && (head.pointee.is_whole != 0) == !facts.hasBody
    }

    deinit { unsafe raw.deallocate() }
}
