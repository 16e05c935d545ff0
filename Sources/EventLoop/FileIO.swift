import CUV
import Glibc

/// Files, for start-up and for commands: every call blocks, so none belongs on a loop in service.
package enum FileIO {
    /// How long a standard stream that takes no bytes is waited for: longer than any terminal or
    /// log collector needs, short enough for a service manager's patience at stop.
    package static let writeWaitMax = Duration.seconds(5)
    /// Bytes asked for in one read: a page's worth of a small file, few calls for a large one.
    private static let chunkBytes = 16_384

    /// The whole content of a file.
    ///
    /// - Parameters:
    ///   - path: A file, or anything else that can be read to an end.
    ///   - bytesMax: The longest content that is accepted.
    /// - Returns: All bytes.
    /// - Throws: What open or read said, or `tooLarge`.
    package static func read(_ path: String, bytesMax: Int) throws(FileError) -> [UInt8] {
        let file = try open(path, O_RDONLY | O_CLOEXEC, mode: 0)
        return try withExtendedLifetime(file) { file throws(FileError) in
            try readToEnd(file.number, path, bytesMax: bytesMax)
        }
    }

    /// Makes a file that only its owner may read (mode 0600) and that reaches the disk, its name
    /// included.
    ///
    /// - Throws: `isAlreadyThere` when the file exists; it is left as it is. After any other
    ///   failure there is no file.
    package static func create(
        _ path: String, containing content: [UInt8]
    ) throws(FileError) {
        let flags = O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC
        let file = try open(path, flags, mode: 0o600)
        do throws(FileError) {
            try write(content, to: file.number, path)
            try synchronize(file, path)  // Keeps the descriptor open over the write, too.
            let directory = directory(of: path)
            try synchronize(
                try open(directory, O_RDONLY | O_DIRECTORY | O_CLOEXEC, mode: 0), directory)
        } catch {
            _ = unsafe unlink(path)  // Half a file is worse than the error that is thrown.
            throw error
        }
    }

    /// Whether anything exists at `path` that the process may see.
    package static func exists(_ path: String) -> Bool {
        unsafe access(path, F_OK) == 0
    }

    /// The permission bits of a file, such as `0o600`; nil when it can't be seen.
    package static func permissions(of path: String) -> UInt32? {
        ownership(of: path)?.permissions
    }

    /// The same, and whether this process's user owns it.
    package static func ownership(of path: String) -> (permissions: UInt32, isOwn: Bool)? {
        var status = stat()
        guard unsafe stat(path, &status) == 0 else { return nil }
        return (status.st_mode & 0o7777, status.st_uid == geteuid())
    }

    /// Makes a directory that only its owner may enter (mode 0700), parents excluded.
    ///
    /// - Throws: `isAlreadyThere` when something of that name exists.
    package static func makeDirectory(_ path: String) throws(FileError) {
        try check(unsafe mkdir(path, 0o700) == 0 ? 0 : -errno, "mkdir", path)
    }

    /// Removes a file.
    ///
    /// - Throws: `isNotFound` when there is none.
    package static func remove(_ path: String) throws(FileError) {
        try check(unsafe unlink(path) == 0 ? 0 : -errno, "unlink", path)
    }

    static func synchronize(
        _ file: borrowing Descriptor, _ path: String
    ) throws(FileError) {
        try check(fsync(file.number) == 0 ? 0 : -errno, "fsync", path)
    }

    static func directory(of path: String) -> String {
        guard let slash = path.lastIndex(of: "/") else { return "." }
        return slash == path.startIndex ? "/" : String(path[..<slash])
    }

    static func check(
        _ status: Int32, _ operation: String, _ path: String
    ) throws(FileError) {
        guard status < 0 else { return }
        let error = UVError(status: status, operation: operation)
        throw FileError(path: path, cause: .system(error))
    }

    static func open(
        _ path: String, _ flags: Int32, mode: mode_t
    ) throws(FileError) -> Descriptor {
        let number = unsafe Glibc.open(path, flags, mode)
        try check(number >= 0 ? 0 : -errno, "open", path)
        return Descriptor(owning: number)
    }

    /// Everything up to the end of a descriptor.
    static func readToEnd(
        _ number: Int32, _ path: String, bytesMax: Int
    ) throws(FileError) -> [UInt8] {
        var content: [UInt8] = []
        while let chunk = try readSome(number, path, bytesMax: chunkBytes) {
            content += chunk
            guard content.count <= bytesMax else {
                throw FileError(path: path, cause: .tooLarge(bytesMax: bytesMax))
            }
        }
        return content
    }

    /// The next bytes of a descriptor, at most `bytesMax`; nil at the end.
    static func readSome(
        _ number: Int32, _ path: String, bytesMax: Int
    ) throws(FileError) -> [UInt8]? {
        var status = 0
        let bytes = unsafe [UInt8](unsafeUninitializedCapacity: bytesMax) { buffer, count in
            repeat {
                status = unsafe Glibc.read(number, buffer.baseAddress, buffer.count)
            } while status < 0 && errno == EINTR
            if status < 0 { status = Int(-errno) }
            count = max(0, status)
        }
        try check(Int32(clamping: status), "read", path)
        return bytes.isEmpty ? nil : bytes
    }

    /// Writes all of `content`, waiting for a reader that is slow.
    static func write(
        _ content: [UInt8], to number: Int32, _ path: String
    ) throws(FileError) {
        var offset = 0
        while offset < content.count {
            let written = unsafe content.withUnsafeBytes { bytes in
                let rest = unsafe UnsafeRawBufferPointer(rebasing: bytes[offset...])
                return unsafe Glibc.write(number, rest.baseAddress, rest.count)
            }
            guard written < 0 else {
                offset += written
                continue
            }
            switch errno {
            case EINTR: continue
            // A pipe that somebody else made non-blocking.
            case EAGAIN: try waitForRoom(number, path)
            default: try check(-errno, "write", path)
            }
        }
    }

    private static func waitForRoom(_ number: Int32, _ path: String) throws(FileError) {
        var watched = pollfd(fd: number, events: Int16(POLLOUT), revents: 0)
        let status = unsafe poll(&watched, 1, Int32(clamping: writeWaitMax.milliseconds))
        guard status != 0 else { throw FileError(path: path, cause: .stalled) }
        guard status > 0 || errno == EINTR else { return try check(-errno, "poll", path) }
    }
}
