import FileTesting
import SQLite
import Testing

@Suite struct SQLiteFileTests {
    let directory = TemporaryDirectory()

    @Test func `a header tells what a file is`() throws {
        #expect(try SQLiteFile.header(directory.file("missing")) == .missing)
        directory.write([], to: "empty")
        #expect(try SQLiteFile.header(directory.file("empty")) == .empty)
        directory.write(Array("SQLite format 3\0".utf8), to: "short")
        #expect(try SQLiteFile.header(directory.file("short")) == .notADatabase)
        directory.write([UInt8](repeating: 65, count: 4_096), to: "text")
        #expect(try SQLiteFile.header(directory.file("text")) == .notADatabase)
        let connection = try SQLiteConnection(directory.file("database"))
        try connection.setPragma("application_id", 0x4250_4757)
        try connection.setPragma("user_version", -3)
        #expect(
            try SQLiteFile.header(directory.file("database"))
                == .database(applicationID: 0x4250_4757, userVersion: -3))
    }

    @Test func `a file is the same after it has grown`() throws {
        #expect(try SQLiteFile.identity(directory.file("missing")) == nil)
        directory.write([], to: "one")
        let before = try #require(try SQLiteFile.identity(directory.file("one")))
        #expect(before.isEmpty)
        directory.write([1], to: "one")
        directory.write([1], to: "other")
        let after = try #require(try SQLiteFile.identity(directory.file("one")))
        #expect(after.file == before.file)
        #expect(!after.isEmpty)
        #expect(try SQLiteFile.identity(directory.file("other"))?.file != before.file)
    }

    @Test func `a file made private and its sidecars are the owner's alone`() throws {
        try SQLiteFile.makePrivate(directory.file("new/private.db"))
        #expect(directory.mode("new") == 0o700)
        #expect(directory.mode("new/private.db") == 0o600)
        let connection = try SQLiteConnection(directory.file("new/private.db"))
        _ = try connection.setPragma("journal_mode", "WAL")
        try connection.execute("CREATE TABLE thing(id INTEGER) STRICT")
        #expect(directory.mode("new/private.db-wal") == 0o600)
        #expect(directory.mode("new/private.db-shm") == 0o600)
        withExtendedLifetime(connection) {}
        for name in ["-wal", "-shm", ""] { directory.remove("new/private.db\(name)") }
    }

    @Test func `a file that exists is left as it is`() throws {
        directory.write([1, 2, 3], to: "mine")
        let mode = directory.mode("mine")
        try SQLiteFile.makePrivate(directory.file("mine"))
        #expect(directory.read("mine") == [1, 2, 3])
        #expect(directory.mode("mine") == mode)
        try SQLiteFile.restrict(directory.file("mine"))
        #expect(directory.mode("mine") == 0o600)
    }

    @Test func `a directory that can't be made is an error with a reason`() throws {
        directory.write([], to: "file")
        let error = #expect(throws: SQLiteError.self) {
            try SQLiteFile.makePrivate(directory.file("file/below/x.db"))
        }
        #expect(error?.message == "Not a directory")
    }
}
