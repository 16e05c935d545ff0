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

    /// The first 128 bits of the SHA-256 digest of `message`.
    ///
    /// Enough to tell bodies apart, also those picked to collide, which takes some 2^64 tries.
    package static func fingerprint(_ message: Span<UInt8>) -> Fingerprint {
        let digest = sha256(message)
        var words: (UInt64, UInt64) = (0, 0)
        for index in 0..<8 {
            words.0 = words.0 << 8 | UInt64(digest[index])
            words.1 = words.1 << 8 | UInt64(digest[index + 8])
        }
        return Fingerprint(high: words.0, low: words.1)
    }

    /// The first 128 bits of the SHA-256 digest of `message`.
    package static func fingerprint(_ message: [UInt8]) -> Fingerprint {
        fingerprint(message.span)
    }
}

/// 128 bits that stand for a longer message.
package struct Fingerprint: Hashable, Sendable {
    /// The first eight bytes, big-endian.
    package let high: UInt64
    /// The last eight bytes, big-endian.
    package let low: UInt64

    /// A fingerprint from its two halves, as read back from a store.
    package init(high: UInt64, low: UInt64) {
        self.high = high
        self.low = low
    }

    /// The 16 bytes in order, big-endian.
    package var bytes: [UInt8] {
        [high, low].flatMap { word in
            stride(from: 56, through: 0, by: -8).map { UInt8(truncatingIfNeeded: word >> $0) }
        }
    }
}
