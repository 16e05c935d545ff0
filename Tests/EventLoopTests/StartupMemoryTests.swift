import Testing

@testable import EventLoop

@Suite struct StartupMemoryTests {
    /// Constants are of a segment without code: a name that only this test looks at.
    private static let constant: StaticString = "a constant that comes back from the program's file"

    @Test func `the process runs on with less resident memory`() throws {
        let before = try #require(ResourceUsage.residentBytes())
        let pages = StartupMemory.release()
        let after = try #require(ResourceUsage.residentBytes())
        #expect(after < before)
        // The test's own program has more code than that.
        #expect(pages > 1000)
        #expect("\(Self.constant)".hasSuffix("the program's file"))
    }

    @Test func `code and constants are let go of, and nothing that was written`() throws {
        let before = try Mappings.read()
        #expect(StartupMemory.release() > 0)
        let after = try Mappings.read()
        // Other tests run meanwhile, and take some of it back.
        #expect(after.clean["r-xp"]! < before.clean["r-xp"]!)
        #expect(after.clean["r--p"]! < before.clean["r--p"]!)
        #expect(after.written >= before.written)
    }
}

/// What a process has of its mapped files in memory, in KiB; proc(5) on `/proc/PID/smaps`.
private struct Mappings {
    /// As it is in the file, by the permissions of the mapping.
    var clean: [String: Int] = [:]
    /// What the linker wrote into mappings that are sealed now: the tables of addresses.
    var written = 0

    static func read() throws -> Mappings {
        let text = try FileIO.read("/proc/self/smaps", bytesMax: 16 << 20)
        var mappings = Mappings()
        var permissions = ""
        var resident = 0
        for line in String(decoding: text, as: UTF8.self).split(separator: "\n") {
            let fields = line.split(separator: " ")
            if fields.count >= 5, fields[0].contains("-"), !fields[0].hasSuffix(":") {
                permissions = fields.count > 5 && fields[5].hasPrefix("/") ? "\(fields[1])" : ""
            } else if fields[0] == "Rss:" {
                resident = Int(fields[1]) ?? 0
            } else if fields[0] == "Anonymous:", permissions.hasPrefix("r-") {
                let own = Int(fields[1]) ?? 0
                mappings.clean[permissions, default: 0] += resident - own
                mappings.written += own
            }
        }
        return mappings
    }
}
