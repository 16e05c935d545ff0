import COpenSSL

/// What all TLS sessions of a server share: certificate, key, policy and ticket keys.
///
/// Mozilla's "intermediate" policy: TLS 1.2 and 1.3, forward secrecy and authenticated encryption
/// only, the client's order among them. Kept alive by each of its sessions. Used on one thread at
/// a time once it is made.
/// Source: <https://wiki.mozilla.org/Security/Server_Side_TLS>
@safe
// Set once in init; OpenSSL counts references to the context under its own lock, and the keys are
// read and rotated by the one thread that serves.
package final class TLSContext: @unchecked Sendable {
    let raw: OpaquePointer
    private let ticketKeys: UnsafeMutablePointer<copenssl_ticket_keys>
    /// Whether clients have to show a certificate.
    package let asksForCertificate: Bool
    /// How long the certificate is valid from the making of this on; negative once it is not.
    package let validity: Duration
    /// How long it is valid in all.
    package let lifetime: Duration

    private static let ciphers = [
        "ECDHE-ECDSA-AES128-GCM-SHA256", "ECDHE-RSA-AES128-GCM-SHA256",
        "ECDHE-ECDSA-AES256-GCM-SHA384", "ECDHE-RSA-AES256-GCM-SHA384",
        "ECDHE-ECDSA-CHACHA20-POLY1305", "ECDHE-RSA-CHACHA20-POLY1305",
    ].joined(separator: ":")

    /// A server's context.
    ///
    /// - Parameters:
    ///   - certificates: The chain in PEM form, the server's own certificate first.
    ///   - key: Its private key in PEM form.
    ///   - clientAuthorities: Authorities in PEM form, of one of which a client has to show a
    ///     certificate; nil to ask for none.
    /// - Throws: What is wrong with them.
    package init(
        certificates: [UInt8], key: Secret, clientAuthorities: [UInt8]?
    ) throws(TLSError) {
        guard let raw = unsafe SSL_CTX_new(TLS_server_method()) else {
            throw .library(operation: "SSL_CTX_new")
        }
        do throws(TLSError) {
            unsafe try Self.setPolicy(raw)
            (validity, lifetime) = unsafe try Self.useCertificates(raw, certificates)
            unsafe try Self.useKey(raw, key)
            if let clientAuthorities { unsafe try Self.askClients(raw, clientAuthorities) }
            guard let keys = unsafe copenssl_use_ticket_keys(raw) else {
                throw .library(operation: "SSL_CTX_set_tlsext_ticket_key_evp_cb")
            }
            unsafe ticketKeys = keys
        } catch {
            ERR_clear_error()
            unsafe SSL_CTX_free(raw)
            throw error
        }
        asksForCertificate = clientAuthorities != nil
        unsafe self.raw = raw
    }

    /// Makes the key that seals tickets the older one, which opens only, and a new one.
    ///
    /// - Returns: False without randomness; the keys stay as they are.
    package func rotateTicketKeys() -> Bool {
        unsafe copenssl_rotate_ticket_keys(ticketKeys) == 1
    }

    deinit {
        unsafe SSL_CTX_free(raw)
        unsafe copenssl_free_ticket_keys(ticketKeys)
    }

    private static func setPolicy(_ raw: OpaquePointer) throws(TLSError) {
        unsafe copenssl_refuse_old_habits(raw)
        unsafe copenssl_release_buffers(raw)
        unsafe copenssl_no_session_cache(raw)
        unsafe copenssl_set_certificate_list_max(raw, TLSLimits.certificateListBytesMax)
        unsafe copenssl_speak_http(raw)
        _ = unsafe SSL_CTX_set_timeout(raw, TLSLimits.sessionSeconds)
        let name = Array("bigpanda-gateway".utf8)
        guard unsafe copenssl_set_versions(raw, TLS1_2_VERSION, TLS1_3_VERSION) == 1,
            unsafe SSL_CTX_set_cipher_list(raw, ciphers) == 1,
            unsafe copenssl_set_groups(raw, "X25519:P-256:P-384") == 1,
            // A session that knew a client's certificate is resumed in this context only.
            unsafe SSL_CTX_set_session_id_context(raw, name, UInt32(name.count)) == 1
        else { throw .library(operation: "SSL_CTX_set_cipher_list") }
    }

    private static func useCertificates(
        _ raw: OpaquePointer, _ text: [UInt8]
    ) throws(TLSError) -> (left: Duration, inAll: Duration) {
        var left: Int64 = 0
        var inAll: Int64 = 0
        var count = 0
        unsafe try PEMReader.eachCertificate(text) { (certificate) throws(TLSError) in
            count += 1
            guard count == 1 else {
                guard unsafe copenssl_add_chain_certificate(raw, certificate) == 1 else {
                    throw .refused
                }
                return
            }
            guard unsafe SSL_CTX_use_certificate(raw, certificate) == 1 else { throw .refused }
            guard unsafe copenssl_validity(certificate, &left, &inAll) == 1 else {
                throw .refused
            }
        }
        guard count > 0 else { throw .noCertificate }
        return (.seconds(left), .seconds(inAll))
    }

    private static func useKey(_ raw: OpaquePointer, _ key: Secret) throws(TLSError) {
        guard let parsed = unsafe try PEMReader.key(key) else { throw .noKey }
        defer { unsafe EVP_PKEY_free(parsed) }
        // Compares it with the certificate as well.
        guard unsafe SSL_CTX_use_PrivateKey(raw, parsed) == 1,
            unsafe SSL_CTX_check_private_key(raw) == 1
        else { throw .keyMismatch }
    }

    private static func askClients(_ raw: OpaquePointer, _ text: [UInt8]) throws(TLSError) {
        guard let store = unsafe SSL_CTX_get_cert_store(raw) else {
            throw .library(operation: "SSL_CTX_get_cert_store")
        }
        var count = 0
        unsafe try PEMReader.eachCertificate(text) { (certificate) throws(TLSError) in
            count += 1
            guard unsafe X509_STORE_add_cert(store, certificate) == 1,
                unsafe SSL_CTX_add_client_CA(raw, certificate) == 1
            else { throw .noAuthority }
        }
        guard count > 0 else { throw .noAuthority }
        unsafe SSL_CTX_set_verify(raw, SSL_VERIFY_PEER | SSL_VERIFY_FAIL_IF_NO_PEER_CERT, nil)
    }
}
