import Alerts

/// What `doctor` says about the listener's certificate and key.
package enum CertificateExamination {
    /// Reads the files as `serve` does; nothing where TLS is not served.
    package static func examine(_ configuration: Configuration) -> [SecretsExamination.Finding] {
        guard let files = configuration.tls else { return [] }
        do throws(ConfigurationError) {
            let context = try files.context(try files.read())
            let now = WallClock.system.now
            let expiry = CertificateExpiry(context, at: now)
            return [judge(expiry, at: now), judge(KeyFile.exposure(of: files.key), files.key)]
        } catch {
            return [(false, "TLS certificate", "\(error)")]
        }
    }

    /// Fails once somebody has to be up for it.
    static func judge(
        _ expiry: CertificateExpiry, at now: Timestamp
    ) -> SecretsExamination.Finding {
        let isGood = expiry.urgency(at: now).map { $0 == .within30Days } ?? true
        let detail =
            expiry.words(at: now).map { "\($0); renew it" }
            ?? "it ends in \(expiry.daysLeft(at: now)) days"
        return (isGood, "TLS certificate", detail)
    }

    /// A key that everybody can read, and that `serve` would refuse, is none that was read above.
    private static func judge(
        _ exposure: KeyFile.Exposure?, _ path: String
    ) -> SecretsExamination.Finding {
        exposure == nil
            ? (true, "file \(path)", "not everybody can read it")
            : (false, "file \(path)", "everybody can read it, and it is another user's")
    }
}
