import COpenSSL

/// The algorithms in use, each fetched once for the life of the process.
///
/// OpenSSL 3 otherwise searches its providers on every use of a legacy getter such as `EVP_sha256`.
/// Source: <https://docs.openssl.org/3.0/man7/crypto/#performance>
@safe
// Set once in init, never freed, and read-only to OpenSSL from then on, so any thread may use them.
struct Algorithms: @unchecked Sendable {
    static let shared = Algorithms()

    let sha256: OpaquePointer
    let aes256GCM: OpaquePointer

    private init() {
        // Error texts cost some 100 KB and nothing here prints them; CryptoError names the call.
        _ = OPENSSL_init_crypto(UInt64(OPENSSL_INIT_NO_LOAD_CRYPTO_STRINGS), nil)
        guard let sha256 = unsafe EVP_MD_fetch(nil, "SHA256", nil),
            let aes256GCM = unsafe EVP_CIPHER_fetch(nil, "AES-256-GCM", nil)
        else { preconditionFailure("OpenSSL has no provider for SHA-256 or AES-256-GCM") }
        unsafe self.sha256 = sha256
        unsafe self.aes256GCM = aes256GCM
    }
}
