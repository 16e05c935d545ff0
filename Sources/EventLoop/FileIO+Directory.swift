import Glibc

extension FileIO {
    /// Removes an empty directory.
    ///
    /// - Throws: `isNotFound` when there is none, `ENOTEMPTY` when something is in it.
    package static func removeDirectory(_ path: String) throws(FileError) {
        try check(unsafe rmdir(path) == 0 ? 0 : -errno, "rmdir", path)
    }
}
