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
    @Option(help: .of(.listen))
    var listen: String?

    @Option(help: .of(.adminListen))
    var adminListen: String?

    @Option(help: .of(.publicURL))
    var publicURL: String?

    @Option(help: .of(.store))
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

    @Option(help: .of(.tlsCertificate))
    var tlsCert: String?

    @Option(help: .of(.tlsKey))
    var tlsKey: String?

    @Option(help: .of(.tlsClientAuthorities))
    var tlsClientCA: String?

    @Option(help: .of(.trustedProxies))
    var trustedProxies: String?

    @Option(help: .of(.maxBodyBytes))
    var maxBodyBytes: String?

    @Option(help: .of(.retentionDays))
    var retentionDays: String?

    @Option(help: .of(.journalBytes))
    var journalBytes: String?

    @Option(help: .of(.reconcileSeconds))
    var reconcileSeconds: String?

    @Option(help: .of(.webhookAllowPrivate))
    var webhookAllowPrivate: String?

    @Flag(help: .of(.metricsOpen))
    var metricsOpen = false

    @Option(help: .of(.logLevel))
    var logLevel: String?

    @Option(help: .of(.logFormat))
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

extension ArgumentHelp {
    /// What is said of a setting, here and in the documents.
    fileprivate static func of(_ setting: Setting) -> ArgumentHelp {
        ArgumentHelp(stringLiteral: setting.facts.help(for: setting))
    }
}
