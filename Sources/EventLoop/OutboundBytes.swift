import CUV

/// Bytes on their way out, with the request that carries them: one block, one owner.
///
/// Not copyable, so no two owners can free it. `submit` hands it to libuv, which gives it back in
/// the write callback; there it is freed.
@safe
struct OutboundBytes: ~Copyable {
    // The bytes follow the request in the same block.
    private let request: UnsafeMutablePointer<uv_write_t>
    private let count: Int

    /// Copies what is left of both spans after their first `skipped` bytes.
    init(_ first: RawSpan, _ second: RawSpan, skipping skipped: Int) {
        let total = first.byteCount + second.byteCount
        precondition(skipped >= 0 && skipped < total, "nothing is left to send")
        count = total - skipped
        let block = unsafe UnsafeMutableRawPointer.allocate(
            byteCount: MemoryLayout<uv_write_t>.stride + count,
            alignment: MemoryLayout<uv_write_t>.alignment)
        unsafe request = block.bindMemory(to: uv_write_t.self, capacity: 1)
        let bytes = unsafe block + MemoryLayout<uv_write_t>.stride
        let firstCount = max(0, first.byteCount - skipped)
        unsafe first.withUnsafeBytes { source in
            guard firstCount > 0, let base = source.baseAddress else { return }
            unsafe bytes.copyMemory(from: base + skipped, byteCount: firstCount)
        }
        let secondSkipped = max(0, skipped - first.byteCount)
        unsafe second.withUnsafeBytes { source in
            guard let base = source.baseAddress, source.count > secondSkipped else { return }
            unsafe (bytes + firstCount).copyMemory(
                from: base + secondSkipped, byteCount: source.count - secondSkipped)
        }
    }

    deinit { unsafe request.deallocate() }

    /// Queues the bytes on `stream`; libuv owns them from here on if that worked.
    @LoopActor
    consuming func submit(to stream: UnsafeMutablePointer<uv_stream_t>) throws(UVError) {
        let bytes = unsafe UnsafeMutableRawPointer(request) + MemoryLayout<uv_write_t>.stride
        // libuv copies the array of buffers, not what they point at (libuv src/unix/stream.c).
        var buffer = unsafe uv_buf_t(
            base: bytes.assumingMemoryBound(to: CChar.self), len: count)
        let status = unsafe uv_write(request, stream, &buffer, 1, writeFinished)
        guard status >= 0 else {
            _ = consume self
            throw UVError(status: status, operation: "uv_write")
        }
        discard self
    }
}

private func writeFinished(_ request: UnsafeMutablePointer<uv_write_t>?, _ status: CInt) {
    guard let request = unsafe request else { return }
    let context = unsafe request.pointee.handle.pointee.data
    unsafe request.deallocate()
    guard let context = unsafe context else { return }  // The stream was closed meanwhile.
    let stream = unsafe Unmanaged<Stream>.fromOpaque(context).takeUnretainedValue()
    LoopActor.assumeIsolated { stream.writeFinished(status) }
}
