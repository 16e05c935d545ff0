import Glibc

extension FileIO {
    /// Bytes read and written at a time: large enough that the calls cost nothing beside the disk.
    private static let copyBytes = 1_048_576

    /// Copies a file to a new one that only its owner may read (mode 0600), and that reaches the
    /// disk; its name does with `rename`.
    ///
    /// - Throws: `isAlreadyThere` when `target` exists; what failed to be read or written
    ///   otherwise, and `target` then holds a part.
    package static func copy(_ path: String, to target: String) throws(FileError) {
        let source = try open(path, O_RDONLY | O_CLOEXEC, mode: 0)
        let flags = O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC
        let copy = try open(target, flags, mode: 0o600)
        while let chunk = try readSome(source.number, path, bytesMax: copyBytes) {
            try write(chunk, to: copy.number, target)
        }
        try synchronize(copy, target)
    }

    /// Waits until a file's content is on the disk.
    package static func synchronize(_ path: String) throws(FileError) {
        try synchronize(try open(path, O_RDWR | O_CLOEXEC, mode: 0), path)
    }

    /// Gives a file another name in its directory, and waits until the disk knows.
    ///
    /// - Throws: `isNotFound` when it is missing. A file that has the other name is replaced.
    package static func rename(_ path: String, to target: String) throws(FileError) {
        try check(unsafe Glibc.rename(path, target) == 0 ? 0 : -errno, "rename", path)
        let directory = directory(of: target)
        try synchronize(
            try open(directory, O_RDONLY | O_DIRECTORY | O_CLOEXEC, mode: 0), directory)
    }

    /// Gives a file to the owner of another, where they differ: for root, who makes files in
    /// directories of others.
    package static func giveOwner(of path: String, to target: String) throws(FileError) {
        var (wanted, found) = (stat(), stat())
        try check(unsafe stat(path, &wanted) == 0 ? 0 : -errno, "stat", path)
        try check(unsafe stat(target, &found) == 0 ? 0 : -errno, "stat", target)
        guard wanted.st_uid != found.st_uid || wanted.st_gid != found.st_gid else { return }
        try check(
            unsafe chown(target, wanted.st_uid, wanted.st_gid) == 0 ? 0 : -errno, "chown", target)
    }

    /// How long a file is, in bytes; `nil` when it can't be seen.
    package static func size(of path: String) -> Int? {
        var status = stat()
        guard unsafe stat(path, &status) == 0 else { return nil }
        return Int(status.st_size)
    }
}
