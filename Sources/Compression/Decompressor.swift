import CZstd

/// Gives back what a `Compressor` took in.
package enum Decompressor {
    /// The bytes that `compressed`, a Zstandard frame, stands for.
    ///
    /// Takes no more memory than `count` bytes and some 100 KB, whatever `compressed` claims to be.
    /// - Parameters:
    ///   - compressed: A whole frame (RFC 8878).
    ///   - count: How many bytes it stands for.
    /// - Returns: Those bytes.
    /// - Throws: When it isn't one, or stands for more or fewer bytes.
    package static func decompress(
        _ compressed: [UInt8], count: Int
    ) throws(CompressionError) -> [UInt8] {
        guard count > 0, !compressed.isEmpty else { throw CompressionError() }
        var isWhole = false
        let result = unsafe [UInt8](unsafeUninitializedCapacity: count) { buffer, filled in
            let written = unsafe compressed.withUnsafeBytes { input in
                unsafe ZSTD_decompress(
                    buffer.baseAddress, count, input.baseAddress, input.count)
            }
            isWhole = ZSTD_isError(written) == 0 && written == count
            filled = isWhole ? count : 0
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
