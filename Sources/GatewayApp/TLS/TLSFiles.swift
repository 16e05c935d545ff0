import EventLoop
import TLS

/// Where the public listener's certificate and key lie.
package struct TLSFiles: Sendable, Equatable {
    /// The certificate chain, in PEM form, the listener's own certificate first.
    package let certificate: String
    /// Its private key, in PEM form.
    package let key: String
    /// Authorities of one of which clients have to show a certificate; nil to ask for none.
    package let clientAuthorities: String?

    /// Bytes of each file: some hundred certificates, as a bundle of authorities may hold.
    private static let bytesMax = 1 << 20

    /// What the files held at one moment.
    struct Content: Sendable {
        let certificate: [UInt8]
        let key: Secret
        let clientAuthorities: [UInt8]?

        /// Tells contents apart without keeping them.
        var fingerprint: [UInt8] {
            let parts =
                Digest.sha256(certificate) + Digest.sha256(key)
                + Digest.sha256(clientAuthorities ?? [])
            return Digest.sha256(parts)
        }
    }

    /// Reads them; blocks.
    ///
    /// - Throws: An error that names the setting and the file; also for a key of this user's own
    ///   that everybody can read.
    func read() throws(ConfigurationError) -> Content {
        let chain = try Self.bytes(of: certificate, .tlsCertificate)
        guard KeyFile.exposure(of: key) != .own else {
            throw ConfigurationError(
                Setting.tlsKey.variable, "everybody can read \(key); run: chmod o-rwx \(key)")
        }
        var secret = try Self.bytes(of: key, .tlsKey)
        var authorities: [UInt8]?
        if let clientAuthorities {
            authorities = try Self.bytes(of: clientAuthorities, .tlsClientAuthorities)
        }
        return Content(
            certificate: chain, key: Secret(wiping: &secret), clientAuthorities: authorities)
    }

    /// What TLS is served with.
    ///
    /// - Throws: An error that names the setting and the file.
    func context(_ content: Content) throws(ConfigurationError) -> TLSContext {
        do throws(TLSError) {
            return try TLSContext(
                certificates: content.certificate, key: content.key,
                clientAuthorities: content.clientAuthorities)
        } catch {
            throw blame(error)
        }
    }

    private func blame(_ error: TLSError) -> ConfigurationError {
        switch error {
        case .noCertificate, .refused, .library:
            ConfigurationError(
                Setting.tlsCertificate.variable, "\(certificate) \(error.reason)")
        case .noKey, .encryptedKey, .keyMismatch:
            ConfigurationError(Setting.tlsKey.variable, "\(key) \(error.reason)")
        case .noAuthority:
            ConfigurationError(
                Setting.tlsClientAuthorities.variable,
                "\(clientAuthorities ?? "") \(error.reason)")
        }
    }

    private static func bytes(
        of path: String, _ setting: Setting
    ) throws(ConfigurationError) -> [UInt8] {
        do throws(FileError) {
            return try FileIO.read(path, bytesMax: bytesMax)
        } catch {
            throw ConfigurationError(setting.variable, "the file can't be read: \(error)")
        }
    }
}
