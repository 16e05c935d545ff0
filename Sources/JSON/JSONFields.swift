/// Names of members that are looked for together, some of them several names of one thing.
///
/// Made once for each kind of object; finding all members then takes one pass over the object.
package final class JSONNames: Sendable {
    /// All names, one after the other.
    private let bytes: [UInt8]
    /// Where each lies in `bytes`.
    private let ranges: [Range<Int>]
    /// One more than the number of a name, at the place that its hash says or behind it; 0 ends.
    private let table: [UInt8]
    /// The numbers of the names of one thing.
    fileprivate let groups: [Range<Int>]

    /// The most names that `JSONFields` has room for.
    package static let countMax = 48

    /// Makes the names of things, each thing's preferred one first; at most `countMax` in all, none
    /// of them twice.
    package init(_ groups: [[StaticString]]) {
        var (bytes, ranges, numbers): ([UInt8], [Range<Int>], [Range<Int>]) = ([], [], [])
        var table = [UInt8](repeating: 0, count: Self.tableCount)
        for group in groups {
            let first = ranges.count
            for name in group {
                let start = bytes.count
                name.withUTF8Buffer { unsafe bytes.append(contentsOf: $0) }
                ranges.append(start..<bytes.count)
                var place = Self.hash(bytes.span.extracting(start..<bytes.count))
                while table[place] != 0 { place = (place + 1) % Self.tableCount }
                table[place] = UInt8(ranges.count)
            }
            numbers.append(first..<ranges.count)
        }
        precondition(ranges.count <= Self.countMax, "more names than there is room for")
        self.bytes = bytes
        self.ranges = ranges
        self.table = table
        self.groups = numbers
    }

    /// Several times as many as names, so that nearly every name is found, or missed, at once.
    private static let tableCount = 256

    private static func hash(_ name: Span<UInt8>) -> Int {
        guard let last = name.indices.last else { return 0 }
        let middle = name[last / 2]
        return (name.count &* 59 &+ Int(name[0]) &* 7 &+ Int(middle) &* 31 &+ Int(name[last]))
            % tableCount
    }

    /// The number of `name`.
    fileprivate func number(of name: Span<UInt8>) -> Int? {
        var place = Self.hash(name)
        while table[place] != 0 {
            let number = Int(table[place]) - 1
            if isEqual(name, ranges[number]) { return number }
            place = (place + 1) % Self.tableCount
        }
        return nil
    }

    private func isEqual(_ name: Span<UInt8>, _ range: Range<Int>) -> Bool {
        guard name.count == range.count else { return false }
        for index in name.indices where name[index] != bytes[range.lowerBound + index] {
            return false
        }
        return true
    }
}

/// The members of one object that go by certain names, found in one pass.
///
/// As good for as long as the object is. Of several members with one name the first counts.
package struct JSONFields {
    private let object: JSONValue
    private let names: JSONNames
    // Where each name's value is in the document; 0, which is no value's place, when it is nowhere.
    private let places: InlineArray<48, UInt32>

    /// Finds the members of `object`; none when it is no object.
    package init(_ object: JSONValue, _ names: JSONNames) {
        self.object = object
        self.names = names
        var places = InlineArray<48, UInt32>(repeating: 0)
        if object.kind == .object { Self.find(names, in: object, &places) }
        self.places = places
    }

    private static func find(
        _ names: JSONNames, in object: JSONValue, _ places: inout InlineArray<48, UInt32>
    ) {
        var place = object.firstIndex
        let end = object.endIndex
        while place < end {
            var found: Int?
            let next = object.visitMember(at: place) { found = names.number(of: $0) }
            if let found, places[found] == 0 { places[found] = UInt32(place + 1) }
            place = next
        }
    }

    /// The value of the next name of the `group`-th thing that is there.
    ///
    /// - Parameter passed: How many of its names were looked at; 0 at first.
    package func next(of group: Int, _ passed: inout Int) -> JSONValue? {
        let numbers = names.groups[group]
        // A span, since reading the array itself copies it.
        let places = places.span
        while passed < numbers.count {
            let place = places[numbers.lowerBound + passed]
            passed += 1
            if place != 0 { return object.value(at: Int(place)) }
        }
        return nil
    }
}
