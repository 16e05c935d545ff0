import CUV
import Glibc

extension Listener {
    /// Binds a numeric IPv4 or IPv6 address; `::` takes IPv4 as well.
    ///
    /// `SO_REUSEADDR` is set, so that a restart isn't kept out by old connections.
    /// - Throws: `EINVAL` when `host` is no numeric address, `EADDRINUSE`, `EACCES`,
    ///   `EADDRNOTAVAIL`.
    package static func tcp(
        host: String, port: UInt16, backlog: Int
    ) throws(UVError) -> Listener {
        let address = try SocketAddress(host: host, port: port)
        let raw = unsafe try HandleMemory.openTCP()
        do throws(UVError) {
            // Without UV_TCP_IPV6ONLY libuv switches IPV6_V6ONLY off (libuv src/unix/tcp.c).
            let status = unsafe address.withPointer { unsafe uv_tcp_bind(raw, $0, 0) }
            try UVError.check(status, "uv_tcp_bind")
            return try unsafe adopt(tcp: raw, backlog: backlog)
        } catch {
            unsafe HandleMemory.close(raw)
            throw error
        }
    }

    /// Binds a Unix socket; removes a socket file on which nobody answers any more.
    ///
    /// - Throws: `EADDRINUSE` when somebody answers there or the file is no socket,
    ///   `ENAMETOOLONG` over `LoopLimits.unixPathBytesMax`, `EACCES` when the directory is missing
    ///   or closed to us.
    package static func unix(path: String, backlog: Int) throws(UVError) -> Listener {
        try checkLength(path)
        if UnixSocketFile.isStale(path) { try UnixSocketFile.remove(path) }
        let raw = unsafe try HandleMemory.openPipe()
        do throws(UVError) {
            try UVError.check(unsafe uv_pipe_bind(raw, path), "uv_pipe_bind")
            return try unsafe adopt(
                HandleMemory.asStream(raw), at: .unix(path: path), backlog: backlog)
        } catch {
            unsafe HandleMemory.close(raw)
            throw error
        }
    }

    /// Takes over a socket that listens already, as systemd hands it down; owns it from here on.
    ///
    /// Source: sd_listen_fds(3): descriptors from 3 on, `LISTEN_FDS` of them.
    /// - Throws: `ENOTSOCK` when the descriptor is no TCP or Unix stream socket, `EBADF` when it
    ///   is not open, `EINVAL` when it does not listen.
    package static func inherited(descriptor: Int32) throws(UVError) -> Listener {
        try Descriptor.checkListening(descriptor)
        switch uv_guess_handle(descriptor) {
        case UV_TCP:
            let raw = unsafe try HandleMemory.openTCP()
            do throws(UVError) {
                try UVError.check(unsafe uv_tcp_open(raw, descriptor), "uv_tcp_open")
                return try unsafe adopt(tcp: raw, backlog: Int(SOMAXCONN))
            } catch {
                unsafe HandleMemory.close(raw)
                throw error
            }
        case UV_NAMED_PIPE:
            let raw = unsafe try HandleMemory.openPipe()
            do throws(UVError) {
                try UVError.check(unsafe uv_pipe_open(raw, descriptor), "uv_pipe_open")
                let path = unsafe UnixSocketFile.path(of: raw)
                return try unsafe adopt(
                    HandleMemory.asStream(raw), at: .unix(path: path), backlog: Int(SOMAXCONN))
            } catch {
                unsafe HandleMemory.close(raw)
                throw error
            }
        default:
            throw UVError(UV_ENOTSOCK, "uv_guess_handle")
        }
    }

    private static func adopt(
        tcp raw: UnsafeMutablePointer<uv_tcp_t>, backlog: Int
    ) throws(UVError) -> Listener {
        let address = try unsafe SocketAddress("uv_tcp_getsockname") {
            unsafe uv_tcp_getsockname(raw, $0, $1)
        }
        guard let (host, port) = address.hostAndPort else {
            throw UVError(UV_EAFNOSUPPORT, "uv_tcp_getsockname")
        }
        // Those accepted inherit it.
        var bytes = LoopLimits.sendBufferBytes
        let base = unsafe UnsafeMutableRawPointer(raw).assumingMemoryBound(to: uv_handle_t.self)
        try UVError.check(unsafe uv_send_buffer_size(base, &bytes), "uv_send_buffer_size")
        return try unsafe adopt(
            HandleMemory.asStream(raw), at: .tcp(host: host, port: port), backlog: backlog)
    }

    private static func adopt(
        _ raw: UnsafeMutablePointer<uv_stream_t>, at address: ListenAddress, backlog: Int
    ) throws(UVError) -> Listener {
        var descriptor: Int32 = -1
        let base = unsafe UnsafeMutableRawPointer(raw).assumingMemoryBound(to: uv_handle_t.self)
        try UVError.check(unsafe uv_fileno(base, &descriptor), "uv_fileno")
        return unsafe Listener(
            adopting: raw, descriptor: descriptor, at: address, backlog: backlog)
    }

    private static func checkLength(_ path: String) throws(UVError) {
        // libuv would cut it in silence (libuv docs/src/pipe.rst, uv_pipe_bind).
        guard path.utf8.count <= LoopLimits.unixPathBytesMax else {
            throw UVError(UV_ENAMETOOLONG, "uv_pipe_bind")
        }
    }
}
