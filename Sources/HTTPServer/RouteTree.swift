/// The patterns of all routes, as a tree of segments.
struct RouteTree: Sendable {
    /// Where the parameters of a match lie in the head.
    struct Places: Sendable {
        var ranges: InlineArray<4, Range<Int>> = .init(repeating: 0..<0)
        var count = 0
    }

    private enum Segment {
        case word([UInt8])
        case parameter(String)
        case tail(String)
    }

    // Node 0 is the root; nodes name their children by index.
    private var nodes = [RouteNode()]
    private(set) var allowOfAll = "OPTIONS"

    /// Adds a pattern and returns the names of its parameters in order.
    mutating func add(_ method: HTTPMethod?, _ pattern: String, route: Int) -> [String] {
        var current = 0
        var names: [String] = []
        for segment in Self.segments(of: pattern) {
            switch segment {
            case .word(let word): current = childForWord(word, of: current)
            case .parameter(let name):
                names.append(name)
                current = childForParameter(of: current)
            case .tail(let name):
                names.append(name)
                current = childForTail(of: current)
            }
        }
        precondition(
            names.count <= RouteParameters.countMax && Set(names).count == names.count,
            "\(pattern) has too many parameters, or two of a name")
        nodes[current].add(method, route: route, pattern: pattern)
        allowOfAll = RouteNode.allow(
            methods: nodes.flatMap(\.methods), takesAny: nodes.contains(where: \.takesAny))
        return names
    }

    /// Finds the node that a path leads to.
    func find(_ bytes: Span<UInt8>, path: Range<Int>) -> (node: Int, Places)? {
        var places = Places()
        // An absolute target may have no path; it means "/" (RFC 9112, section 3.2.1).
        let start = min(path.lowerBound + 1, path.upperBound)
        guard let index = find(bytes, start..<path.upperBound, from: 0, &places) else {
            return nil
        }
        return (index, places)
    }

    /// What a node says; a copy of the node itself would cost a count for each of its members.
    func route(at node: Int, for method: HTTPMethod) -> Int? {
        nodes[node].route(for: method)
    }

    /// The route of a node for any method.
    func anyRoute(at node: Int) -> Int? { nodes[node].anyRoute }

    /// The methods of a node, as `Allow` lists them.
    func allow(at node: Int) -> String { nodes[node].allow }

    /// `rest` is what follows the slash that leads to a child of `index`.
    private func find(
        _ bytes: Span<UInt8>, _ rest: Range<Int>, from index: Int, _ places: inout Places
    ) -> Int? {
        var end = rest.lowerBound
        while end < rest.upperBound, bytes[end] != UInt8(ascii: "/") { end += 1 }
        let segment = rest.lowerBound..<end
        let next = end < rest.upperBound ? end + 1..<rest.upperBound : nil
        for child in nodes[index].words where child.isSpelled(by: bytes, segment) {
            if let found = follow(bytes, next, to: child.node, &places) { return found }
        }
        if let child = nodes[index].parameterChild, !segment.isEmpty {
            places.ranges[places.count] = segment
            places.count += 1
            if let found = follow(bytes, next, to: child, &places) { return found }
            places.count -= 1
        }
        guard let child = nodes[index].tailChild else { return nil }
        places.ranges[places.count] = rest
        places.count += 1
        return child
    }

    private func follow(
        _ bytes: Span<UInt8>, _ next: Range<Int>?, to index: Int, _ places: inout Places
    ) -> Int? {
        guard let next else { return nodes[index].hasRoutes ? index : nil }
        return find(bytes, next, from: index, &places)
    }

    private mutating func childForWord(_ word: [UInt8], of index: Int) -> Int {
        if let child = nodes[index].words.first(where: { $0.word == word }) { return child.node }
        nodes[index].words.append(RouteNode.Word(word: word, node: nodes.count))
        return newNode()
    }

    private mutating func childForParameter(of index: Int) -> Int {
        if let child = nodes[index].parameterChild { return child }
        nodes[index].parameterChild = nodes.count
        return newNode()
    }

    private mutating func childForTail(of index: Int) -> Int {
        if let child = nodes[index].tailChild { return child }
        nodes[index].tailChild = nodes.count
        return newNode()
    }

    private mutating func newNode() -> Int {
        nodes.append(RouteNode())
        return nodes.count - 1
    }

    private static func segments(of pattern: String) -> [Segment] {
        precondition(pattern.first == "/", "\(pattern) doesn't begin with a slash")
        let parts = pattern.dropFirst().split(separator: "/", omittingEmptySubsequences: false)
        return parts.enumerated().map { index, part in
            guard part.first == "{", part.last == "}" else {
                precondition(!part.contains { "{}?#%".contains($0) }, "\(pattern) is no pattern")
                return .word(Array(part.utf8))
            }
            let name = part.dropFirst().dropLast()
            guard name.hasSuffix("...") else { return .parameter(String(name)) }
            precondition(index == parts.count - 1, "\(pattern) goes on behind its tail")
            return .tail(String(name.dropLast(3)))
        }
    }
}
