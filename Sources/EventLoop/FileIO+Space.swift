import Glibc

extension FileIO {
    /// Bytes that the process may still write where `path` lies; nil when nobody can say.
    ///
    /// Asks the kernel for what it knows of a mounted disk, without reading the disk; so this one
    /// may be called on a loop in service.
    /// Source: statvfs(3): `f_bavail` counts blocks of `f_frsize` bytes.
    package static func freeBytes(at path: String) -> Int? {
        var space = statvfs()
        guard unsafe statvfs(path, &space) == 0 else { return nil }
        let (bytes, hasOverflowed) = UInt64(space.f_bavail).multipliedReportingOverflow(
            by: UInt64(space.f_frsize))
        return hasOverflowed ? Int.max : Int(clamping: bytes)
    }
}
