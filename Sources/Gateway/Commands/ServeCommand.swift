import ArgumentParser
import EventLoop
import GatewayApp

/// `serve`: the gateway itself.
struct ServeCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "serve",
        abstract: "Run the gateway.",
        discussion: """
            Everything can also be set by an environment variable, named after each flag, and by a \
            file whose path stands in that variable with _FILE behind it. Secrets are taken from \
            variables and files only: GATEWAY_ADMIN_TOKEN, GATEWAY_MASTER_KEY, and the ones \
            before them, accepted while they are changed, GATEWAY_ADMIN_TOKEN_PREVIOUS and \
            GATEWAY_MASTER_KEY_PREVIOUS.

            On the first start the admin token is written to the file admin-token beside the \
            store, and the key that seals API keys to master.key. Keep both; back both up with the \
            store.

            SIGTERM and Ctrl-C end it in good order; a second one ends it at once. Status 78 means \
            that the configuration is wrong; the line printed says where.
            """)

    @OptionGroup var options: ServeOptions

    func run() throws {
        let settings = options.settings
        try LoopProgram.run {
            await GatewayProcess.run {
                () throws(ConfigurationError) in try ServeOptions.read(settings)
            }
        }
    }
}

/// The flags of `serve`.
struct ServeOptions: ParsableArguments {
    @Option(
        help: """
            Address of the public listener: HOST:PORT, [IPV6]:PORT or unix:/path. \
            (GATEWAY_LISTEN; default: 127.0.0.1:8080)
            """)
    var listen: String?

    @Option(
        help: """
            Serve API, web UI and metrics only here; the public listener then has only \
            webhooks and health. (GATEWAY_ADMIN_LISTEN)
            """)
    var adminListen: String?

    @Option(
        help: """
            What callback URLs begin with. (GATEWAY_PUBLIC_URL; default: http://, or \
            https:// with TLS, and the listener's address)
            """)
    var publicURL: String?

    @Option(
        help: """
            Where alerts are kept: sqlite:PATH or postgres://USER@HOST/DATABASE. (GATEWAY_STORE; \
            default: sqlite:./data/gateway.db)
            """)
    var store: String?

    @Option(
        help: "A file with that, for an address with a password. (GATEWAY_STORE_FILE)")
    var storeFile: String?

    @Option(
        help: """
            A file with the admin token. (GATEWAY_ADMIN_TOKEN_FILE; default: made beside the \
            store)
            """)
    var adminTokenFile: String?

    @Option(
        help: """
            A file with the master key, 32 bytes in base64. (GATEWAY_MASTER_KEY_FILE; \
            default: made beside the store)
            """)
    var masterKeyFile: String?

    @Option(
        help: """
            A file with the certificate chain, in PEM form: serve TLS on the public listener. \
            (GATEWAY_TLS_CERT)
            """)
    var tlsCert: String?

    @Option(help: "A file with the certificate's private key, in PEM form. (GATEWAY_TLS_KEY)")
    var tlsKey: String?

    @Option(
        help: """
            A file with authorities, in PEM form, of one of which clients have to show a \
            certificate. (GATEWAY_TLS_CLIENT_CA)
            """)
    var tlsClientCA: String?

    @Option(
        help: """
            Proxies whose PROXY protocol, X-Forwarded-For and Forwarded are believed, as CIDRs \
            with commas between. (GATEWAY_TRUSTED_PROXIES)
            """)
    var trustedProxies: String?

    @Option(help: "The largest webhook body, in bytes. (GATEWAY_MAX_BODY_BYTES; default: 8388608)")
    var maxBodyBytes: String?

    @Option(help: "Days that resolved alerts are kept. (GATEWAY_RETENTION_DAYS; default: 90)")
    var retentionDays: String?

    @Option(
        help: """
            Bound of the deliveries journal, in bytes. (GATEWAY_JOURNAL_BYTES; default: \
            1073741824)
            """)
    var journalBytes: String?

    @Option(
        help: """
            Seconds between two readings of a firing alert. (GATEWAY_RECONCILE_SECONDS; \
            default: 300)
            """)
    var reconcileSeconds: String?

    @Option(
        help: """
            Addresses besides public ones that webhooks may be posted to, as CIDR ranges with \
            commas between, or true for all. (GATEWAY_WEBHOOK_ALLOW_PRIVATE)
            """)
    var webhookAllowPrivate: String?

    @Flag(help: "Serve /metrics without a token. (GATEWAY_METRICS_OPEN=1)")
    var metricsOpen = false

    @Option(
        help: """
            trace, debug, info, notice, warning, error or critical. (GATEWAY_LOG_LEVEL; \
            default: info)
            """)
    var logLevel: String?

    @Option(help: "text or json. (GATEWAY_LOG_FORMAT; default: text on a terminal, else json)")
    var logFormat: String?

    /// What was given on the command line.
    var settings: Settings {
        var values: [Setting: String] = [:]
        values[.listen] = listen
        values[.adminListen] = adminListen
        values[.publicURL] = publicURL
        values[.store] = store
        values[.tlsCertificate] = tlsCert
        values[.tlsKey] = tlsKey
        values[.tlsClientAuthorities] = tlsClientCA
        values[.trustedProxies] = trustedProxies
        values[.maxBodyBytes] = maxBodyBytes
        values[.retentionDays] = retentionDays
        values[.journalBytes] = journalBytes
        values[.reconcileSeconds] = reconcileSeconds
        values[.webhookAllowPrivate] = webhookAllowPrivate
        values[.logLevel] = logLevel
        values[.logFormat] = logFormat
        if metricsOpen { values[.metricsOpen] = "1" }
        var files: [String: String] = [:]
        files[Setting.store.fileVariable] = storeFile
        files[Setting.adminToken.fileVariable] = adminTokenFile
        files[Setting.masterKey.fileVariable] = masterKeyFile
        return Settings(values: values, files: files)
    }

    /// Flags, as a value that crosses to the loop.
    struct Settings: Sendable {
        let values: [Setting: String]
        /// Paths by the variable that they stand for.
        let files: [String: String]
    }

    /// Longer than any token or key.
    private static let secretFileBytesMax = 4096

    /// Reads flags and environment.
    static func read(_ settings: Settings) throws(ConfigurationError) -> Configuration {
        try ConfigurationReader(
            flags: settings.values,
            environment: { settings.files[$0] ?? ProcessEnvironment.value($0) },
            readFile: { path in
                do throws(FileError) {
                    let bytes = try FileIO.read(path, bytesMax: secretFileBytesMax)
                    return .success(String(decoding: bytes, as: UTF8.self))
                } catch {
                    return .failure(.init("the file can't be read: \(error)"))
                }
            }
        ).read()
    }
}
