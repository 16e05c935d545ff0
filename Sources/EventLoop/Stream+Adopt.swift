import CUV

extension Stream {
    /// Makes a stream of an accepted connection, and takes over the descriptor.
    static func adopt(_ descriptor: consuming Descriptor) throws(UVError) -> Stream {
        switch uv_guess_handle(descriptor.number) {
        case UV_NAMED_PIPE: try adoptUnix(descriptor)
        default: try adoptTCP(descriptor)
        }
    }

    private static func adoptTCP(_ descriptor: consuming Descriptor) throws(UVError) -> Stream {
        let raw = unsafe try HandleMemory.openTCP()
        let status = unsafe uv_tcp_open(raw, descriptor.number)
        guard status >= 0 else {
            unsafe HandleMemory.close(raw)
            throw UVError(status: status, operation: "uv_tcp_open")
        }
        _ = descriptor.release()
        return unsafe Stream(connectedTCP: raw)
    }

    private static func adoptUnix(_ descriptor: consuming Descriptor) throws(UVError) -> Stream {
        let raw = unsafe try HandleMemory.openPipe()
        let status = unsafe uv_pipe_open(raw, descriptor.number)
        guard status >= 0 else {
            unsafe HandleMemory.close(raw)
            throw UVError(status: status, operation: "uv_pipe_open")
        }
        _ = descriptor.release()
        return unsafe Stream(adopting: HandleMemory.asStream(raw), peer: "unix")
    }

    /// Takes over a handle that is connected, and its memory.
    convenience init(connectedTCP raw: UnsafeMutablePointer<uv_tcp_t>) {
        // An answer is written whole, so that waiting for more to send only delays it. Fails on a
        // connection that is gone, which the first read tells.
        _ = unsafe uv_tcp_nodelay(raw, 1)
        var peer = "unknown"  // Of a connection that was reset before it was accepted.
        do throws(UVError) {
            let address = try unsafe SocketAddress("uv_tcp_getpeername") {
                unsafe uv_tcp_getpeername(raw, $0, $1)
            }
            if let (host, port) = address.hostAndPort {
                peer = ListenAddress.tcp(host: host, port: port).description
            }
        } catch {
            // The first read says what became of the connection.
        }
        unsafe self.init(adopting: HandleMemory.asStream(raw), peer: peer)
    }
}
