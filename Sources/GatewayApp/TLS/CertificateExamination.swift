import EventLoop

/// What `doctor` says about the listener's certificate and key.
package enum CertificateExamination {
    /// Reads the files as `serve` does; nothing where TLS is not served.
    package static func examine(_ configuration: Configuration) -> [SecretsExamination.Finding] {
        guard let files = configuration.tls else { return [] }
        do throws(ConfigurationError) {
            let context = try files.context(try files.read())
            let now = SystemClock.wallMilliseconds()
            let expiry = CertificateExpiry(context, at: now)
            let words = expiry.words(at: now)
            return [
                (
                    words == nil, "TLS certificate",
                    words ?? "valid for \(expiry.daysLeft(at: now)) more days"
                ),
                mode(of: files.key),
            ]
        } catch {
            return [(false, "TLS certificate", "\(error)")]
        }
    }

    private static func mode(of path: String) -> SecretsExamination.Finding {
        let isPrivate = (FileIO.permissions(of: path) ?? 0) & 0o007 == 0
        return isPrivate
            ? (true, "file \(path)", "not everybody can read it")
            : (false, "file \(path)", "everybody can read it; run: chmod o-rwx \(path)")
    }
}
