import FileTesting
import Glibc
import Testing

@testable import SQLite

@Suite struct GatheredLogTests {
    let directory = TemporaryDirectory()

    /// A connection whose log is gathered, on a table of numbered contents.
    private func open(_ name: String) throws -> SQLiteConnection {
        let connection = try SQLiteConnection(
            directory.file(name), options: SQLiteOptions(gathersLog: true))
        _ = try connection.setPragma("journal_mode", "WAL")
        try connection.execute(
            "CREATE TABLE thing(id INTEGER PRIMARY KEY, content BLOB NOT NULL) STRICT")
        return connection
    }

    private func sum(_ connection: SQLiteConnection) throws -> [Int64] {
        var select = try connection.prepare(
            "SELECT count(*), total(id), total(length(content)) FROM thing")
        #expect(try select.step() == .row)
        return [select.int64(at: 0), select.int64(at: 1), select.int64(at: 2)]
    }

    @Test func `the layer is there`() {
        #expect(GatheredLog.layerName != nil)
    }

    @Test(arguments: ["FULL", "NORMAL", "OFF"])
    func `others see each commit at once`(synchronous: String) throws {
        let writer = try open("seen.db")
        try writer.execute("PRAGMA synchronous = \(synchronous)")
        let reader = try SQLiteConnection(directory.file("seen.db"))
        for number in 1...50 as ClosedRange<Int64> {
            let bytes = number * 2_711
            try writer.execute("INSERT INTO thing VALUES (\(number), zeroblob(\(bytes)))")
            #expect(
                try sum(reader)
                    == [number, number * (number + 1) / 2, 2_711 * number * (number + 1) / 2])
        }
        #expect(try reader.pragmaText("integrity_check") == "ok")
    }

    @Test func `who writes sees what went to the log before the commit`() throws {
        let writer = try open("spilled.db")
        // Fewer pages in memory than the transaction changes.
        try writer.setPragma("cache_size", 10)
        let reader = try SQLiteConnection(directory.file("spilled.db"))
        try writer.execute("BEGIN")
        for number in 1...200 {
            try writer.execute("INSERT INTO thing VALUES (\(number), randomblob(3000))")
        }
        try writer.execute("UPDATE thing SET content = zeroblob(2000) WHERE id % 3 = 0")
        #expect(try sum(writer) == [200, 20_100, 134 * 3_000 + 66 * 2_000])
        #expect(try sum(reader) == [0, 0, 0])
        try writer.execute("COMMIT")
        #expect(try sum(reader) == [200, 20_100, 134 * 3_000 + 66 * 2_000])
        #expect(try reader.pragmaText("integrity_check") == "ok")
    }

    @Test func `what was undone leaves no trace`() throws {
        let writer = try open("undone.db")
        try writer.setPragma("cache_size", 10)
        for turn in 0..<5 {
            try writer.execute("BEGIN")
            for number in 1...50 {
                let id = 1000 * turn + number
                try writer.execute("INSERT INTO thing VALUES (\(id), randomblob(3000))")
            }
            try writer.execute(turn.isMultiple(of: 2) ? "ROLLBACK" : "COMMIT")
        }
        #expect(try sum(writer)[0] == 100)
        #expect(try sum(SQLiteConnection(directory.file("undone.db")))[0] == 100)
        #expect(try writer.pragmaText("integrity_check") == "ok")
    }

    @Test func `a copy of the files after a commit has it`() throws {
        let writer = try open("copied.db")
        for number in 1...30 {
            try writer.execute("INSERT INTO thing VALUES (\(number), randomblob(5000))")
            // As a crash would leave them.
            for suffix in ["", "-wal"] {
                directory.write(
                    directory.read("copied.db\(suffix)"), to: "copy\(number).db\(suffix)")
            }
            let copy = try SQLiteConnection(directory.file("copy\(number).db"))
            #expect(try sum(copy)[0] == Int64(number))
        }
    }

    /// A change of pages that the log holds already, so that their checksums are reckoned anew.
    private func changeTwice(_ writer: SQLiteConnection) throws {
        try writer.execute("BEGIN")
        for number in 1...50 {
            try writer.execute("INSERT INTO thing VALUES (\(number), randomblob(3000))")
        }
        try writer.execute("UPDATE thing SET content = zeroblob(2000)")
        try writer.execute("COMMIT")
    }

    @Test(arguments: ["FULL", "NORMAL", "OFF"])
    func `the log has the checksums that were reckoned anew`(synchronous: String) throws {
        let writer = try open("reckoned.db")
        try writer.execute("PRAGMA synchronous = \(synchronous)")
        // Fewer pages in memory than the transaction changes.
        try writer.setPragma("cache_size", 10)
        try changeTwice(writer)
        for suffix in ["", "-wal"] {
            directory.write(directory.read("reckoned.db\(suffix)"), to: "copy.db\(suffix)")
        }
        let copy = try SQLiteConnection(directory.file("copy.db"))
        #expect(try sum(copy) == [50, 1_275, 100_000])
    }

    @Test func `what was gathered is written when the log is closed`() throws {
        do {
            let writer = try open("closed.db")
            try writer.execute("PRAGMA synchronous = OFF")
            try writer.setPragma("cache_size", 10)
            try writer.setLeavesLogOnClose(true)
            try changeTwice(writer)
        }
        #expect(try sum(SQLiteConnection(directory.file("closed.db"))) == [50, 1_275, 100_000])
    }

    @Test func `what was undone is not written over what another commits then`() throws {
        let writer = try open("others.db")
        try writer.setPragma("cache_size", 10)
        for number in 1...100 {
            try writer.execute("INSERT INTO thing VALUES (\(number), zeroblob(3000))")
        }
        try writer.checkpoint(isTruncating: true)
        try writer.execute("BEGIN")
        try writer.execute("UPDATE thing SET content = randomblob(3000)")
        try writer.execute("ROLLBACK")
        let other = try SQLiteConnection(directory.file("others.db"))
        try other.execute("UPDATE thing SET content = zeroblob(2000)")
        #expect(try sum(writer) == [100, 5_050, 200_000])
        #expect(try sum(other) == [100, 5_050, 200_000])
        #expect(try other.pragmaText("integrity_check") == "ok")
    }

    @Test func `a log that was moved begins anew`() throws {
        let writer = try open("moved.db")
        writer.watchLog()
        for number in 1...20 {
            try writer.execute("INSERT INTO thing VALUES (\(number), randomblob(50000))")
            #expect(writer.logPagesCount < 30)
            try writer.checkpoint(isTruncating: number.isMultiple(of: 4))
        }
        #expect(try sum(SQLiteConnection(directory.file("moved.db"))) == [20, 210, 1_000_000])
    }

    @Test func `who closes leaves no descriptor of the log`() throws {
        do {
            let writer = try open("closed.db")
            try writer.execute("INSERT INTO thing VALUES (1, x'00')")
            #expect(Self.openFiles().contains { $0.contains("/closed.db-wal") })
        }
        #expect(!Self.openFiles().contains { $0.contains("/closed.db-wal") })
    }

    /// The names of what this process has open.
    private static func openFiles() -> [String] {
        (0..<1_024).compactMap { descriptor in
            var name = [CChar](repeating: 0, count: 512)
            let count = unsafe readlink("/proc/self/fd/\(descriptor)", &name, name.count)
            guard count >= 0 else { return nil }
            return String(decoding: name[..<count].map { UInt8(bitPattern: $0) }, as: UTF8.self)
        }
    }
}
