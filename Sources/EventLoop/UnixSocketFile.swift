import CUV
import Glibc

/// The file that a Unix socket leaves behind.
enum UnixSocketFile {
    /// Whether `path` is a socket on which nobody answers.
    static func isStale(_ path: String) -> Bool {
        var status = stat()
        guard unsafe lstat(path, &status) == 0, status.st_mode & S_IFMT == S_IFSOCK,
            let address = UnixAddress(path: path)
        else { return false }
        let number = cuv_unix_socket()
        guard number >= 0 else { return false }
        let socket = Descriptor(owning: number)
        // Not blocking: a full backlog is EAGAIN, which is somebody as well (unix(7)).
        return unsafe address.withPointer { address, length in
            unsafe connect(socket.number, address, length) != 0 && errno == ECONNREFUSED
        }
    }

    /// Removes the file.
    ///
    /// - Throws: `EACCES` or `EPERM` when the directory is not ours.
    static func remove(_ path: String) throws(UVError) {
        guard unsafe unlink(path) == 0 || errno == ENOENT else {
            throw UVError(status: -errno, operation: "unlink")
        }
    }

    /// The path that a bound socket has; empty when it has none.
    @LoopActor
    static func path(of raw: UnsafeMutablePointer<uv_pipe_t>) -> String {
        let capacity = LoopLimits.unixPathBytesMax + 1
        return unsafe withUnsafeTemporaryAllocation(of: CChar.self, capacity: capacity) { buffer in
            guard let start = buffer.baseAddress else { return "" }
            var length = buffer.count
            guard unsafe uv_pipe_getsockname(raw, start, &length) == 0 else { return "" }
            let bytes = unsafe UnsafeRawBufferPointer(start: start, count: length)
            return unsafe String(decoding: bytes, as: UTF8.self)
        }
    }
}
