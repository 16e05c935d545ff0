import CSQLite

/// Has a connection sync the database's file behind each slice of pages that it writes there.
///
/// Who moves a long log writes hundreds of pages and has them synced at once. A sync of the log,
/// which a commit waits for, then waits for all of them. Behind slices it waits for one at most.
///
/// For as long as this lives, writes to the file go through here; every other call is the
/// system's own. The connection has to outlive it.
/// Source: <https://sqlite.org/c3ref/c_fcntl_begin_atomic_write.html>, SQLITE_FCNTL_FILE_POINTER;
/// <https://sqlite.org/c3ref/io_methods.html>
@safe
final class SlicedWrites {
    private let file: UnsafeMutablePointer<sqlite3_file>
    private let slices: UnsafeMutablePointer<Slices>

    /// Takes the writes to the main database over, which has been opened.
    ///
    /// - Parameters:
    ///   - connection: Who moves the log.
    ///   - pagesMax: How many pages make a slice, at least one.
    ///   - waitForGap: Called behind each slice, on the thread that moves the log; says whether the
    ///     slice is to be synced, or left to the sync behind all of them.
    init?(_ connection: OpaquePointer, pagesMax: Int, waitForGap: @escaping () -> Bool) {
        var found: UnsafeMutablePointer<sqlite3_file>?
        let code = unsafe sqlite3_file_control(
            connection, "main", SQLITE_FCNTL_FILE_POINTER, &found)
        guard code == SQLITE_OK, let found = unsafe found,
            let system = unsafe found.pointee.pMethods
        else { return nil }
        unsafe file = found
        unsafe slices = .allocate(capacity: 1)
        unsafe slices.initialize(
            to: Slices(
                methods: system.pointee, system: system, pagesMax: pagesMax,
                waitForGap: waitForGap))
        unsafe slices.pointee.methods.xWrite = pageWritten
        unsafe file.pointee.pMethods = UnsafeRawPointer(slices)
            .assumingMemoryBound(to: sqlite3_io_methods.self)
    }

    deinit {
        unsafe file.pointee.pMethods = slices.pointee.system
        unsafe slices.deinitialize(count: 1)
        unsafe slices.deallocate()
    }
}

/// What the file's methods point at meanwhile; begins with the methods.
@unsafe
private struct Slices {
    var methods: sqlite3_io_methods
    let system: UnsafePointer<sqlite3_io_methods>
    let pagesMax: Int
    let waitForGap: () -> Bool
    /// Pages of the slice so far.
    var count = 0
}

private func pageWritten(
    _ file: UnsafeMutablePointer<sqlite3_file>?, _ bytes: UnsafeRawPointer?, _ count: CInt,
    _ offset: Int64
) -> CInt {
    guard let methods = unsafe file?.pointee.pMethods else { return SQLITE_MISUSE }
    let slices = unsafe UnsafeMutableRawPointer(mutating: methods)
        .assumingMemoryBound(to: Slices.self)
    let system = unsafe slices.pointee.system.pointee
    let code = unsafe system.xWrite(file, bytes, count, offset)
    guard code == SQLITE_OK else { return code }
    unsafe slices.pointee.count += 1
    guard unsafe slices.pointee.count >= slices.pointee.pagesMax else { return SQLITE_OK }
    unsafe slices.pointee.count = 0
    guard unsafe slices.pointee.waitForGap() else { return SQLITE_OK }
    return unsafe system.xSync(file, SQLITE_SYNC_NORMAL)
}
