/// One thing that can be configured, by environment variable, by file or by a flag of `serve`.
package enum Setting: String, Sendable, CaseIterable {
    /// Address of the public listener.
    case listen = "GATEWAY_LISTEN"
    /// Address of the listener for API, web UI and metrics.
    case adminListen = "GATEWAY_ADMIN_LISTEN"
    /// What callback URLs begin with.
    case publicURL = "GATEWAY_PUBLIC_URL"
    /// Where alerts are kept.
    case store = "GATEWAY_STORE"
    /// The admin bearer token.
    case adminToken = "GATEWAY_ADMIN_TOKEN"
    /// Another admin token, accepted while tokens are changed.
    case previousAdminToken = "GATEWAY_ADMIN_TOKEN_PREVIOUS"
    /// The key that API keys are sealed with.
    case masterKey = "GATEWAY_MASTER_KEY"
    /// Another master key, which opens what it sealed while keys are changed.
    case previousMasterKey = "GATEWAY_MASTER_KEY_PREVIOUS"
    /// Certificate chain of the public listener.
    case tlsCertificate = "GATEWAY_TLS_CERT"
    /// Private key of the public listener.
    case tlsKey = "GATEWAY_TLS_KEY"
    /// Authorities of one of which clients of the public listener have to show a certificate.
    case tlsClientAuthorities = "GATEWAY_TLS_CLIENT_CA"
    /// Proxies whose word about the peer's address is believed.
    case trustedProxies = "GATEWAY_TRUSTED_PROXIES"
    /// The largest webhook body taken in.
    case maxBodyBytes = "GATEWAY_MAX_BODY_BYTES"
    /// How long resolved alerts are kept.
    case retentionDays = "GATEWAY_RETENTION_DAYS"
    /// Bound of the deliveries journal.
    case journalBytes = "GATEWAY_JOURNAL_BYTES"
    /// How often a firing alert is read back.
    case reconcileSeconds = "GATEWAY_RECONCILE_SECONDS"
    /// Addresses that are no public ones and that webhooks may be posted to.
    case webhookAllowPrivate = "GATEWAY_WEBHOOK_ALLOW_PRIVATE"
    /// Whether `/metrics` needs no token.
    case metricsOpen = "GATEWAY_METRICS_OPEN"
    /// The least serious message that is logged.
    case logLevel = "GATEWAY_LOG_LEVEL"
    /// How messages are written.
    case logFormat = "GATEWAY_LOG_FORMAT"

    /// The environment variable.
    package var variable: String { rawValue }

    /// The environment variable that names a file with the value in it.
    package var fileVariable: String { rawValue + "_FILE" }

    /// Whether the value must never be shown, nor be given as an argument.
    package var isSecret: Bool {
        switch self {
        case .adminToken, .previousAdminToken, .masterKey, .previousMasterKey: true
        case .listen, .adminListen, .publicURL, .store, .tlsCertificate, .tlsKey,
            .tlsClientAuthorities, .trustedProxies, .maxBodyBytes, .retentionDays, .journalBytes,
            .reconcileSeconds, .webhookAllowPrivate, .metricsOpen, .logLevel, .logFormat:
            false
        }
    }
}
