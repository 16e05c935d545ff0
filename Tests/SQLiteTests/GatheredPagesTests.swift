import Testing

@testable import SQLite

@Suite struct GatheredPagesTests {
    /// A log's file: what was written to it, piece by piece.
    private final class File {
        var pieces: [(offset: Int64, bytes: [UInt8])] = []
        /// What the next writes come to.
        var codes: [CInt] = []
    }

    private let file = File()
    private let pages: GatheredPages

    init() {
        let file = file
        pages = unsafe GatheredPages { bytes, offset in
            let code = file.codes.isEmpty ? 0 : file.codes.removeFirst()
            if code == 0 { unsafe file.pieces.append((offset, Array(bytes))) }
            return code
        }
    }

    @Test func `a commit's pages are one piece, written with the last`() {
        var written: [UInt8] = []
        for number in 1...3 as ClosedRange<UInt8> {
            for bytes in Self.page(number, isLast: number == 3) {
                #expect(file.pieces.isEmpty)
                #expect(write(bytes, at: 32 + written.count) == 0)
                written += bytes
            }
        }
        #expect(file.pieces.map(\.offset) == [32])
        #expect(file.pieces.map(\.bytes) == [written])
        #expect(pages.flush() == 0)
        #expect(file.pieces.count == 1)
    }

    @Test func `more than there is room for is several pieces, each behind the other`() {
        var written: [UInt8] = []
        for number in 1...40 as ClosedRange<UInt8> {
            for bytes in Self.page(number, isLast: number == 40) {
                #expect(write(bytes, at: written.count) == 0)
                written += bytes
            }
        }
        #expect((3...4).contains(file.pieces.count))
        #expect(file.pieces.allSatisfy { $0.bytes.count <= SQLiteLimits.logWriteBytes })
        var offset: Int64 = 0
        for piece in file.pieces {
            #expect(piece.offset == offset)
            offset += Int64(piece.bytes.count)
        }
        #expect(file.pieces.flatMap(\.bytes) == written)
    }

    @Test func `what is written elsewhere comes behind what was gathered`() {
        let page = Self.page(1, isLast: false)[1]
        #expect(write(page, at: 4_176) == 0)
        #expect(write(page, at: 56) == 0)
        #expect(file.pieces.map(\.offset) == [4_176])
        #expect(pages.flush() == 0)
        #expect(file.pieces.map(\.offset) == [4_176, 56])
        #expect(file.pieces.map(\.bytes) == [page, page])
    }

    @Test func `a header that is written anew is written at once`() {
        let commit = Self.page(1, isLast: true)
        #expect(write(commit[0], at: 32) == 0)
        #expect(write(commit[1], at: 56) == 0)
        #expect(write(commit[0], at: 32) == 0)
        #expect(file.pieces.map(\.offset) == [32, 32])
        #expect(file.pieces.last?.bytes == commit[0])
        // So is the next, which may be another of them; then a commit is one piece again.
        for offset in [4_152, 8_272] {
            #expect(write(commit[0], at: offset) == 0)
            #expect(write(commit[1], at: offset + 24) == 0)
        }
        #expect(file.pieces.map(\.offset) == [32, 32, 4_152, 4_176, 8_272])
    }

    @Test func `what was discarded is not written`() {
        #expect(write(Self.header(isLast: false), at: 32) == 0)
        pages.discard()
        #expect(pages.flush() == 0)
        #expect(file.pieces.isEmpty)
        let commit = Self.page(1, isLast: true)
        #expect(write(commit[0], at: 32) == 0)
        #expect(write(commit[1], at: 56) == 0)
        #expect(file.pieces.map(\.bytes) == [commit[0] + commit[1]])
    }

    @Test func `a page larger than the room is written by itself`() {
        let large = [UInt8](repeating: 7, count: SQLiteLimits.logWriteBytes + 1)
        let header = Self.page(1, isLast: false)[0]
        #expect(write(header, at: 0) == 0)
        #expect(write(large, at: header.count) == 0)
        #expect(file.pieces.map(\.bytes) == [header, large])
        #expect(file.pieces.map(\.offset) == [0, 24])
    }

    @Test func `the header decides which page is the last, not what is in the page`() {
        // A page whose fifth byte is set, as most are.
        let page = [UInt8](repeating: 0xFF, count: 512)
        #expect(write(Self.header(isLast: false), at: 0) == 0)
        #expect(write(page, at: 24) == 0)
        #expect(file.pieces.isEmpty)
        #expect(write(Self.header(isLast: true), at: 536) == 0)
        #expect(file.pieces.isEmpty)
        #expect(write([UInt8](repeating: 0, count: 512), at: 560) == 0)
        #expect(file.pieces.count == 1)
        // And the next commit begins anew.
        #expect(write(Self.header(isLast: false), at: 1_072) == 0)
        #expect(write(page, at: 1_096) == 0)
        #expect(file.pieces.count == 1)
    }

    @Test func `a page that stands behind no header ends no commit`() {
        let commit = Self.page(1, isLast: true)
        #expect(write(commit[0], at: 32) == 0)
        #expect(write(commit[1], at: 56) == 0)
        #expect(file.pieces.count == 1)
        // As one that changed again in the next transaction, once the log had it.
        #expect(write(Self.page(2, isLast: false)[1], at: 56) == 0)
        #expect(file.pieces.count == 1)
    }

    @Test func `each header tells anew whether its page is the last`() {
        #expect(write(Self.header(isLast: true), at: 32) == 0)
        #expect(write(Self.header(isLast: false), at: 56) == 0)
        #expect(write(Self.page(1, isLast: false)[1], at: 80) == 0)
        #expect(file.pieces.isEmpty)
    }

    @Test func `an error is told, and what was gathered is given up`() {
        let commit = Self.page(1, isLast: true)
        file.codes = [13]
        #expect(write(commit[0], at: 0) == 0)
        #expect(write(commit[1], at: 24) == 13)
        #expect(pages.flush() == 0)
        #expect(file.pieces.isEmpty)
        // The same place again, as SQLite does after undoing it.
        #expect(write(commit[0], at: 0) == 0)
        #expect(write(commit[1], at: 24) == 0)
        #expect(file.pieces.map(\.bytes) == [commit[0] + commit[1]])
    }

    @Test func `an error of what was gathered is told to who writes elsewhere`() {
        file.codes = [10]
        #expect(write(Self.header(isLast: false), at: 0) == 0)
        #expect(write(Self.header(isLast: false), at: 8_000) == 10)
        #expect(pages.flush() == 0)
        #expect(file.pieces.isEmpty)
    }

    private static func header(isLast: Bool) -> [UInt8] {
        var header = [UInt8](repeating: 0xAA, count: 24)
        // The lowest byte alone, as in a small database.
        header.replaceSubrange(4..<8, with: [0, 0, 0, isLast ? 9 : 0])
        return header
    }

    /// A page of the log: its header and itself.
    private static func page(_ number: UInt8, isLast: Bool) -> [[UInt8]] {
        [header(isLast: isLast), [UInt8](repeating: number, count: 4_096)]
    }

    private func write(_ bytes: [UInt8], at offset: Int) -> CInt {
        unsafe bytes.withUnsafeBytes { unsafe pages.write($0, at: Int64(offset)) }
    }
}
