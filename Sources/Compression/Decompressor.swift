import CZlib

/// Gives back what a `Compressor` took in.
package enum Decompressor {
    /// The bytes that `compressed`, in the zlib format, stands for.
    ///
    /// Takes no more memory than `count` bytes, whatever `compressed` claims to be.
    /// - Parameters:
    ///   - compressed: A whole zlib stream (RFC 1950).
    ///   - count: How many bytes it stands for.
    /// - Returns: Those bytes.
    /// - Throws: When it isn't one, or stands for more or fewer bytes.
    package static func decompress(
        _ compressed: [UInt8], count: Int
    ) throws(CompressionError) -> [UInt8] {
        guard count > 0, count <= Int(Int32.max), compressed.count <= Int(Int32.max) else {
            throw CompressionError()
        }
        var stream = unsafe z_stream()
        precondition(
            unsafe czlib_inflate_init(&stream) == Z_OK, "inflateInit failed: out of memory")
        defer { unsafe inflateEnd(&stream) }
        var isWhole = false
        let result = unsafe [UInt8](unsafeUninitializedCapacity: count) { buffer, filled in
            unsafe compressed.withUnsafeBufferPointer { input in
                unsafe stream.next_in = UnsafeMutablePointer(mutating: input.baseAddress)
                unsafe stream.avail_in = UInt32(input.count)
                unsafe stream.next_out = buffer.baseAddress
                unsafe stream.avail_out = UInt32(count)
                let status = unsafe inflate(&stream, Z_FINISH)
                isWhole = unsafe status == Z_STREAM_END && Int(stream.total_out) == count
            }
            filled = unsafe Int(stream.total_out)
        }
        guard isWhole else { throw CompressionError() }
        return result
    }
}

/// Bytes that are not the compressed form of what they should be: damage on the disk.
package struct CompressionError: Error, Sendable, Equatable, CustomStringConvertible {
    /// What is wrong, for logs.
    package var description: String { "the compressed bytes are damaged" }
}
