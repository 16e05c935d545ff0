import CSQLite

/// What was written to one write-ahead log and is not in its file yet.
///
/// Holds pages of one commit, one behind the other, and writes them once the last is there.
@safe
final class GatheredPages {
    /// Writes bytes at an offset of the file, and returns SQLite's code.
    typealias Put = (_ bytes: UnsafeRawBufferPointer, _ offset: Int64) -> CInt

    private let put: Put
    private let room = UnsafeMutableRawBufferPointer.allocate(
        byteCount: SQLiteLimits.logWriteBytes, alignment: 8)
    /// Where in the file the first byte belongs.
    private var start: Int64 = 0
    private var count = 0
    /// Whether the page that is written next is the last of a commit.
    private var isLastNext = false

    init(_ put: @escaping Put) {
        unsafe self.put = put
    }

    /// Takes bytes for the file, as `sqlite3_io_methods.xWrite`.
    ///
    /// - Returns: SQLite's code; after an error, what was gathered is given up.
    func write(_ bytes: UnsafeRawBufferPointer, at offset: Int64) -> CInt {
        let end = start + Int64(count)
        if offset != end || bytes.count > SQLiteLimits.logWriteBytes - count {
            let code = flush()
            guard code == SQLITE_OK else { return code }
        }
        guard bytes.count <= SQLiteLimits.logWriteBytes else { return unsafe put(bytes, offset) }
        if count == 0 { start = offset }
        unsafe UnsafeMutableRawBufferPointer(rebasing: room[count...]).copyMemory(from: bytes)
        count += bytes.count
        let endsCommit = unsafe endsCommit(bytes)
        // A header that is written anew has no page behind it; one elsewhere may be such a one,
        // once anything was written.
        let isAnew = bytes.count == SQLiteLimits.logHeaderBytes && offset != end && end > 0
        return endsCommit || isAnew ? flush() : SQLITE_OK
    }

    /// Writes what was gathered.
    ///
    /// - Returns: SQLite's code; after an error, what was gathered is given up.
    func flush() -> CInt {
        guard count > 0 else { return SQLITE_OK }
        let gathered = unsafe UnsafeRawBufferPointer(rebasing: room[..<count])
        count = 0
        let code = unsafe put(gathered, start)
        if code == SQLITE_OK { start += Int64(gathered.count) }
        return code
    }

    /// Gives up what was gathered, of a transaction that was undone.
    ///
    /// It must not be written later: another connection's commit may stand there by then.
    func discard() {
        count = 0
    }

    /// Whether these bytes are the last page of a commit.
    ///
    /// A page comes behind its header, whose second four bytes tell how many pages the database has
    /// after the commit that ends with it, and are zero for the others.
    /// Source: <https://sqlite.org/fileformat2.html#the_write_ahead_log>
    private func endsCommit(_ bytes: UnsafeRawBufferPointer) -> Bool {
        guard bytes.count == SQLiteLimits.logHeaderBytes else {
            defer { isLastNext = false }
            return isLastNext
        }
        isLastNext = unsafe bytes[4..<8].contains { $0 != 0 }
        return false
    }

    deinit { unsafe room.deallocate() }
}
