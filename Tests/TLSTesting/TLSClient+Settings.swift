import COpenSSL

@testable import TLS

// What clients are told before their handshake.
extension TLSClient {
    /// Speaks nothing newer than a version; old ones need OpenSSL's own scruples out of the way.
    package func speak(atMost version: CInt) {
        _ = unsafe SSL_ctrl(handle, SSL_CTRL_SET_MAX_PROTO_VERSION, CLong(version), nil)
        guard version < TLS1_2_VERSION else { return }
        _ = unsafe SSL_set_cipher_list(handle, "ALL:@SECLEVEL=0")
        _ = unsafe SSL_ctrl(handle, SSL_CTRL_SET_MIN_PROTO_VERSION, CLong(TLS1_VERSION), nil)
    }

    /// Offers protocols by ALPN, each after its length.
    package func offer(_ protocols: String) {
        let bytes = Array(protocols.utf8)
        _ = unsafe SSL_set_alpn_protos(handle, bytes, UInt32(bytes.count))
    }

    /// Resumes another client's session.
    package func resume(_ other: TLSClient) {
        guard let known = unsafe SSL_get1_session(other.handle) else { return }
        _ = unsafe SSL_set_session(handle, known)
        unsafe SSL_SESSION_free(known)
    }

    /// Shows a certificate, and so many more behind it.
    package func show(_ chain: String, key: String, more: Int = 0) {
        let session = unsafe handle
        try? unsafe PEMReader.eachCertificate(Array(chain.utf8)) { (certificate) throws(TLSError) in
            _ = unsafe SSL_use_certificate(session, certificate)
            for _ in 0..<more {
                _ = unsafe SSL_ctrl(
                    session, SSL_CTRL_CHAIN_CERT, 1, UnsafeMutableRawPointer(certificate))
            }
        }
        guard let parsed = unsafe try? PEMReader.key(Secret(key)) else { return }
        _ = unsafe SSL_use_PrivateKey(session, parsed)
        unsafe EVP_PKEY_free(parsed)
    }
}
