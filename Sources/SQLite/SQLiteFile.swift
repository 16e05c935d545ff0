import Glibc

/// What can be said of a database file without SQLite, and so without touching it.
package enum SQLiteFile {
    /// The first bytes of a file, as far as they matter here.
    package enum Header: Sendable, Equatable {
        /// There is no such file.
        case missing
        /// The file has no bytes; SQLite takes it for a new database.
        case empty
        /// The file is something else, or shorter than the shortest database.
        case notADatabase
        /// A database, with the two numbers that programs may set in it.
        case database(applicationID: Int32, userVersion: Int32)
    }

    /// What tells a file from others, whatever its name and content.
    package struct Identity: Sendable, Hashable {
        fileprivate let device: UInt64
        fileprivate let number: UInt64
    }

    /// Which file `path` names, and whether it has no bytes; `nil` when there is none.
    ///
    /// The file isn't opened.
    /// - Throws: An `SQLiteError` when the path can't be followed.
    package static func identity(
        _ path: String
    ) throws(SQLiteError) -> (file: Identity, isEmpty: Bool)? {
        var status = stat()
        guard unsafe stat(path, &status) == 0 else {
            guard errno != ENOENT else { return nil }
            throw failure("stat \(path)")
        }
        let file = Identity(device: UInt64(status.st_dev), number: UInt64(status.st_ino))
        return (file, status.st_size == 0)
    }

    /// Reads the header of the file at `path`, which no connection of this process may have open:
    /// closing it takes their locks away.
    ///
    /// - Throws: An `SQLiteError` when the file is there but can't be read.
    /// Source: <https://www.sqlite.org/fileformat2.html#the_database_header>
    package static func header(_ path: String) throws(SQLiteError) -> Header {
        let descriptor = unsafe Glibc.open(path, O_RDONLY | O_CLOEXEC)
        guard descriptor >= 0 else {
            guard errno != ENOENT else { return .missing }
            throw failure("open \(path)")
        }
        defer { close(descriptor) }
        var bytes = [UInt8](repeating: 0, count: headerBytesCount)
        let count = unsafe read(descriptor, &bytes, bytes.count)
        guard count >= 0 else { throw failure("read \(path)") }
        guard count > 0 else { return .empty }
        guard count == headerBytesCount, bytes.starts(with: magic) else { return .notADatabase }
        return .database(
            applicationID: number(bytes[68..<72]), userVersion: number(bytes[60..<64]))
    }

    /// Makes the file at `path` readable to its owner only, and its directory if that is missing.
    ///
    /// A file that is missing is made, empty, with mode 0600: SQLite gives its sidecar files the
    /// same. Directories are made with mode 0700. What exists keeps its mode.
    /// - Throws: An `SQLiteError` with the operating system's reason.
    package static func makePrivate(_ path: String) throws(SQLiteError) {
        try makeDirectories(above: path)
        let flags = O_RDWR | O_CREAT | O_EXCL | O_CLOEXEC
        let descriptor = unsafe Glibc.open(path, flags, 0o600 as mode_t)
        guard descriptor < 0 else {
            close(descriptor)
            return
        }
        guard errno == EEXIST else { throw failure("create \(path)") }
    }

    /// Takes every access to the file and its sidecar files from everybody but its owner.
    ///
    /// - Throws: An `SQLiteError` with the operating system's reason.
    package static func restrict(_ path: String) throws(SQLiteError) {
        for suffix in ["", "-wal", "-shm"] {
            var status = stat()
            // Not ours to change where nobody else has access, as on a mount of another owner.
            guard unsafe stat(path + suffix, &status) == 0, status.st_mode & 0o077 != 0,
                unsafe chmod(path + suffix, 0o600) != 0
            else { continue }
            throw failure("chmod \(path)\(suffix)")
        }
    }

    private static let headerBytesCount = 100
    private static let magic = Array("SQLite format 3\0".utf8)

    private static func makeDirectories(above path: String) throws(SQLiteError) {
        let parts = path.split(separator: "/", omittingEmptySubsequences: false).dropLast()
        for count in stride(from: 1, through: parts.count, by: 1) {
            let directory = parts.prefix(count).joined(separator: "/")
            guard !directory.isEmpty, unsafe mkdir(directory, 0o700) != 0 else { continue }
            let reason = errno
            // A read-only parent and the like matter only if the directory isn't there.
            guard reason != EEXIST, unsafe access(directory, F_OK) != 0 else { continue }
            throw failure("mkdir \(directory)", reason)
        }
    }

    private static func number(_ bytes: ArraySlice<UInt8>) -> Int32 {
        Int32(truncatingIfNeeded: bytes.reduce(0 as UInt32) { $0 << 8 | UInt32($1) })
    }

    private static func failure(_ operation: String, _ reason: Int32 = errno) -> SQLiteError {
        let raw = unsafe strerror(reason)
        let text = if let raw = unsafe raw { unsafe String(cString: raw) } else { "" }
        return SQLiteError(code: SQLiteError.cantOpen, operation: operation, message: text)
    }
}
