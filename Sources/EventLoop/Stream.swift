import CUV

/// A connected byte stream: TCP or Unix socket.
///
/// Kept alive by its owner and closed at the latest with it; what is queued then is dropped. Costs
/// no buffer while idle: all streams of the loop read into one buffer, which is lent to the
/// delegate for the length of `streamRead`.
///
/// The queue of unsent bytes is bounded by the owner, who looks at `writeQueueBytes` before it
/// writes and closes a peer that never reads.
@LoopActor @safe
package final class Stream {
    /// Who is told of bytes, end and failure; set before `startReading`.
    package weak var delegate: (any StreamDelegate)?
    /// The other end: `127.0.0.1:52114`, `[::1]:5`, or `unix`.
    package let peer: String

    // Nil once closed: libuv frees the memory behind it when it likes.
    private var raw: UnsafeMutablePointer<uv_stream_t>?
    private var hasFailed = false
    private var isWriteShut = false

    /// Takes over an initialised handle that is connected, and its memory.
    init(adopting raw: UnsafeMutablePointer<uv_stream_t>, peer: String) {
        unsafe self.raw = raw
        self.peer = peer
        unsafe raw.pointee.data = Unmanaged.passUnretained(self).toOpaque()
    }

    /// Whether `close()` was called.
    package var isClosing: Bool { unsafe raw == nil }

    /// Bytes that were written but that the kernel has not taken yet.
    package var writeQueueBytes: Int {
        guard let raw = unsafe raw else { return 0 }
        return unsafe uv_stream_get_write_queue_size(raw)
    }

    /// Starts handing bytes to the delegate; does nothing if it reads already.
    ///
    /// - Throws: `EBADF` when closed.
    package func startReading() throws(UVError) {
        let raw = unsafe try opened("uv_read_start")
        let status = unsafe uv_read_start(raw, bufferWanted, bytesRead)
        // Reading already is what was asked for (UV_EALREADY since libuv 1.38).
        guard status != UV_EALREADY.rawValue else { return }
        try UVError.check(status, "uv_read_start")
    }

    /// Stops handing bytes over; the kernel's buffer fills up and the peer has to wait.
    package func stopReading() {
        guard let raw = unsafe raw else { return }
        _ = unsafe uv_read_stop(raw)  // Can't fail (libuv docs/src/stream.rst).
    }

    /// Sends `bytes` at once as far as the kernel takes them; copies and queues the rest.
    ///
    /// - Throws: What the kernel said, such as `EPIPE` or `ECONNRESET`; `EBADF` when closed.
    package func write(_ bytes: RawSpan) throws(UVError) {
        try write(bytes, RawSpan())
    }

    /// Sends `bytes` at once as far as the kernel takes them; copies and queues the rest.
    ///
    /// - Throws: What the kernel said, such as `EPIPE` or `ECONNRESET`; `EBADF` when closed.
    package func write(_ bytes: borrowing Span<UInt8>) throws(UVError) {
        unsafe try write(bytes.bytes, RawSpan())
    }

    /// Sends a head and a body in one system call, as far as the kernel takes them; copies and
    /// queues the rest.
    ///
    /// - Throws: What the kernel said, such as `EPIPE` or `ECONNRESET`; `EBADF` when closed.
    package func write(
        _ head: borrowing Span<UInt8>, _ body: borrowing Span<UInt8>
    ) throws(UVError) {
        unsafe try write(head.bytes, body.bytes)
    }

    private func write(_ head: RawSpan, _ body: RawSpan) throws(UVError) {
        let raw = unsafe try opened("uv_write")
        let total = head.byteCount + body.byteCount
        guard total > 0 else { return }
        let sent = unsafe tryWrite(head, body, to: raw)
        let sentCount: Int
        switch sent {
        case UV_EAGAIN.rawValue: sentCount = 0
        case 0...: sentCount = Int(sent)
        default: throw UVError(status: sent, operation: "uv_try_write")
        }
        guard sentCount < total else { return }
        unsafe try OutboundBytes(head, body, skipping: sentCount).submit(to: raw)
    }

    /// Sends a FIN once everything queued is written; reading goes on.
    ///
    /// Writing afterwards throws.
    package func shutdownWrite() {
        guard let raw = unsafe raw, !isWriteShut else { return }
        isWriteShut = true
        let request = UnsafeMutablePointer<uv_shutdown_t>.allocate(capacity: 1)
        let status = unsafe uv_shutdown(request, raw, shutdownFinished)
        // Not connected any more: there is no one to send it to, and reading says the same.
        if status < 0 { unsafe request.deallocate() }
    }

    /// Closes for good; drops what is queued.
    ///
    /// The delegate hears nothing more.
    package func close() {
        guard let raw = unsafe releaseHandle() else { return }
        unsafe HandleMemory.close(raw)
    }

    /// Closes for good with a TCP reset, so that the peer sees `ECONNRESET`; plain close elsewhere.
    package func closeWithReset() {
        guard let raw = unsafe releaseHandle() else { return }
        guard unsafe raw.pointee.type == UV_TCP else { return unsafe HandleMemory.close(raw) }
        let tcp = unsafe UnsafeMutableRawPointer(raw).assumingMemoryBound(to: uv_tcp_t.self)
        let status = unsafe uv_tcp_close_reset(tcp) { unsafe $0?.deallocate() }
        // Refused while a FIN is on its way (libuv docs/src/tcp.rst).
        if status < 0 { unsafe HandleMemory.close(raw) }
    }

    isolated deinit { close() }

    private func releaseHandle() -> UnsafeMutablePointer<uv_stream_t>? {
        guard let raw = unsafe raw else { return nil }
        unsafe self.raw = nil
        unsafe raw.pointee.data = nil
        return unsafe raw
    }

    private func opened(
        _ operation: String
    ) throws(UVError) -> UnsafeMutablePointer<uv_stream_t> {
        guard let raw = unsafe raw else { throw UVError(UV_EBADF, operation) }
        return unsafe raw
    }

    /// Bytes that the kernel took, or a negative status.
    private func tryWrite(
        _ head: RawSpan, _ body: RawSpan, to raw: UnsafeMutablePointer<uv_stream_t>
    ) -> CInt {
        unsafe head.withUnsafeBytes { head in
            unsafe body.withUnsafeBytes { body in
                var buffers = unsafe (uv_buf_t(reading: head), uv_buf_t(reading: body))
                return unsafe withUnsafeMutablePointer(to: &buffers) { buffers in
                    let first = unsafe UnsafeMutableRawPointer(buffers)
                        .assumingMemoryBound(to: uv_buf_t.self)
                    return unsafe uv_try_write(raw, first, body.isEmpty ? 1 : 2)
                }
            }
        }
    }

    fileprivate func read(_ count: Int) {
        switch count {
        case 1...:
            let bytes = unsafe UnsafeRawBufferPointer(LoopActor.executor.readBuffer)
            unsafe delegate?.streamRead(bytes.bytes.extracting(0..<count))
        case 0:
            return  // Nothing to read after all (libuv docs/src/stream.rst, uv_read_cb).
        case Int(UV_EOF.rawValue):
            delegate?.streamReadEnded()
        default:
            stopReading()
            fail(CInt(count), "uv_read_start")
        }
    }

    func writeFinished(_ status: CInt) {
        guard status >= 0 else { return fail(status, "uv_write") }
        if writeQueueBytes == 0 { delegate?.streamDrained() }
    }

    fileprivate func fail(_ status: CInt, _ operation: String) {
        guard !hasFailed else { return }
        hasFailed = true
        delegate?.streamFailed(UVError(status: status, operation: operation))
    }
}

