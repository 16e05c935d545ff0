import CUV
import Glibc

/// A file descriptor with one owner, closed with it.
struct Descriptor: ~Copyable {
    let number: Int32

    init(owning number: Int32) { self.number = number }

    deinit {
        // Nothing was written, so that close has nothing to say but EINTR, which closes too.
        _ = close(number)
    }

    /// Gives the number away; it is the caller's to close.
    consuming func release() -> Int32 {
        let number = number
        discard self
        return number
    }

    /// A descriptor that serves only to be closed when there are no others left; nil if even that
    /// one can't be had.
    static func spare() -> Descriptor? {
        let number = unsafe open("/dev/null", O_RDONLY | O_CLOEXEC)
        return number >= 0 ? Descriptor(owning: number) : nil
    }

    /// - Throws: `EINVAL` when the descriptor is a socket that does not listen, `ENOTSOCK` when it
    ///   is no socket.
    static func checkListening(_ number: Int32) throws(UVError) {
        var isListening: Int32 = 0
        var size = socklen_t(MemoryLayout<Int32>.size)
        let status = unsafe getsockopt(number, SOL_SOCKET, SO_ACCEPTCONN, &isListening, &size)
        try UVError.check(status == 0 ? 0 : -errno, "getsockopt")
        guard isListening != 0 else { throw UVError(UV_EINVAL, "getsockopt") }
    }

    /// The next connection that waits on a listening socket.
    ///
    /// - Throws: What accept4 said; `EAGAIN` when none waits.
    static func accept(from listener: Int32) throws(UVError) -> Descriptor {
        let number = cuv_accept(listener)
        try UVError.check(number, "accept4")
        return Descriptor(owning: number)
    }
}
