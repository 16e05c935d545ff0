import Testing

@testable import HTTPServer

@Suite struct ProxyPreambleTests {
    private let bytesMax = HTTPLimits().proxyPreambleBytesMax
    private let request = Array("GET / HTTP/1.1\r\nHost: a\r\n\r\n".utf8)

    private func read(_ bytes: some Sequence<UInt8>) -> ProxyPreamble.Reading {
        let bytes = Array(bytes)
        return ProxyPreamble.read(bytes.span, bytesMax: bytesMax)
    }

    @Test(arguments: Preambles.good.indices)
    func `a preamble is read up to its last byte, and not before`(index: Int) {
        let (bytes, source) = Preambles.good[index]
        let whole = ProxyPreamble.Reading.whole(ProxyPreamble(source: source, length: bytes.count))
        #expect(read(bytes) == whole)
        #expect(read(bytes + request) == whole)
        for count in 1..<bytes.count { #expect(read(bytes.prefix(count)) == .unfinished) }
    }

    @Test(arguments: Preambles.bad.indices)
    func `what is malformed stays so whatever follows`(index: Int) {
        let bytes = Preambles.bad[index]
        #expect(read(bytes) == .malformed)
        #expect(read(bytes + request) == .malformed)
        let first = (1...bytes.count).first { read(bytes.prefix($0)) != .unfinished }
        guard let first else { return }
        for count in first...bytes.count { #expect(read(bytes.prefix(count)) == .malformed) }
    }

    @Test func `a block that is too long is refused before it comes in`() {
        let header = Preambles.version2(0x21, 0x11, [], length: bytesMax - 15)
        #expect(read(header) == .malformed)
        let longest = Preambles.version2(0x21, 0x11, [], length: bytesMax - 16)
        #expect(read(longest) == .unfinished)
    }

    @Test(arguments: Preambles.absent.indices)
    func `what does not begin like one is none`(index: Int) {
        let bytes = Preambles.absent[index]
        let expected: ProxyPreamble.Reading = bytes == [UInt8(ascii: "P")] ? .unfinished : .absent
        #expect(read(bytes) == expected)
    }

    @Test func `damaged preambles are read the same however they come in, and none traps`() {
        var generator = Generator(state: 20_260_714)
        for _ in 0..<20_000 {
            var bytes = Preambles.good.randomElement(using: &generator)?.bytes.prefix(260) ?? []
            for _ in 0..<Int.random(in: 1...3, using: &generator) where !bytes.isEmpty {
                let place = Int.random(in: 0..<min(bytes.count, 24), using: &generator)
                switch Int.random(in: 0..<3, using: &generator) {
                case 0: bytes[place] = UInt8.random(in: 0...255, using: &generator)
                case 1: bytes.remove(at: place)
                default: bytes.insert(UInt8.random(in: 0...255, using: &generator), at: place)
                }
                bytes = Array(bytes)[...]
            }
            let whole = read(bytes)
            var decided: ProxyPreamble.Reading?
            for count in 0...bytes.count {
                let reading = read(bytes.prefix(count))
                if reading != .unfinished { decided = decided ?? reading }
            }
            #expect(decided ?? .unfinished == whole, "\(bytes)")
            if case .whole(let preamble) = whole { #expect(preamble.length <= bytes.count) }
        }
    }
}
