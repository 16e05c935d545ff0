import Testing

@testable import EventLoop

// In processes of their own: other tests would run meanwhile, and take memory back.
@Suite struct StartupMemoryTests {
    @Test func `the process runs on with less resident memory`() async {
        await #expect(processExitsWith: .success) {
            let before = try #require(ResourceUsage.residentBytes())
            let pages = StartupMemory.release()
            let after = try #require(ResourceUsage.residentBytes())
            try #require(after < before)
            // The test's own program has more code than that.
            try #require(pages > 1000)
        }
    }

    @Test func `code and constants are let go of, and nothing that was written`() async {
        await #expect(processExitsWith: .success) {
            let before = try Mappings.read()
            StartupMemory.release()
            let after = try Mappings.read()
            try #require(after.clean["r-xp"]! < before.clean["r-xp"]!)
            try #require(after.clean["r--p"]! < before.clean["r--p"]!)
            try #require(after.written >= before.written)
        }
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
