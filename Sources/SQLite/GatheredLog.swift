import CSQLite

/// A file system layer that writes a commit's pages to the write-ahead log in few, large pieces.
///
/// SQLite writes each page by two calls, one for its header and one for itself. Here they are
/// gathered until the last page of a commit is there, or until somebody is to see them: reads,
/// syncs and everything else come behind what was gathered. Other files are not touched.
///
/// Nobody can tell the difference: a commit is shown to others behind its last page, and what of it
/// is in the file before that counts for nothing. An error of the disk is told with a later page of
/// the same commit.
/// Source: <https://sqlite.org/vfs.html>, <https://sqlite.org/c3ref/io_methods.html>
enum GatheredLog {
    /// What to open a database with; `nil`, which is the system's own layer, if this one could not
    /// be registered.
    static let layerName: String? = register() ? "\(name)" : nil

    // A literal, which SQLite may point at for as long as the process lives.
    private static let name: StaticString = "gathered-log"

    private static func register() -> Bool {
        guard let below = unsafe sqlite3_vfs_find(nil) else { return false }
        // Never given back, as SQLite keeps it.
        let layer = UnsafeMutablePointer<sqlite3_vfs>.allocate(capacity: 1)
        unsafe layer.initialize(to: below.pointee)
        unsafe layer.pointee.pNext = nil
        unsafe layer.pointee.zName = UnsafeRawPointer(name.utf8Start)
            .assumingMemoryBound(to: CChar.self)
        unsafe layer.pointee.pAppData = UnsafeMutableRawPointer(below)
        unsafe layer.pointee.szOsFile += CInt(LogFile.ownBytes)
        unsafe layer.pointee.xOpen = logOpened
        return unsafe sqlite3_vfs_register(layer, 0) == SQLITE_OK
    }
}

extension GatheredLog {
    /// Has what a connection gathered given up when its transaction is undone.
    ///
    /// SQLite writes pages before the commit when a transaction changes more than fit in memory.
    /// The hook is called behind the end of each that was undone, also by SQLite itself.
    /// Source: <https://sqlite.org/c3ref/commit_hook.html>
    static func watch(_ connection: OpaquePointer) {
        _ = unsafe sqlite3_rollback_hook(
            connection, transactionUndone, UnsafeMutableRawPointer(connection))
    }
}

private func transactionUndone(_ context: UnsafeMutableRawPointer?) {
    guard let context = unsafe context else { return }
    var log: SQLiteFilePointer?
    let code = unsafe sqlite3_file_control(
        OpaquePointer(context), "main", SQLITE_FCNTL_JOURNAL_POINTER, &log)
    // Before there is a log, it is a journal, which is not of this layer.
    guard code == SQLITE_OK, let log = unsafe log,
        unsafe log.pointee.pMethods == LogFile.methods
    else { return }
    unsafe gathered(log)?.discard()
}

/// What SQLite's memory for an open log begins with; the file of the layer below lies behind it.
@unsafe
private struct LogFile {
    var base: sqlite3_file
    var pages: Unmanaged<GatheredPages>?

    /// 32 bytes: room for this, and a place at which any file may begin.
    static let ownBytes = 32

    // Set once and never changed, nor given back.
    nonisolated(unsafe) static let methods: UnsafePointer<sqlite3_io_methods> = {
        let methods = UnsafeMutablePointer<sqlite3_io_methods>.allocate(capacity: 1)
        unsafe methods.initialize(to: sqlite3_io_methods())
        // 1: no shared memory and no mapping, which SQLite asks of the database's own file.
        unsafe methods.pointee.iVersion = 1
        unsafe methods.pointee.xClose = logClosed
        unsafe methods.pointee.xRead = { log, bytes, count, offset in
            unsafe behind(log) { unsafe $1.xRead($0, bytes, count, offset) }
        }
        unsafe methods.pointee.xWrite = { log, bytes, count, offset in
            let bytes = unsafe UnsafeRawBufferPointer(start: bytes, count: Int(count))
            return unsafe gathered(log)?.write(bytes, at: offset) ?? SQLITE_MISUSE
        }
        unsafe methods.pointee.xTruncate = { log, size in
            unsafe behind(log) { unsafe $1.xTruncate($0, size) }
        }
        unsafe methods.pointee.xSync = { log, flags in
            unsafe behind(log) { unsafe $1.xSync($0, flags) }
        }
        unsafe methods.pointee.xFileSize = { log, size in
            unsafe behind(log) { unsafe $1.xFileSize($0, size) }
        }
        unsafe methods.pointee.xLock = { log, level in
            unsafe behind(log) { unsafe $1.xLock($0, level) }
        }
        unsafe methods.pointee.xUnlock = { log, level in
            unsafe behind(log) { unsafe $1.xUnlock($0, level) }
        }
        unsafe methods.pointee.xCheckReservedLock = { log, answer in
            unsafe behind(log) { unsafe $1.xCheckReservedLock($0, answer) }
        }
        unsafe methods.pointee.xFileControl = { log, operation, argument in
            unsafe behind(log) { unsafe $1.xFileControl($0, operation, argument) }
        }
        unsafe methods.pointee.xSectorSize = { log in
            unsafe below(log) { unsafe $1.xSectorSize($0) }
        }
        unsafe methods.pointee.xDeviceCharacteristics = { log in
            unsafe below(log) { unsafe $1.xDeviceCharacteristics($0) }
        }
        return unsafe UnsafePointer(methods)
    }()
}

