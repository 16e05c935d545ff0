import Compression
import Testing

@Suite struct CompressorTests {
    private static let payload = Array(
        String(repeating: #"{"incident":{"id":"5f1","tags":[{"name":"host"}]}}"#, count: 40).utf8)

    @Test func `what was compressed comes back`() throws {
        let compressed = try #require(Compressor().compress(Self.payload))
        #expect(compressed.count < Self.payload.count / 5)
        #expect(
            try Decompressor.decompress(compressed, count: Self.payload.count) == Self.payload)
    }

    @Test func `a thorough one takes no more room than a quick one`() throws {
        let words = ["alert", "close", "source", "delivery", "integration", "session"]
        let text = (0..<4000).map { words[$0 * $0 % 37 % words.count] + "\($0 % 11)" }
        let bytes = Array(text.joined(separator: " ").utf8)
        let quick = try #require(Compressor().compress(bytes))
        let thorough = try #require(Compressor(.thorough).compress(bytes))
        #expect(thorough.count < quick.count)
        #expect(try Decompressor.decompress(thorough, count: bytes.count) == bytes)
    }

    @Test func `one compressor serves many strings, each on its own`() throws {
        let compressor = Compressor()
        for length in [1_000_000, 60, 3_000] {
            let bytes = (0..<length).map { UInt8(truncatingIfNeeded: $0 / 7 % 40) }
            let compressed = try #require(compressor.compress(bytes))
            #expect(compressed == Compressor().compress(bytes))
            #expect(try Decompressor.decompress(compressed, count: length) == bytes)
        }
    }

    @Test(arguments: [0, 1, 2, 64, 4_096])
    func `what would not become shorter is left alone`(length: Int) {
        var generator = SystemRandomNumberGenerator()
        let noise = (0..<length).map { _ in UInt8.random(in: 0...255, using: &generator) }
        #expect(Compressor().compress(noise) == nil)
    }

    @Test func `damage is noticed`() throws {
        let compressed = try #require(Compressor().compress(Self.payload))
        for index in compressed.indices {
            var damaged = compressed
            damaged[index] ^= 0x40
            // A change that leaves the content as it is would be none to complain about.
            do throws(CompressionError) {
                let bytes = try Decompressor.decompress(damaged, count: Self.payload.count)
                #expect(bytes == Self.payload, "byte \(index)")
            } catch {}
        }
        for count in [1, Self.payload.count - 1, Self.payload.count + 1, 1 << 20] {
            #expect(throws: CompressionError.self) {
                try Decompressor.decompress(compressed, count: count)
            }
        }
        #expect(throws: CompressionError.self) {
            try Decompressor.decompress(Array(compressed.dropLast(3)), count: Self.payload.count)
        }
        #expect(throws: CompressionError.self) { try Decompressor.decompress([], count: 5) }
    }
}
