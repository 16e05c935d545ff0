import COpenSSL

/// Takes certificates and keys out of PEM text.
///
/// Source: RFC 7468.
enum PEMReader {
    /// Hands each certificate in `text` to `body`, in order; it is freed afterwards.
    static func eachCertificate(
        _ text: [UInt8], _ body: (OpaquePointer) throws(TLSError) -> Void
    ) throws(TLSError) {
        let bio = unsafe try open(text.span)
        defer { unsafe BIO_free(bio) }
        // Ends with "no start line", which is left in the error queue.
        while let certificate = unsafe PEM_read_bio_X509(bio, nil, nil, nil) {
            defer { unsafe X509_free(certificate) }
            unsafe try body(certificate)
        }
        let isEnd = ERR_peek_last_error() & 0x7F_FFFF == UInt(PEM_R_NO_START_LINE)
        ERR_clear_error()
        guard isEnd else { throw .refused }
    }

    /// The private key in `text`, which is the caller's to free; nil when there is none.
    ///
    /// - Throws: `encryptedKey`.
    static func key(_ text: Secret) throws(TLSError) -> OpaquePointer? {
        unsafe try text.withBytes { (bytes) throws(TLSError) -> OpaquePointer? in
            let bio = unsafe try open(bytes)
            defer { unsafe BIO_free(bio) }
            var isEncrypted: CInt = 0
            let key = unsafe copenssl_read_key(bio, &isEncrypted)
            ERR_clear_error()
            if isEncrypted != 0 { throw .encryptedKey }
            return unsafe key
        }
    }

    /// A copy of the bytes, which OpenSSL wipes and frees with the BIO.
    private static func open(_ bytes: Span<UInt8>) throws(TLSError) -> OpaquePointer {
        guard let bio = unsafe BIO_new(BIO_s_secmem()) else {
            throw .library(operation: "BIO_new")
        }
        let written = unsafe bytes.withUnsafeBufferPointer {
            unsafe $0.isEmpty ? 0 : BIO_write(bio, $0.baseAddress, CInt(clamping: $0.count))
        }
        guard Int(written) == bytes.count else {
            unsafe BIO_free(bio)
            throw .library(operation: "BIO_write")
        }
        return unsafe bio
    }
}
