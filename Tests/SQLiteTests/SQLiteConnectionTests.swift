import FileTesting
import SQLite
import Testing

@Suite struct SQLiteConnectionTests {
    let directory = TemporaryDirectory()

    @Test func `a kept statement is compiled once and lent clean`() throws {
        let connection = try SQLiteConnection(":memory:")
        var seen: [Bool] = []
        for turn in 0..<3 {
            try connection.withStatement("SELECT ?1") { (statement) throws(SQLiteError) in
                #expect(try statement.step() == .row)
                seen.append(statement.isNull(at: 0))
                statement.reset()
                try statement.bind(Int64(turn), at: 1)
                #expect(try statement.step() == .row)
            }
        }
        #expect(seen == [true, true, true])
    }

    @Test func `a text put together is kept like a literal`() throws {
        let connection = try SQLiteConnection(":memory:")
        let text = SQLText("SELECT " + ["1", "?1"].joined(separator: " + "))
        for number in 0..<3 as Range<Int64> {
            try connection.withStatement(text) { (statement) throws(SQLiteError) in
                try statement.bind(number, at: 1)
                #expect(try statement.step() == .row)
                #expect(statement.int64(at: 0) == number + 1)
            }
        }
    }

    @Test func `texts that aren't constants trap before they fill the memory`() async {
        await #expect(processExitsWith: .failure) {
            let connection = try SQLiteConnection(":memory:")
            for number in 0..<300 {
                let text = SQLText("SELECT \(number)")
                try connection.withStatement(text) { (_) throws(SQLiteError) in }
            }
        }
    }

    @Test func `an error in its use leaves a kept statement usable`() throws {
        let connection = try SQLiteConnection(":memory:")
        try connection.execute("CREATE TABLE thing(id INTEGER PRIMARY KEY) STRICT")
        func insert() throws(SQLiteError) {
            try connection.withStatement("INSERT INTO thing VALUES (1)") {
                (statement) throws(SQLiteError) in try statement.run()
            }
        }
        try insert()
        #expect(throws: SQLiteError.self) { try insert() }
        try connection.execute("DELETE FROM thing")
        try insert()
        #expect(connection.changesCount == 1)
        #expect(connection.lastInsertRowID == 1)
    }

    @Test func `asking for a statement inside its own use traps`() async {
        await #expect(processExitsWith: .failure) {
            let connection = try SQLiteConnection(":memory:")
            func nested(_ depth: Int) throws(SQLiteError) {
                try connection.withStatement("SELECT 1") { (_) throws(SQLiteError) in
                    if depth > 0 { try nested(depth - 1) }
                }
            }
            try nested(1)
        }
    }

    @Test func `a transaction is whole or nothing`() throws {
        let connection = try SQLiteConnection(":memory:")
        try connection.execute("CREATE TABLE thing(id INTEGER PRIMARY KEY) STRICT")
        let count = try connection.withTransaction(.immediate) { () throws(SQLiteError) -> Int in
            try connection.execute("INSERT INTO thing VALUES (1), (2)")
            return connection.changesCount
        }
        #expect(count == 2)
        #expect(throws: SQLiteError.self) {
            try connection.withTransaction(.deferred) { () throws(SQLiteError) in
                try connection.execute("INSERT INTO thing VALUES (3)")
                try connection.execute("INSERT INTO thing VALUES (1)")
            }
        }
        #expect(!connection.isInTransaction)
        #expect(try connection.count(of: "thing") == 2)
    }

    @Test func `work past its deadline is stopped`() throws {
        let connection = try SQLiteConnection(":memory:")
        connection.setDeadline(.now)
        let error = #expect(throws: SQLiteError.self) { try connection.execute(Self.longQuery) }
        #expect(error?.isInterrupted == true)
        #expect(error?.isRetryable == true)
        connection.setDeadline(nil)
        #expect(try connection.pragma("user_version") == 0)
    }

    @Test func `an interrupt at any instruction undoes the whole transaction`() throws {
        let connection = try SQLiteConnection(":memory:")
        try connection.execute("CREATE TABLE thing(id INTEGER PRIMARY KEY) STRICT")
        var interruptedCount = 0
        for instruction in 0..<200 {
            connection.interruptOnce(afterInstructions: instruction)
            do throws(SQLiteError) {
                try connection.withTransaction(.immediate) { () throws(SQLiteError) in
                    try connection.execute("INSERT INTO thing VALUES (1)")
                    try connection.execute("INSERT INTO thing VALUES (2)")
                }
                break
            } catch {
                #expect(error.isInterrupted)
                interruptedCount += 1
            }
            connection.setDeadline(nil)
            #expect(!connection.isInTransaction)
            #expect(try connection.count(of: "thing") == 0)
        }
        connection.setDeadline(nil)
        #expect(interruptedCount > 10)
        #expect(try connection.count(of: "thing") == 2)
    }

    @Test func `pragmas are read and set`() throws {
        let connection = try SQLiteConnection(directory.file("pragma.db"))
        #expect(try connection.setPragma("journal_mode", "WAL") == "wal")
        #expect(try connection.pragmaText("journal_mode") == "wal")
        try connection.setPragma("user_version", 7)
        #expect(try connection.pragma("user_version") == 7)
    }

    @Test func `what a file brings along can't reach outside it`() throws {
        let connection = try SQLiteConnection(directory.file("hard.db"))
        #expect(try connection.pragma("trusted_schema") == 0)
        #expect(throws: SQLiteError.self) { try connection.execute("ATTACH ':memory:' AS other") }
        #expect(throws: SQLiteError.self) { try connection.execute("SELECT \"no such column\"") }
        try connection.execute("PRAGMA writable_schema = ON")
        #expect(throws: SQLiteError.self) {
            try connection.execute("UPDATE sqlite_schema SET sql = ''")
        }
    }

    @Test func `the log's pages are counted, and moved by nobody but the owner`() throws {
        let connection = try SQLiteConnection(directory.file("counted.db"))
        _ = try connection.setPragma("journal_mode", "WAL")
        try connection.execute("CREATE TABLE thing(content BLOB) STRICT")
        connection.watchLog()
        for count in [1_500, 3_000] {
            try connection.execute("INSERT INTO thing VALUES (zeroblob(6000000))")
            #expect(connection.logPagesCount > count - 100)
        }
        try connection.checkpoint(isTruncating: false)
        try connection.execute("INSERT INTO thing VALUES (x'00')")
        #expect((1..<10).contains(connection.logPagesCount))
    }

    @Test func `a checkpoint moves the log into the file`() throws {
        let connection = try SQLiteConnection(directory.file("log.db"))
        _ = try connection.setPragma("journal_mode", "WAL")
        try connection.execute("CREATE TABLE thing(id INTEGER) STRICT")
        #expect(!directory.read("log.db-wal").isEmpty)
        try connection.checkpoint(isTruncating: true)
        #expect(directory.read("log.db-wal").isEmpty)
    }

    @Test func `a backup holds what was written while it was made`() throws {
        let source = try SQLiteConnection(directory.file("source.db"))
        try source.execute("CREATE TABLE thing(bytes BLOB) STRICT")
        try source.execute("INSERT INTO thing VALUES (zeroblob(200000))")
        let target = try SQLiteConnection(directory.file("target.db"))
        var backup = try SQLiteBackup(from: source, to: target)
        #expect(try backup.step(pagesMax: 5) > 0)
        try source.execute("INSERT INTO thing VALUES (zeroblob(1))")
        var stepsCount = 0
        while try backup.step(pagesMax: 5) > 0 { stepsCount += 1 }
        #expect(stepsCount > 3)
        #expect(try target.count(of: "thing") == 2)
        #expect(try target.pragmaText("integrity_check") == "ok")
    }

    @Test func `a backup given up leaves both ends usable`() throws {
        let source = try SQLiteConnection(directory.file("source.db"))
        try source.execute("CREATE TABLE thing(bytes BLOB) STRICT")
        try source.execute("INSERT INTO thing VALUES (zeroblob(200000))")
        let target = try SQLiteConnection(directory.file("target.db"))
        do {
            var backup = try SQLiteBackup(from: source, to: target)
            #expect(try backup.step(pagesMax: 5) > 0)
        }
        #expect(try source.count(of: "thing") == 1)
        try target.execute("CREATE TABLE other(id INTEGER) STRICT")
    }

    private static let longQuery = """
        WITH RECURSIVE counter(n) AS (SELECT 1 UNION ALL SELECT n + 1 FROM counter)
        SELECT max(n) FROM counter LIMIT 1
        """
}

extension SQLiteConnection {
    fileprivate func count(of table: String) throws(SQLiteError) -> Int64 {
        var statement = try prepare("SELECT count(*) FROM \(table)")
        _ = try statement.step()
        return statement.int64(at: 0)
    }
}
