import CZstd

/// Compresses byte strings, one after the other, with Zstandard.
///
/// Keeps the library's memory between them, some 200 KB, since setting it up costs more than to
/// compress a webhook. For one thread at a time.
/// Source: <https://facebook.github.io/zstd/zstd_manual.html>
@safe
package final class Compressor {
    private let context: OpaquePointer

    /// What is weighed against the length of the result.
    package enum Effort: Sendable {
        /// Level 1: a journal is written on the way of every webhook and hardly ever read.
        case quick
        /// Level 6: what is compressed once and sent often, and yet somebody waits for. Level 19
        /// makes the web UI's files 2 % smaller in twenty times the time.
        case thorough

        fileprivate var level: CInt {
            switch self {
            case .quick: 1
            case .thorough: 6
            }
        }
    }

    /// A window of 64 KiB, which bounds the memory whatever the length of a string.
    private static let windowLog: CInt = 16

    /// Sets the library up; traps when memory runs out.
    package init(_ effort: Effort = .quick) {
        guard let context = unsafe ZSTD_createCCtx() else {
            preconditionFailure("ZSTD_createCCtx failed: out of memory")
        }
        unsafe self.context = context
        set(ZSTD_c_compressionLevel, to: effort.level)
        set(ZSTD_c_windowLog, to: Self.windowLog)
        set(ZSTD_c_checksumFlag, to: 1)
    }

    /// What `bytes` are as a Zstandard frame with checksum (RFC 8878); `nil` when that would be no
    /// shorter.
    package func compress(_ bytes: [UInt8]) -> [UInt8]? {
        guard bytes.count > 1 else { return nil }
        var isShorter = false
        let result = unsafe [UInt8](unsafeUninitializedCapacity: bytes.count - 1) { buffer, count in
            let written = unsafe bytes.withUnsafeBytes { input in
                unsafe ZSTD_compress2(
                    context, buffer.baseAddress, buffer.count, input.baseAddress, input.count)
            }
            // The only error with a context that was set up: there is no room for the frame.
            isShorter = ZSTD_isError(written) == 0
            count = isShorter ? written : 0
        }
        return isShorter ? result : nil
    }

    private func set(_ parameter: ZSTD_cParameter, to value: CInt) {
        let code = unsafe ZSTD_CCtx_setParameter(context, parameter, value)
        precondition(ZSTD_isError(code) == 0, "libzstd doesn't know a parameter of ours")
    }

    deinit {
        unsafe ZSTD_freeCCtx(context)
    }
}
