import COpenSSL

/// Random bytes fit for keys, secrets and nonces.
package enum SecureRandom {
    /// `count` random bytes.
    ///
    /// - Throws: `CryptoError.noEntropy` when the operating system gives none.
    /// Source: <https://docs.openssl.org/3.0/man3/RAND_bytes/>
    package static func bytes(_ count: Int) throws(CryptoError) -> [UInt8] {
        precondition(count >= 0, "a negative number of random bytes")
        var isFilled = true
        let bytes = unsafe [UInt8](unsafeUninitializedCapacity: count) { buffer, filled in
            isFilled = unsafe count == 0 || RAND_bytes(buffer.baseAddress, CInt(count)) == 1
            filled = isFilled ? count : 0
        }
        guard isFilled else { throw .noEntropy }
        return bytes
    }

    /// A secret of `count` random bytes.
    ///
    /// - Throws: `CryptoError.noEntropy` when the operating system gives none.
    package static func secret(_ count: Int) throws(CryptoError) -> Secret {
        var bytes = try bytes(count)
        return Secret(wiping: &bytes)
    }

    /// A random 64-bit number.
    ///
    /// - Throws: `CryptoError.noEntropy` when the operating system gives none.
    package static func uint64() throws(CryptoError) -> UInt64 {
        try bytes(8).reduce(0) { $0 << 8 | UInt64($1) }
    }
}
