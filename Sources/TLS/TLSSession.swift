import COpenSSL

/// One peer's TLS session over buffers in memory: no socket, no clock.
///
/// The owner feeds it what came in, takes out what is to be sent, and carries both. Nothing that a
/// peer sends can make it trap. Source: ssl(7), SSL_read(3), SSL_shutdown(3)
@safe
package struct TLSSession: ~Copyable {
    private let context: TLSContext?
    private let raw: OpaquePointer
    // Owned by `raw`.
    private let inbound: OpaquePointer
    private let outbound: OpaquePointer

    /// What reading came to.
    package enum Reading: Sendable, Equatable {
        /// So many bytes were decrypted.
        case bytes(Int)
        /// More has to come in first.
        case starved
        /// The peer said that it sends no more.
        case ended
        /// The session is over, and why; the alert that says so waits to be sent.
        case failed(HandshakeOutcome)
    }

    /// The server's side of a new session.
    ///
    /// - Throws: When memory runs out.
    package init(_ context: TLSContext) throws(TLSError) {
        unsafe try self.init(context.raw, keeping: context)
        unsafe SSL_set_accept_state(raw)
    }

    /// A session of a context that `owner` keeps alive, not told yet which side it is.
    init(_ shared: OpaquePointer, keeping owner: TLSContext?) throws(TLSError) {
        guard let raw = unsafe SSL_new(shared) else { throw .library(operation: "SSL_new") }
        guard let inbound = unsafe BIO_new(BIO_s_mem()) else {
            unsafe SSL_free(raw)
            throw .library(operation: "BIO_new")
        }
        guard let outbound = unsafe BIO_new(BIO_s_mem()) else {
            unsafe BIO_free(inbound)
            unsafe SSL_free(raw)
            throw .library(operation: "BIO_new")
        }
        // Empty means that more may come, not that it ended.
        unsafe copenssl_bio_empty(inbound, TLSLimits.keptBytes)
        unsafe copenssl_bio_empty(outbound, TLSLimits.keptBytes)
        unsafe SSL_set_bio(raw, inbound, outbound)
        context = owner
        unsafe self.raw = raw
        unsafe self.inbound = inbound
        unsafe self.outbound = outbound
    }

    /// Whether the handshake is done.
    package var isEstablished: Bool { unsafe SSL_is_init_finished(raw) == 1 }

    /// Takes in what the peer sent; the owner reads until `starved` before it gives more.
    package borrowing func receive(_ bytes: Span<UInt8>) {
        let written = unsafe bytes.withUnsafeBufferPointer {
            unsafe BIO_write(inbound, $0.baseAddress, CInt(clamping: $0.count))
        }
        precondition(Int(written) == bytes.count, "BIO_write failed: out of memory")
    }

    /// Goes on with the handshake, then decrypts into `room` from `offset` on.
    package borrowing func read(into room: inout [UInt8], at offset: Int) -> Reading {
        // What other uses of OpenSSL left there would be taken for this call's.
        ERR_clear_error()
        var count = 0
        let status = unsafe room.withUnsafeMutableBufferPointer { buffer -> CInt in
            let rest = unsafe UnsafeMutableBufferPointer(rebasing: buffer[offset...])
            return unsafe SSL_read_ex(raw, rest.baseAddress, rest.count, &count)
        }
        guard status != 1 else { return .bytes(count) }
        switch unsafe SSL_get_error(raw, status) {
        case SSL_ERROR_WANT_READ:
            unsafe copenssl_bio_empty(inbound, TLSLimits.keptBytes)
            return .starved
        case SSL_ERROR_ZERO_RETURN: return .ended
        default:
            let reason = HandshakeOutcome.ofLastError()
            ERR_clear_error()
            return .failed(reason)
        }
    }

    /// Encrypts; what comes of it waits to be sent.
    ///
    /// - Returns: False when the session is over, or has not begun.
    package borrowing func write(_ bytes: Span<UInt8>) -> Bool {
        guard bytes.count > 0 else { return true }
        guard isEstablished else { return false }
        ERR_clear_error()
        var count = 0
        let status = unsafe bytes.withUnsafeBufferPointer {
            unsafe SSL_write_ex(raw, $0.baseAddress, $0.count, &count)
        }
        guard status == 1 else {
            ERR_clear_error()
            return false
        }
        return true
    }

    /// Says that nothing more is sent (`close_notify`); reading goes on.
    package borrowing func end() {
        guard isEstablished else { return }
        ERR_clear_error()
        _ = unsafe SSL_shutdown(raw)  // Fails when the session is over: nobody to tell.
        ERR_clear_error()
    }

    /// Lends what waits to be sent, if anything does, and forgets it.
    package borrowing func takeOutput<Failure: Error>(
        _ body: (Span<UInt8>) throws(Failure) -> Void
    ) throws(Failure) {
        var start: UnsafeMutablePointer<CChar>?
        let count = unsafe copenssl_bio_bytes(outbound, &start)
        guard count > 0, let start = unsafe start else { return }
        defer { unsafe copenssl_bio_empty(outbound, TLSLimits.keptBytes) }
        let bytes = unsafe UnsafeRawBufferPointer(start: start, count: count)
        try body(unsafe Span(_unsafeBytes: bytes))
    }

    /// For tests and clients of the same process.
    var handle: OpaquePointer { unsafe raw }

    deinit {
        unsafe SSL_free(raw)
        // An error of a session that is gone is nobody else's.
        ERR_clear_error()
    }
}
