extension TrafficProfile {
    /// The form that stores keep: a version, numbers of 8 bytes, weights of 2, the highest first.
    package var bytes: [UInt8] {
        var bytes: [UInt8] = [Self.version]
        bytes.reserveCapacity(Self.bytesCount)
        for number in numbers { Self.append(number, to: &bytes) }
        for weight in weights {
            bytes.append(UInt8(weight >> 8))
            bytes.append(UInt8(truncatingIfNeeded: weight))
        }
        return bytes
    }

    /// Reads that form; `nil` when it is that of another version, or none.
    package init?(bytes: [UInt8]) {
        guard bytes.count == Self.bytesCount, bytes[0] == Self.version else { return nil }
        let numbers = (0..<Self.numbersCount).map { number in
            bytes[(1 + 8 * number)..<(9 + 8 * number)]
                .reduce(Int64(0)) { $0 << 8 | Int64($1) }
        }
        // Larger ones would overflow when something is added.
        guard numbers.dropFirst().allSatisfy({ (0...Self.numberMax).contains($0) }),
            (-1...Self.numberMax).contains(numbers[0])
        else { return nil }
        let weights = stride(from: 1 + 8 * Self.numbersCount, to: bytes.count, by: 2).map {
            UInt16(bytes[$0]) << 8 | UInt16(bytes[$0 + 1])
        }
        // What a weight grows to at most.
        guard weights.allSatisfy({ $0 <= Self.weightMax }) else { return nil }
        self.init(numbers: numbers.map(Int.init), weights: weights)
    }

    private static let version: UInt8 = 1
    private static let numbersCount = 8
    private static let numberMax = Int64(1) << 53
    private static let weightMax: UInt16 = 40_000
    private static let bytesCount = 1 + 8 * numbersCount + 2 * 2 * hoursCount

    private static func append(_ number: Int64, to bytes: inout [UInt8]) {
        for shift in stride(from: 56, through: 0, by: -8) {
            bytes.append(UInt8(truncatingIfNeeded: number >> Int64(shift)))
        }
    }
}
