import JSON

/// Faults of which one is drawn for each call, so that a long run meets all of them, in an order
/// that its seed repeats.
struct FaultMix: Equatable {
    /// One that may happen, as often as its weight among all weights says.
    struct Part: Equatable {
        let weight: Int64
        let fault: Fault
    }

    let seed: Int64
    let parts: [Part]
    private var state: UInt64

    /// Makes a mix that draws the same faults for the same seed; it needs a part.
    init(seed: Int64, parts: [Part]) {
        precondition(!parts.isEmpty, "nothing to draw from")
        self.seed = seed
        self.parts = parts
        state = UInt64(bitPattern: seed)
    }

    /// The fault that the next call meets.
    mutating func draw() -> Fault {
        var number = Int64(next() % UInt64(parts.reduce(0) { $0 + $1.weight }))
        for part in parts {
            number -= part.weight
            if number < 0 { return part.fault }
        }
        return parts[parts.count - 1].fault
    }

    var json: [JSONTree.Member] {
        let parts = parts.map { part in
            JSONTree.object(
                [JSONTree.Member("weight", .integer(part.weight))] + part.fault.members)
        }
        return [.init("seed", .integer(seed)), .init("parts", .array(parts))]
    }

    /// SplitMix64. Source: <https://doi.org/10.1145/2714064.2660195>
    private mutating func next() -> UInt64 {
        state &+= 0x9e37_79b9_7f4a_7c15
        var mixed = state
        mixed = (mixed ^ (mixed >> 30)) &* 0xbf58_476d_1ce4_e5b9
        mixed = (mixed ^ (mixed >> 27)) &* 0x94d0_49bb_1331_11eb
        return mixed ^ (mixed >> 31)
    }
}
