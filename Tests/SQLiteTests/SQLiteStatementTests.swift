import SQLite
import Testing

@Suite struct SQLiteStatementTests {
    let connection: SQLiteConnection

    init() throws {
        connection = try SQLiteConnection(":memory:")
    }

    @Test(arguments: [
        "", "plain", "naïve – 火", "with\0nul", String(repeating: "x", count: 100_000),
    ])
    func `text comes back as it went in`(text: String) throws {
        var statement = try connection.prepare("SELECT ?1, typeof(?1)")
        try statement.bind(text, at: 1)
        #expect(try statement.step() == .row)
        #expect(statement.text(at: 0) == text)
        #expect(statement.text(at: 1) == "text")
    }

    // By their number: bytes that are arguments would all be printed.
    @Test(arguments: [0, 1, 3, 70_000])
    func `bytes come back as they went in`(count: Int) throws {
        let bytes = (0..<count).map { UInt8(truncatingIfNeeded: $0 &* 255) }
        var statement = try connection.prepare("SELECT ?1, typeof(?1)")
        try statement.bind(bytes, at: 1)
        #expect(try statement.step() == .row)
        #expect(statement.blob(at: 0) == bytes)
        #expect(statement.withBlob(at: 0) { $0.count } == bytes.count)
        #expect(statement.text(at: 1) == "blob")
    }

    @Test(arguments: [0, 1, -1, Int64.min, Int64.max])
    func `numbers come back as they went in`(number: Int64) throws {
        var statement = try connection.prepare("SELECT ?1")
        try statement.bind(number, at: 1)
        #expect(try statement.step() == .row)
        #expect(statement.int64(at: 0) == number)
    }

    @Test func `floating-point numbers and null come back as they went in`() throws {
        var statement = try connection.prepare("SELECT ?1, ?2")
        try statement.bind(0.1, at: 1)
        try statement.bindNull(at: 2)
        #expect(try statement.step() == .row)
        #expect(statement.double(at: 0) == 0.1)
        #expect(statement.isNull(at: 0) == false)
        #expect(statement.isNull(at: 1) == true)
        #expect(statement.text(at: 1) == "")
        #expect(statement.blob(at: 1) == [])
        #expect(statement.int64(at: 1) == 0)
    }

    @Test func `binding and reading without an index go from left to right`() throws {
        var statement = try connection.prepare("SELECT ?, ?, ?, ?, ?, ?, ?, ?")
        try statement.bind("a")
        try statement.bind(nil as String?)
        try statement.bind(5 as Int64)
        try statement.bind(nil as Int?)
        try statement.bind([1, 2] as [UInt8])
        try statement.bind(nil as [UInt8]?)
        try statement.bind(true)
        try statement.bind("z")
        #expect(try statement.step() == .row)
        #expect(statement.readText() == "a")
        #expect(statement.readTextIfAny() == nil)
        #expect(statement.readInt64() == 5)
        #expect(statement.readInt64IfAny() == nil)
        #expect(statement.readBlob() == [1, 2])
        #expect(statement.readBlobIfAny() == nil)
        #expect(statement.readBool() == true)
        #expect(statement.readTextIfAny() == "z")
    }

    @Test func `reading starts at the first column again with each row`() throws {
        var statement = try connection.prepare("SELECT column1 FROM (VALUES (1), (2))")
        #expect(try statement.step() == .row)
        #expect(statement.readInt64() == 1)
        #expect(try statement.step() == .row)
        #expect(statement.readInt64() == 2)
        #expect(try statement.step() == .done)
    }

    @Test func `a reset statement has lost its bindings`() throws {
        var statement = try connection.prepare("SELECT ?1")
        try statement.bind("kept?", at: 1)
        #expect(try statement.step() == .row)
        statement.reset()
        #expect(try statement.step() == .row)
        #expect(statement.isNull(at: 0) == true)
    }

    @Test(arguments: [0, 1, 100_000])
    func `lent bytes are stored whole`(count: Int) throws {
        try connection.execute("CREATE TABLE body(bytes BLOB NOT NULL) STRICT")
        let bytes = (0..<count).map { UInt8(truncatingIfNeeded: $0) }
        var insert = try connection.prepare("INSERT INTO body VALUES (?1)")
        try insert.run(lending: bytes.span, at: 1)
        try insert.run(lending: bytes.span, at: 1)
        var select = try connection.prepare("SELECT bytes FROM body")
        for _ in 0..<2 {
            #expect(try select.step() == .row)
            #expect(select.blob(at: 0) == bytes)
        }
        #expect(try select.step() == .done)
    }

    @Test func `a statement that was to return nothing traps on a row`() async {
        await #expect(processExitsWith: .failure) {
            let connection = try SQLiteConnection(":memory:")
            var statement = try connection.prepare("SELECT 1")
            try statement.run()
        }
    }

    @Test func `a statement may outlive its connection`() throws {
        var other: SQLiteConnection? = try SQLiteConnection(":memory:")
        other?.setDeadline(.now + .seconds(60))
        guard var statement = try other?.prepare("SELECT 7") else {
            Issue.record("no statement")
            return
        }
        other = nil
        #expect(try statement.step() == .row)
        #expect(statement.int64(at: 0) == 7)
    }
}
