/// How often a figure was how large; made once, so that counting allocates nothing.
package struct Histogram {
    /// What is counted, and how the text format writes it.
    package enum Unit: Sendable {
        /// Nanoseconds, written as seconds.
        case nanoseconds
        /// Things.
        case items
    }

    /// The largest figure of each bucket, growing; what is larger belongs to the last one.
    package let bounds: [Int]
    /// How many figures each bucket got; one more than there are bounds.
    package private(set) var counts: [Int]
    /// The figures added up.
    package private(set) var sum = 0
    /// What they count.
    package let unit: Unit

    /// Has counted nothing.
    package init(_ unit: Unit, bounds: [Int]) {
        self.unit = unit
        self.bounds = bounds
        counts = [Int](repeating: 0, count: bounds.count + 1)
    }

    /// Counts one figure; few bounds lie below what is common, so looking from below is quick.
    package mutating func count(_ figure: Int) {
        var bucket = 0
        while bucket < bounds.count, figure > bounds[bucket] { bucket += 1 }
        counts[bucket] += 1
        sum &+= figure
    }

    /// From a tenth of a millisecond, which an SSD's commit takes, to ten seconds, after which
    /// senders give up.
    package static let latencies: [Int] = [
        100_000, 250_000, 500_000, 1_000_000, 2_500_000, 5_000_000, 10_000_000, 25_000_000,
        50_000_000, 100_000_000, 250_000_000, 500_000_000, 1_000_000_000, 2_500_000_000,
        5_000_000_000, 10_000_000_000,
    ]
    /// From one webhook to a full batch.
    package static let batches: [Int] = [1, 2, 4, 8, 16, 32, 64, 128, 256, Limits.batchArrivalsMax]
}
