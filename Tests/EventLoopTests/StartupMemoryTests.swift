import Testing

@testable import EventLoop

@Suite struct StartupMemoryTests {
    @Test(
        arguments: [
            ("55d0-55f0 r-xp 00001000 fe:00 12 /usr/bin/x", UInt(0x55d0)..<0x55f0),
            ("55d0-55f0 r-xp 00001000 fe:00 12     /usr/bin/a b", 0x55d0..<0x55f0),
            ("55d0-55f0 rw-p 00001000 fe:00 12 /usr/bin/x", nil),
            ("55d0-55f0 r--p 00001000 fe:00 12 /usr/bin/x", nil),
            ("55d0-55f0 rwxp 00001000 fe:00 12 /usr/bin/x", nil),
            ("7ffd-7ffe r-xp 00000000 00:00 0 [vdso]", nil),
            ("7ffd-7ffe r-xp 00000000 00:00 0", nil),
            ("55f0-55d0 r-xp 00001000 fe:00 12 /usr/bin/x", nil), ("", nil),
        ] as [(String, Range<UInt>?)])
    func `only code from files that nobody can write is let go of`(
        line: String, expected: Range<UInt>?
    ) {
        #expect(StartupMemory.codeRange(in: line) == expected)
    }

    @Test func `the process runs on with less resident memory`() throws {
        let before = try #require(ResourceUsage.residentBytes())
        StartupMemory.release()
        let after = try #require(ResourceUsage.residentBytes())
        #expect(after < before)
    }
}
