import CUV

/// The beginning and the end of socket handles, and the end of every handle.
enum HandleMemory {
    /// Closes `handle`, whose memory came from `allocate`, and frees it in the close callback.
    ///
    /// The caller has cleared `data` and never touches the pointer again.
    /// Source: <https://docs.libuv.org/en/v1.x/handle.html#c.uv_close>
    @LoopActor
    static func close<Handle>(_ handle: UnsafeMutablePointer<Handle>) {
        let base = unsafe UnsafeMutableRawPointer(handle).assumingMemoryBound(to: uv_handle_t.self)
        unsafe uv_close(base, handleClosed)
    }

    /// A TCP handle without a socket; ends in `close`.
    @LoopActor
    static func openTCP() throws(UVError) -> UnsafeMutablePointer<uv_tcp_t> {
        let raw = UnsafeMutablePointer<uv_tcp_t>.allocate(capacity: 1)
        let status = unsafe uv_tcp_init(LoopActor.executor.loop, raw)
        guard status >= 0 else {
            // libuv never saw the handle, so it is freed rather than closed.
            unsafe raw.deallocate()
            throw UVError(status: status, operation: "uv_tcp_init")
        }
        unsafe raw.pointee.data = nil
        return unsafe raw
    }

    /// A Unix socket handle without a socket; ends in `close`.
    @LoopActor
    static func openPipe() throws(UVError) -> UnsafeMutablePointer<uv_pipe_t> {
        let raw = UnsafeMutablePointer<uv_pipe_t>.allocate(capacity: 1)
        let status = unsafe uv_pipe_init(LoopActor.executor.loop, raw, 0)
        guard status >= 0 else {
            // libuv never saw the handle, so it is freed rather than closed.
            unsafe raw.deallocate()
            throw UVError(status: status, operation: "uv_pipe_init")
        }
        unsafe raw.pointee.data = nil
        return unsafe raw
    }

    /// Both kinds of socket handle begin with the fields of a stream (libuv docs/src/stream.rst).
    static func asStream<Handle>(
        _ handle: UnsafeMutablePointer<Handle>
    ) -> UnsafeMutablePointer<uv_stream_t> {
        unsafe UnsafeMutableRawPointer(handle).assumingMemoryBound(to: uv_stream_t.self)
    }
}

private func handleClosed(_ handle: UnsafeMutablePointer<uv_handle_t>?) {
    unsafe handle?.deallocate()
}
