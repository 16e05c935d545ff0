import COpenSSL

/// Keyed message authentication.
package enum HMAC {
    /// The HMAC-SHA-256 of `message` under `key`, 32 bytes.
    ///
    /// Traps when memory runs out, the one way in which it can fail.
    /// Source: RFC 2104; <https://docs.openssl.org/3.0/man3/HMAC/>
    package static func sha256(_ message: Span<UInt8>, key: Secret) -> [UInt8] {
        key.withBytes { key in
            unsafe [UInt8](unsafeUninitializedCapacity: Digest.sha256BytesCount) { buffer, count in
                var length: UInt32 = 0
                let result = unsafe key.withUnsafeBufferPointer { key in
                    unsafe message.withUnsafeBufferPointer { message in
                        unsafe COpenSSL.HMAC(
                            Algorithms.shared.sha256, key.baseAddress, CInt(key.count),
                            message.baseAddress, message.count, buffer.baseAddress, &length)
                    }
                }
                precondition(unsafe result != nil, "HMAC failed: out of memory")
                count = Int(length)
            }
        }
    }

    /// The HMAC-SHA-256 of `message` under `key`, 32 bytes.
    package static func sha256(_ message: [UInt8], key: Secret) -> [UInt8] {
        sha256(message.span, key: key)
    }

    /// Whether `code` is the HMAC-SHA-256 of `message` under `key`, compared in constant time.
    package static func isValidSHA256(_ code: [UInt8], of message: [UInt8], key: Secret) -> Bool {
        constantTimeEquals(code, sha256(message, key: key))
    }
}