extension uv_buf_t {
    /// For calls that only read what the buffer points at.
    fileprivate init(reading bytes: UnsafeRawBufferPointer) {
        let base = unsafe bytes.baseAddress?.assumingMemoryBound(to: CChar.self)
        unsafe self.init(base: UnsafeMutablePointer(mutating: base), len: bytes.count)
    }
}

private func bufferWanted(
    _: UnsafeMutablePointer<uv_handle_t>?, _: Int, _ buffer: UnsafeMutablePointer<uv_buf_t>?
) {
    let bytes = unsafe LoopActor.executor.readBuffer
    unsafe buffer?.pointee.base = bytes.baseAddress?.assumingMemoryBound(to: CChar.self)
    unsafe buffer?.pointee.len = bytes.count
}

private func bytesRead(
    _ raw: UnsafeMutablePointer<uv_stream_t>?, _ count: Int, _: UnsafePointer<uv_buf_t>?
) {
    guard let context = unsafe raw?.pointee.data else { return }
    let stream = unsafe Unmanaged<Stream>.fromOpaque(context).takeUnretainedValue()
    LoopActor.assumeIsolated { stream.read(count) }
}

private func shutdownFinished(_ request: UnsafeMutablePointer<uv_shutdown_t>?, _ status: CInt) {
    guard let request = unsafe request else { return }
    let context = unsafe request.pointee.handle.pointee.data
    unsafe request.deallocate()
    guard status < 0, let context = unsafe context else { return }
    let stream = unsafe Unmanaged<Stream>.fromOpaque(context).takeUnretainedValue()
    LoopActor.assumeIsolated { stream.fail(status, "uv_shutdown") }
}
