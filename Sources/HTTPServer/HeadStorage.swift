/// The bytes of one request's head and where its parts lie in them.
///
/// Shared by every copy of the `HTTPRequestHead` that shows it. The connection takes it back for
/// the next request once nobody else holds it.
// Written only by `fill` and by who names the request right after it, while they hold the one
// reference; from then on it is read only.
final class HeadStorage: @unchecked Sendable {
    private(set) var bytes: [UInt8] = []
    private(set) var fields: [HeadFieldRange] = []
    private(set) var facts = HeadFacts()
    private(set) var peer = ""
    /// What the request is called; empty where the server gives no names.
    var requestID = ""

    init() {}

    /// Takes over a head that was checked, and lets llhttp parse the copy.
    ///
    /// - Throws: What llhttp refuses, or finds otherwise than the checks did.
    func fill(
        _ head: Span<UInt8>,
        facts: HeadFacts,
        peer: String,
        reader: MessageReader,
        table: HeadTable
    ) throws(HeadFault) {
        requestID = ""
        bytes.removeAll(keepingCapacity: true)
        unsafe head.withUnsafeBufferPointer { unsafe bytes.append(contentsOf: $0) }
        self.facts = facts
        self.peer = peer
        // A later minor version is read like the latest one known (RFC 9110, section 2.5), of
        // which llhttp knows 1.
        if facts.minorVersion > 1 { bytes[facts.minorVersionAt] = UInt8(ascii: "1") }
        for index in facts.framingPadding { bytes[index] = .space }
        let copy = bytes
        try reader.begin(copy.span, facts: facts, into: table)
        fields.removeAll(keepingCapacity: true)
        table.copyFields(to: &fields)
    }

    /// Finds the value of the first field of a name in small letters.
    func value(of name: String) -> Range<Int>? {
        for field in fields where isNamed(field, name) { return field.value }
        return nil
    }

    /// Finds the values of all fields of a name in small letters.
    func values(of name: String) -> [Range<Int>] {
        fields.filter { isNamed($0, name) }.map(\.value)
    }

    private func isNamed(_ field: HeadFieldRange, _ name: String) -> Bool {
        let letters = name.utf8
        guard Int(field.nameLength) == letters.count else { return false }
        var index = Int(field.nameStart)
        for letter in letters {
            guard bytes[index].lowercased == letter.lowercased else { return false }
            index += 1
        }
        return true
    }

    /// True when keeping the storage for another request keeps only little memory.
    var isSmall: Bool { bytes.capacity <= 4_096 && fields.capacity <= 64 }
}

/// Where one field line lies in its head.
struct HeadFieldRange: Sendable, Equatable {
    let nameStart: UInt32
    let nameLength: UInt32
    let valueStart: UInt32
    let valueLength: UInt32

    var name: Range<Int> { Int(nameStart)..<Int(nameStart + nameLength) }
    var value: Range<Int> { Int(valueStart)..<Int(valueStart + valueLength) }
}
