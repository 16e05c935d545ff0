import CZlib

/// Compresses byte strings, one after the other, with zlib.
///
/// Keeps zlib's memory between them, some 80 KB, since setting it up costs more than to compress a
/// webhook. For one thread at a time. Source: <https://zlib.net/manual.html>
@safe
package final class Compressor {
    private let stream: UnsafeMutablePointer<z_stream>

    /// Level 1: a journal is written on the way of every webhook and hardly ever read.
    private static let level: CInt = 1
    /// A window of 16 KiB, in which a payload's repetitions lie.
    private static let windowBits: CInt = 14
    /// 4,096 hash chains: what is cleared before each string stays small.
    private static let memoryLevel: CInt = 5

    /// Sets zlib up; traps when memory runs out.
    package init() {
        unsafe stream = .allocate(capacity: 1)
        let status = unsafe czlib_deflate_init(
            stream, Self.level, Self.windowBits, Self.memoryLevel)
        precondition(status == Z_OK, "deflateInit2 failed: out of memory")
    }

    /// What `bytes` are in the zlib format (RFC 1950); `nil` when that would be no shorter.
    package func compress(_ bytes: [UInt8]) -> [UInt8]? {
        // zlib counts with 32 bits.
        guard bytes.count > 1, bytes.count <= Int(Int32.max) else { return nil }
        _ = unsafe deflateReset(stream)  // Can't fail on a stream that was set up.
        var isShorter = false
        let result = unsafe [UInt8](unsafeUninitializedCapacity: bytes.count - 1) { buffer, count in
            unsafe bytes.withUnsafeBufferPointer { input in
                // zlib doesn't write through it; its interface is older than const.
                unsafe stream.pointee.next_in = UnsafeMutablePointer(mutating: input.baseAddress)
                unsafe stream.pointee.avail_in = UInt32(input.count)
                unsafe stream.pointee.next_out = buffer.baseAddress
                unsafe stream.pointee.avail_out = UInt32(buffer.count)
                isShorter = unsafe deflate(stream, Z_FINISH) == Z_STREAM_END
                unsafe stream.pointee.next_in = nil
                unsafe stream.pointee.next_out = nil
            }
            count = unsafe isShorter ? Int(stream.pointee.total_out) : 0
        }
        return isShorter ? result : nil
    }

    deinit {
        unsafe deflateEnd(stream)
        unsafe stream.deallocate()
    }
}