private typealias SQLiteFilePointer = UnsafeMutablePointer<sqlite3_file>

/// What an open log's memory begins with.
private func own(_ log: SQLiteFilePointer) -> UnsafeMutablePointer<LogFile> {
    unsafe UnsafeMutableRawPointer(log).assumingMemoryBound(to: LogFile.self)
}

/// The file of the layer below.
private func file(below log: SQLiteFilePointer) -> SQLiteFilePointer {
    unsafe UnsafeMutableRawPointer(log).advanced(by: LogFile.ownBytes)
        .assumingMemoryBound(to: sqlite3_file.self)
}

/// What was gathered of a log, from when it is opened until it is closed.
private func gathered(_ log: SQLiteFilePointer?) -> GatheredPages? {
    guard let log = unsafe log else { return nil }
    return unsafe own(log).pointee.pages?.takeUnretainedValue()
}

/// What `body` returns for the file of the layer below.
private func below(
    _ log: SQLiteFilePointer?, _ body: (SQLiteFilePointer, sqlite3_io_methods) -> CInt
) -> CInt {
    guard let log = unsafe log else { return SQLITE_MISUSE }
    let file = unsafe file(below: log)
    return unsafe body(file, file.pointee.pMethods.pointee)
}

/// The same, once that file has all that was gathered.
private func behind(
    _ log: SQLiteFilePointer?, _ body: (SQLiteFilePointer, sqlite3_io_methods) -> CInt
) -> CInt {
    let code = unsafe gathered(log)?.flush() ?? SQLITE_MISUSE
    return code == SQLITE_OK ? unsafe below(log, body) : code
}

private func logOpened(
    _ layer: UnsafeMutablePointer<sqlite3_vfs>?, _ name: UnsafePointer<CChar>?,
    _ opened: SQLiteFilePointer?, _ flags: CInt, _ outFlags: UnsafeMutablePointer<CInt>?
) -> CInt {
    guard let opened = unsafe opened, let context = unsafe layer?.pointee.pAppData else {
        return SQLITE_MISUSE
    }
    let system = unsafe context.assumingMemoryBound(to: sqlite3_vfs.self)
    guard flags & SQLITE_OPEN_WAL != 0 else {
        return unsafe system.pointee.xOpen(system, name, opened, flags, outFlags)
    }
    // Without methods, SQLite does not close what could not be opened.
    unsafe own(opened).initialize(to: LogFile(base: sqlite3_file(), pages: nil))
    let file = unsafe file(below: opened)
    unsafe file.initialize(to: sqlite3_file())
    let code = unsafe system.pointee.xOpen(system, name, file, flags, outFlags)
    guard code == SQLITE_OK else {
        if unsafe file.pointee.pMethods != nil {
            _ = unsafe file.pointee.pMethods.pointee.xClose(file)
        }
        return code
    }
    let pages = unsafe GatheredPages { bytes, offset in
        unsafe file.pointee.pMethods.pointee.xWrite(
            file, bytes.baseAddress, CInt(bytes.count), offset)
    }
    unsafe own(opened).pointee = LogFile(
        base: sqlite3_file(pMethods: LogFile.methods), pages: .passRetained(pages))
    return code
}

private func logClosed(_ log: SQLiteFilePointer?) -> CInt {
    let written = unsafe gathered(log)?.flush() ?? SQLITE_MISUSE
    let closed = unsafe below(log) { unsafe $1.xClose($0) }
    if let log = unsafe log { unsafe own(log).pointee.pages?.release() }
    return written == SQLITE_OK ? closed : written
}
