import Testing

@testable import JSON

/// Random bytes, the same on every run of a seed.
struct SeededGenerator: RandomNumberGenerator {
    private var state: UInt64

    init(seed: UInt64) { state = seed }

    // SplitMix64: <https://prng.di.unimi.it/splitmix64.c>
    mutating func next() -> UInt64 {
        state &+= 0x9E37_79B9_7F4A_7C15
        var mixed = state
        mixed = (mixed ^ (mixed >> 30)) &* 0xBF58_476D_1CE4_E5B9
        mixed = (mixed ^ (mixed >> 27)) &* 0x94D0_49BB_1331_11EB
        return mixed ^ (mixed >> 31)
    }
}

@Suite struct JSONMutationTests {
    private static let fragments =
        JSONCases.valid + JSONCases.invalid + [
            "1e999", "\\ud800", "\\udc00", "18446744073709551616", ",", ":", "\"", "\\", "[", "{",
        ]

    private func mutated(_ bytes: [UInt8], _ random: inout SeededGenerator) -> [UInt8] {
        var bytes = bytes
        for _ in 0..<Int.random(in: 1...4, using: &random) {
            let place = Int.random(in: 0...bytes.count, using: &random)
            let end = min(bytes.count, place + Int.random(in: 0...3, using: &random))
            switch Int.random(in: 0..<4, using: &random) {
            case 0: bytes.removeSubrange(place..<end)
            case 1: bytes.insert(UInt8.random(in: .min ... .max, using: &random), at: place)
            case 2:
                let fragment = Self.fragments.randomElement(using: &random) ?? ""
                bytes.replaceSubrange(place..<end, with: fragment.utf8)
            default: bytes = Array(bytes[..<place])
            }
        }
        return bytes
    }

    private func isAcceptedByScanner(_ bytes: [UInt8]) -> Bool {
        var scanner = JSONScanner(bytes)
        do throws(JSONError) {
            _ = try scanner.scan()
            return true
        } catch {
            return false
        }
    }

    @Test func `10_000 mutated documents are read or refused, and what is read reads back`() {
        var random = SeededGenerator(seed: 20_260_101)
        let parser = JSONParser()
        let seeds = ([JSONCases.webhook] + JSONCases.valid).map { Array($0.utf8) }
        var (readCount, refusedCount) = (0, 0)
        for round in 0..<10_000 {
            let bytes = mutated(seeds[round % 8 == 0 ? 0 : round % seeds.count], &random)
            do throws(JSONError) {
                let tree = try parser.withDocument(bytes) { JSONTree(copying: $0) }
                readCount += 1
                // The two readers agree on what is JSON as well.
                #expect(isAcceptedByScanner(bytes), "\(bytes)")
                let again = try JSONTree(parsing: tree.compact)
                #expect(again == tree, "\(bytes)")
            } catch {
                refusedCount += 1
                // Everything but this has a place, found by a second reader that agrees.
                #expect(error.offset != nil || error.reason == .empty, "\(error) \(bytes)")
                #expect((error.offset ?? 0) <= bytes.count)
            }
        }
        #expect(readCount > 500)
        #expect(refusedCount > 500)
    }
}
