import FileTesting
import SQLite
import Testing

@Suite struct SQLiteErrorTests {
    let directory = TemporaryDirectory()

    @Test func `a violated constraint names the column and not the value`() throws {
        let connection = try SQLiteConnection(":memory:")
        try connection.execute("CREATE TABLE thing(name TEXT UNIQUE) STRICT")
        func insert() throws {
            var insert = try connection.prepare("INSERT INTO thing VALUES (?1)")
            try insert.bind("hush", at: 1)
            try insert.run()
        }
        try insert()
        let error = try #require(throws: SQLiteError.self) { try insert() }
        #expect(error.code == 2067)  // SQLITE_CONSTRAINT_UNIQUE
        #expect(error.primaryCode == 19)
        #expect(error.isConstraint)
        #expect(!error.isRetryable)
        #expect(error.message.contains("thing.name"))
        #expect(!error.description.contains("hush"))
    }

    @Test func `broken SQL says what is broken`() throws {
        let connection = try SQLiteConnection(":memory:")
        let error = #expect(throws: SQLiteError.self) { try connection.execute("SELEKT 1") }
        #expect(error?.message.contains("SELEKT") == true)
        #expect(error?.isRetryable == false)
    }

    @Test func `a full disk is told as such and leaves a database that works`() throws {
        let connection = try SQLiteConnection(directory.file("full.db"))
        try connection.execute("CREATE TABLE thing(bytes BLOB) STRICT")
        try connection.setPragma("max_page_count", 4)
        let insert = "INSERT INTO thing VALUES (zeroblob(50000))"
        let error = #expect(throws: SQLiteError.self) {
            try connection.withTransaction(.immediate) { () throws(SQLiteError) in
                try connection.execute(insert)
            }
        }
        #expect(error?.isDiskFull == true)
        #expect(error?.isRetryable == true)
        #expect(!connection.isInTransaction)
        try connection.setPragma("max_page_count", 1_000)
        try connection.execute(insert)
        #expect(try connection.pragmaText("integrity_check") == "ok")
    }

    @Test func `a file that is no database is told as such`() throws {
        directory.write(Array(String(repeating: "no database ", count: 500).utf8), to: "text")
        let connection = try SQLiteConnection(directory.file("text"))
        let error = #expect(throws: SQLiteError.self) { try connection.pragma("user_version") }
        #expect(error?.isCorrupt == true)
        #expect(error?.isRetryable == false)
    }

    @Test func `a read-only connection refuses to write`() throws {
        let path = directory.file("read.db")
        try SQLiteConnection(path).execute("CREATE TABLE thing(id INTEGER) STRICT")
        let reader = try SQLiteConnection(path, options: SQLiteOptions(access: .readOnly))
        let error = #expect(throws: SQLiteError.self) {
            try reader.execute("INSERT INTO thing VALUES (1)")
        }
        #expect(error?.isReadOnly == true)
    }

    @Test func `a missing file is made only on request`() throws {
        for access in [SQLiteOptions.Access.readOnly, .readWrite] {
            let error = #expect(throws: SQLiteError.self) {
                try SQLiteConnection(
                    directory.file("missing.db"), options: SQLiteOptions(access: access))
            }
            #expect(error?.primaryCode == 14)  // SQLITE_CANTOPEN
        }
        #expect(directory.names.isEmpty)
    }

    @Test func `a lock held elsewhere is busy once the wait is over`() throws {
        let path = directory.file("busy.db")
        let holder = try SQLiteConnection(path)
        try holder.execute("BEGIN EXCLUSIVE")
        let options = SQLiteOptions(busyDuration: .milliseconds(20))
        let other = try SQLiteConnection(path, options: options)
        let start = ContinuousClock.now
        let error = #expect(throws: SQLiteError.self) { try other.execute("BEGIN EXCLUSIVE") }
        #expect(error?.isBusy == true)
        #expect(error?.isRetryable == true)
        #expect(ContinuousClock.now - start >= .milliseconds(15))
    }
}
