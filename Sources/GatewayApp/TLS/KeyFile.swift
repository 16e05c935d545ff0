import EventLoop

/// Who else can read a file with a private key.
///
/// As ssh(1) does it: a key of this user's own that everybody can read is refused, as its owner can
/// mend that and should know of it. One of another user's is told of only: secrets that are mounted
/// into a container are root's, with a mode that root chose, and nobody else lives in there. That
/// the group can read it is common (`ssl-cert`), and nothing to tell.
enum KeyFile {
    /// Everybody can read or replace it.
    enum Exposure: Sendable, Equatable {
        /// And this user owns it.
        case own
        /// And another user owns it.
        case others
    }

    /// Looks at a file; nil as well when it is not there, which whoever reads it finds out.
    static func exposure(of path: String) -> Exposure? {
        guard let access = FileIO.ownership(of: path) else { return nil }
        return exposure(permissions: access.permissions, isOwn: access.isOwn)
    }

    static func exposure(permissions: UInt32, isOwn: Bool) -> Exposure? {
        guard permissions & 0o006 != 0 else { return nil }
        return isOwn ? .own : .others
    }
}
