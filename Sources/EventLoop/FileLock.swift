import Glibc

/// A lock that one process at a time can hold, by way of a file.
///
/// The kernel lets go of it when the process ends, however it ends. The file stays.
/// Source: flock(2).
package final class FileLock: Sendable {
    private let descriptor: Int32

    /// Takes the lock; the file is made, for its owner alone, unless it is there.
    ///
    /// - Throws: `isTaken` when another process holds it, or why the file can't be opened.
    package init(_ path: String) throws(FileError) {
        let number = unsafe open(path, O_RDWR | O_CREAT | O_CLOEXEC, 0o600)
        try FileIO.check(number >= 0 ? 0 : -errno, "open", path)
        guard flock(number, LOCK_EX | LOCK_NB) == 0 else {
            let problem = errno
            _ = close(number)  // Opened above.
            try FileIO.check(-problem, "flock", path)
            throw FileError(path: path, cause: .stalled)
        }
        descriptor = number
    }

    deinit {
        _ = close(descriptor)  // Opened in init; closing it lets go of the lock.
    }
}

extension FileError {
    /// Whether another process holds the lock.
    package var isTaken: Bool {
        if case .system(let error) = cause { error.status == -EWOULDBLOCK } else { false }
    }
}
