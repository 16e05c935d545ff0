import FileTesting
import Testing

@testable import SQLite

@Suite struct SlicedWritesTests {
    let directory = TemporaryDirectory()

    /// Gaps that were waited for.
    private final class Gaps {
        var count = 0
    }

    /// A connection whose log has so many rows of a page each, and another to move it.
    private func open(
        rowsCount: Int
    ) throws -> (writer: SQLiteConnection, mover: SQLiteConnection) {
        let writer = try SQLiteConnection(directory.file("moved.db"))
        _ = try writer.setPragma("journal_mode", "WAL")
        writer.watchLog()
        try writer.execute(
            "CREATE TABLE thing(id INTEGER PRIMARY KEY, content BLOB NOT NULL) STRICT")
        try fill(writer, 1...rowsCount)
        let mover = try SQLiteConnection(
            directory.file("moved.db"), options: SQLiteOptions(access: .readWrite))
        try mover.setLeavesLogOnClose(true)
        // Reads the file, and finds the log.
        _ = try mover.setPragma("synchronous", "FULL")
        return (writer, mover)
    }

    private func fill(_ writer: SQLiteConnection, _ rows: ClosedRange<Int>) throws {
        for row in rows {
            try writer.execute("INSERT INTO thing VALUES (\(row), zeroblob(3500))")
        }
    }

    /// How many rows the file has without its log.
    private func rowsMoved() throws -> Int64 {
        directory.write(directory.read("moved.db"), to: "copy.db")
        let copy = try SQLiteConnection(directory.file("copy.db"))
        #expect(try copy.pragmaText("integrity_check") == "ok")
        var select = try copy.prepare("SELECT count(*) FROM thing")
        #expect(try select.step() == .row)
        return select.int64(at: 0)
    }

    @Test(arguments: [true, false])
    func `all of the log is moved, with a gap behind each slice`(isSlicing: Bool) throws {
        let (writer, mover) = try open(rowsCount: 100)
        let gaps = Gaps()
        let movedCount = try mover.checkpoint(inSlicesOf: 8) {
            gaps.count += 1
            return isSlicing
        }
        #expect(movedCount == writer.logPagesCount)
        // A page for each row, and a few that lead there.
        #expect((12...13).contains(gaps.count))
        #expect(try rowsMoved() == 100)
    }

    @Test func `what is committed in a gap stays in the log for another move`() throws {
        let (writer, mover) = try open(rowsCount: 100)
        let gaps = Gaps()
        let movedCount = try mover.checkpoint(inSlicesOf: 8) {
            gaps.count += 1
            do {
                try fill(writer, (100 + gaps.count)...(100 + gaps.count))
            } catch {
                Issue.record(error)
            }
            return true
        }
        #expect(movedCount < writer.logPagesCount)
        let (before, pagesCount) = (gaps.count, writer.logPagesCount)
        #expect(before > 10)
        #expect(try mover.checkpoint(inSlicesOf: 8) { true } == pagesCount)
        #expect(try rowsMoved() == Int64(100 + before))
        // With all of it moved, it begins anew.
        try fill(writer, 200...200)
        #expect(writer.logPagesCount < 10)
    }

    @Test func `a connection that moved a log in slices moves the next at once`() throws {
        let (writer, mover) = try open(rowsCount: 20)
        let gaps = Gaps()
        _ = try mover.checkpoint(inSlicesOf: 1) {
            gaps.count += 1
            return true
        }
        let before = gaps.count
        #expect(before > 20)
        try fill(writer, 21...40)
        try mover.checkpoint(isTruncating: false)
        #expect(gaps.count == before)
        #expect(try rowsMoved() == 40)
    }

    @Test func `a database in memory has no log to move`() throws {
        let connection = try SQLiteConnection(":memory:")
        #expect(try connection.checkpoint(inSlicesOf: 8) { true } <= 0)
        try connection.execute("CREATE TABLE thing(id INTEGER PRIMARY KEY) STRICT")
    }
}
