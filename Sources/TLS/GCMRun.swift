import COpenSSL

/// One message on its way through AES-256-GCM; the context is freed when the owner lets go.
///
/// Source: <https://docs.openssl.org/3.0/man3/EVP_EncryptInit/#gcm-and-ocb-modes>
@safe
struct GCMRun: ~Copyable {
    private let context: OpaquePointer

    init() throws(CryptoError) {
        guard let context = unsafe EVP_CIPHER_CTX_new() else {
            throw .library(operation: "EVP_CIPHER_CTX_new")
        }
        unsafe self.context = context
    }

    deinit { unsafe EVP_CIPHER_CTX_free(context) }

    borrowing func start(
        isSealing: Bool, key: Secret, nonce: ArraySlice<UInt8>
    ) throws(CryptoError) {
        precondition(nonce.count == AEAD.nonceBytesCount, "a nonce of another length")
        let status = key.withBytes { key in
            unsafe key.withUnsafeBufferPointer { key in
                unsafe nonce.withUnsafeBufferPointer { nonce in
                    unsafe EVP_CipherInit_ex2(
                        context, Algorithms.shared.aes256GCM, key.baseAddress,
                        nonce.baseAddress, isSealing ? 1 : 0, nil)
                }
            }
        }
        guard status == 1 else { throw failure("EVP_CipherInit_ex2") }
    }

    borrowing func authenticate(_ associatedData: ArraySlice<UInt8>) throws(CryptoError) {
        guard !associatedData.isEmpty else { return }
        var length: CInt = 0
        let status = unsafe associatedData.withUnsafeBufferPointer { bytes in
            unsafe EVP_CipherUpdate(context, nil, &length, bytes.baseAddress, CInt(bytes.count))
        }
        guard status == 1 else { throw failure("EVP_CipherUpdate") }
    }

    borrowing func update(_ bytes: ArraySlice<UInt8>) throws(CryptoError) -> [UInt8] {
        try update(bytes.span)
    }

    borrowing func update(_ bytes: Span<UInt8>) throws(CryptoError) -> [UInt8] {
        // Without a call for no bytes: a null input means something else to OpenSSL.
        guard bytes.count > 0 else { return [] }
        var status: CInt = 0
        let output = unsafe [UInt8](unsafeUninitializedCapacity: bytes.count) { buffer, count in
            var length: CInt = 0
            status = unsafe bytes.withUnsafeBufferPointer { bytes in
                unsafe EVP_CipherUpdate(
                    context, buffer.baseAddress, &length, bytes.baseAddress, CInt(bytes.count))
            }
            count = Int(length)
        }
        guard status == 1, output.count == bytes.count else {
            throw failure("EVP_CipherUpdate")
        }
        return output
    }

    /// Ends sealing: the tag over everything.
    borrowing func tag() throws(CryptoError) -> [UInt8] {
        guard finish() else { throw failure("EVP_CipherFinal_ex") }
        var status: CInt = 0
        let tag = unsafe [UInt8](unsafeUninitializedCapacity: AEAD.tagBytesCount) { buffer, count in
            status = unsafe EVP_CIPHER_CTX_ctrl(
                context, EVP_CTRL_AEAD_GET_TAG, CInt(AEAD.tagBytesCount), buffer.baseAddress)
            count = status == 1 ? AEAD.tagBytesCount : 0
        }
        guard status == 1 else { throw failure("EVP_CTRL_AEAD_GET_TAG") }
        return tag
    }

    /// Ends opening: throws `authenticationFailed` unless `tag` is the one over everything.
    borrowing func verify(tag: ArraySlice<UInt8>) throws(CryptoError) {
        var tag = Array(tag)
        let status = unsafe tag.withUnsafeMutableBufferPointer { bytes in
            unsafe EVP_CIPHER_CTX_ctrl(
                context, EVP_CTRL_AEAD_SET_TAG, CInt(bytes.count), bytes.baseAddress)
        }
        guard status == 1 else { throw failure("EVP_CTRL_AEAD_SET_TAG") }
        guard finish() else {
            ERR_clear_error()
            throw .authenticationFailed
        }
    }

    private borrowing func finish() -> Bool {
        // GCM holds no block back, so nothing is written; the room is for the interface's sake.
        unsafe withUnsafeTemporaryAllocation(of: UInt8.self, capacity: 16) { room in
            var length: CInt = 0
            return unsafe EVP_CipherFinal_ex(context, room.baseAddress, &length) == 1
        }
    }

    private borrowing func failure(_ operation: String) -> CryptoError {
        // The thread's error queue is shared with TLS, which reads what is left in it as its own.
        ERR_clear_error()
        return .library(operation: operation)
    }
}
