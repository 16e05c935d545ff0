import JSON

/// The members of a request's body, each of which may be missing but not be of another type.
struct RequestFields {
    private let tree: JSONTree

    /// Reads a body; an empty one has no members.
    init(_ body: [UInt8]) throws(StubRefusal) {
        guard !body.isEmpty else {
            tree = [:]
            return
        }
        do throws(JSONError) {
            tree = try JSONTree(parsing: body)
        } catch {
            throw StubRefusal(400, "the body is not JSON: \(error)")
        }
        guard tree.object != nil else { throw StubRefusal(400, "the body is not an object") }
    }

    /// Reads a body that is an array of objects.
    static func array(_ body: [UInt8]) throws(StubRefusal) -> [RequestFields] {
        let tree: JSONTree
        do throws(JSONError) {
            tree = try JSONTree(parsing: body)
        } catch {
            throw StubRefusal(400, "the body is not JSON: \(error)")
        }
        guard let elements = tree.array else { throw StubRefusal(400, "the body is not an array") }
        return try elements.map { (element) throws(StubRefusal) in
            guard element.object != nil else {
                throw StubRefusal(400, "an element is not an object")
            }
            return RequestFields(element)
        }
    }

    private init(_ tree: JSONTree) { self.tree = tree }

    func string(_ name: String) throws(StubRefusal) -> String? {
        try member(name, "a string") { $0.string }
    }

    func bool(_ name: String) throws(StubRefusal) -> Bool? {
        try member(name, "true or false") { $0.bool }
    }

    func integer(_ name: String, in range: ClosedRange<Int64>) throws(StubRefusal) -> Int64? {
        try member(name, "a whole number of \(range.lowerBound) to \(range.upperBound)") { value in
            value.int64.flatMap { range.contains($0) ? $0 : nil }
        }
    }

    func choice<Choice: RawRepresentable<String> & CaseIterable>(
        _ name: String, of _: Choice.Type
    ) throws(StubRefusal) -> Choice? {
        let names = Choice.allCases.map(\.rawValue).joined(separator: ", ")
        return try member(name, "one of \(names)") { $0.string.flatMap(Choice.init(rawValue:)) }
    }

    func strings(_ name: String) throws(StubRefusal) -> [String]? {
        try member(name, "an array of strings") { value in
            guard let elements = value.array else { return nil }
            let texts = elements.compactMap(\.string)
            return texts.count == elements.count ? texts : nil
        }
    }

    func objects(_ name: String) throws(StubRefusal) -> [RequestFields]? {
        try member(name, "an array of objects") { value in
            guard let elements = value.array, elements.allSatisfy({ $0.object != nil }) else {
                return nil
            }
            return elements.map { RequestFields($0) }
        }
    }

    /// A map from name to text; numbers and truth values count as text.
    func tags(_ name: String) throws(StubRefusal) -> [StubTag]? {
        try member(name, "an object of texts") { value in
            value.object.map { members in
                members.map { member in
                    let text = String(decoding: member.value.compact, as: UTF8.self)
                    return StubTag(name: member.name, value: member.value.string ?? text)
                }
            }
        }
    }

    private func member<Value>(
        _ name: String, _ expected: String, read: (JSONTree) -> Value?
    ) throws(StubRefusal) -> Value? {
        guard let member = tree[name], !member.isNull else { return nil }
        guard let value = read(member) else {
            throw StubRefusal(400, "\(name) must be \(expected)")
        }
        return value
    }
}
