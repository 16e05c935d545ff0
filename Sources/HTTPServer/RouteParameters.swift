/// What a path had in the places of its route's `{…}` segments.
package struct RouteParameters: Sendable {
    let names: [String]
    let storage: HeadStorage?
    // In place rather than in an array, so that a match allocates nothing.
    private var ranges: InlineArray<4, Range<UInt32>> = .init(repeating: 0..<0)
    private(set) var count = 0

    /// The most parameters a route may have.
    static let countMax = 4

    /// No parameters.
    package init() {
        names = []
        storage = nil
    }

    init(names: [String], storage: HeadStorage) {
        self.names = names
        self.storage = storage
    }

    mutating func append(_ range: Range<Int>) {
        ranges[count] = UInt32(range.lowerBound)..<UInt32(range.upperBound)
        count += 1
    }

    /// The segment in the place of `{name}`, percent-decoded; nil for a name the route hasn't.
    package subscript(_ name: String) -> String? {
        guard let storage else { return nil }
        for index in 0..<min(count, names.count) where names[index] == name {
            let range = Int(ranges[index].lowerBound)..<Int(ranges[index].upperBound)
            return PercentDecoding.string(storage.bytes[range])
        }
        return nil
    }

    /// True when every segment can be decoded.
    var areDecodable: Bool {
        guard let storage else { return true }
        for index in 0..<count {
            let range = Int(ranges[index].lowerBound)..<Int(ranges[index].upperBound)
            guard storage.bytes[range].contains(UInt8(ascii: "%")) else { continue }
            guard PercentDecoding.string(storage.bytes[range]) != nil else { return false }
        }
        return true
    }
}
