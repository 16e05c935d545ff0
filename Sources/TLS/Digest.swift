import COpenSSL

/// Message digests.
package enum Digest {
    /// The length of a SHA-256 digest in bytes.
    package static let sha256BytesCount = 32

    /// The SHA-256 digest of `message`, 32 bytes.
    ///
    /// Traps when memory runs out, the one way in which a digest can fail.
    /// Source: FIPS 180-4.
    package static func sha256(_ message: Span<UInt8>) -> [UInt8] {
        unsafe [UInt8](unsafeUninitializedCapacity: sha256BytesCount) { buffer, count in
            var length: UInt32 = 0
            let status = unsafe message.withUnsafeBufferPointer { message in
                unsafe EVP_Digest(
                    message.baseAddress, message.count, buffer.baseAddress, &length,
                    Algorithms.shared.sha256, nil)
            }
            precondition(status == 1, "EVP_Digest failed: out of memory")
            count = Int(length)
        }
    }

    /// The SHA-256 digest of `message`, 32 bytes.
    package static func sha256(_ message: [UInt8]) -> [UInt8] {
        sha256(message.span)
    }

    /// The SHA-256 digest of the UTF-8 bytes of `text`, 32 bytes.
    package static func sha256(_ text: String) -> [UInt8] {
        sha256(text.utf8Span.span)
    }

    /// The SHA-256 digest of `secret`, 32 bytes: what is stored of a secret of high entropy.
    package static func sha256(_ secret: Secret) -> [UInt8] {
        secret.withBytes { sha256($0) }
    }

    /// The first 128 bits of the SHA-256 digest of `message`, as two big-endian halves.
    ///
    /// Enough to tell bodies apart, also those picked to collide, which takes some 2^64 tries.
    package static func fingerprint(_ message: Span<UInt8>) -> (high: UInt64, low: UInt64) {
        let digest = sha256(message)
        var halves: (high: UInt64, low: UInt64) = (0, 0)
        for index in 0..<8 {
            halves.high = halves.high << 8 | UInt64(digest[index])
            halves.low = halves.low << 8 | UInt64(digest[index + 8])
        }
        return halves
    }

    /// The first 128 bits of the SHA-256 digest of `message`, as two big-endian halves.
    package static func fingerprint(_ message: [UInt8]) -> (high: UInt64, low: UInt64) {
        fingerprint(message.span)
    }
}
