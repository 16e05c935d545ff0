extension Setting {
    /// What somebody has to know of it.
    package var facts: SettingFacts {
        switch self {
        case .listen: .listen
        case .adminListen: .adminListen
        case .publicURL: .publicURL
        case .store: .store
        case .adminToken: .adminToken
        case .previousAdminToken: .previousAdminToken
        case .masterKey: .masterKey
        case .previousMasterKey: .previousMasterKey
        case .tlsCertificate: .tlsCertificate
        case .tlsKey: .tlsKey
        case .tlsClientAuthorities: .tlsClientAuthorities
        case .trustedProxies: .trustedProxies
        case .maxBodyBytes: .maxBodyBytes
        case .retentionDays: .retentionDays
        case .journalBytes: .journalBytes
        case .reconcileSeconds: .reconcileSeconds
        case .webhookAllowPrivate: .webhookAllowPrivate
        case .metricsOpen: .metricsOpen
        case .logLevel: .logLevel
        case .logFormat: .logFormat
        }
    }
}

// MARK: Where it listens and what it keeps

extension SettingFacts {
    private static let address = "`HOST:PORT`, `[IPV6]:PORT` or `unix:/path`"
    private static let token = "16 to 512 visible ASCII characters"
    private static let key = "32 bytes in base64"
    private static let file = "the path of a PEM file"
    private static let made = "made, and written to"

    fileprivate static var listen: SettingFacts {
        SettingFacts(
            "--listen", values: address, standard: "`\(Configuration().listen)`",
            "Address of the public listener. A socket handed down by systemd comes first.")
    }

    fileprivate static var adminListen: SettingFacts {
        SettingFacts(
            "--admin-listen", values: address,
            """
            If set, API, pages and metrics are served only here; the public listener then has \
            only webhooks and health checks.
            """)
    }

    fileprivate static var publicURL: SettingFacts {
        SettingFacts(
            "--public-url", values: "`https://HOST` or `http://HOST`, with a path if need be",
            standard: "`http://`, or `https://` with TLS, and the listener's address",
            "What callback URLs begin with.")
    }

    fileprivate static var store: SettingFacts {
        let path =
            switch Configuration().store {
            case .sqlite(let location): "`sqlite:\(location.path)`"
            case .postgres: "a database"
            }
        return SettingFacts(
            "--store", "--store-file", values: "`sqlite:PATH` or `postgres://USER@HOST/DATABASE`",
            standard: path,
            """
            Where alerts are kept. An address with a password is given by the variable or a file, \
            never as a flag.
            """, more: "#a-store-in-postgresql")
    }

    fileprivate static var adminToken: SettingFacts {
        SettingFacts(
            "--admin-token-file", values: token, standard: "\(made) `admin-token` beside the store",
            """
            The admin token, for the API, the pages and the commands. Has to be given with \
            PostgreSQL.
            """)
    }

    fileprivate static var previousAdminToken: SettingFacts {
        SettingFacts(
            values: token,
            standard: "`admin-token.previous` beside the token's file, if it is there",
            "Another admin token that is accepted, while tokens are changed.",
            more: "operations.md#change-the-admin-token")
    }

    fileprivate static var masterKey: SettingFacts {
        SettingFacts(
            "--master-key-file", values: key, standard: "\(made) `master.key` beside the store",
            "The key that seals API keys in the store. Has to be given with PostgreSQL.",
            more: "operations.md#change-the-master-key")
    }

    fileprivate static var previousMasterKey: SettingFacts {
        SettingFacts(
            values: key, standard: "the key's file with `.previous` behind it, if it is there",
            """
            Another master key, which opens what it sealed and seals nothing, while keys are \
            changed.
            """, more: "operations.md#change-the-master-key")
    }

    fileprivate static var tlsCertificate: SettingFacts {
        SettingFacts(
            "--tls-cert", values: file,
            """
            Certificate chain: serve TLS on the public listener. Read again on SIGHUP and when it \
            changes.
            """, more: "#tls")
    }

    fileprivate static var tlsKey: SettingFacts {
        SettingFacts(
            "--tls-key", values: file, "The certificate's private key, without a password.",
            more: "#tls")
    }

    fileprivate static var tlsClientAuthorities: SettingFacts {
        SettingFacts(
            "--tls-client-ca", values: file,
            """
            Authorities: clients of the public listener have to show a certificate of one of them.
            """, more: "#tls")
    }
}

// MARK: What it believes, takes, keeps and tells

extension SettingFacts {
    fileprivate static var trustedProxies: SettingFacts {
        SettingFacts(
            "--trusted-proxies", values: "addresses or CIDRs, with commas between",
            """
            Proxies in front whose PROXY protocol, `X-Forwarded-For` and `Forwarded` are believed.
            """, more: "#whose-address-is-believed")
    }

    fileprivate static var maxBodyBytes: SettingFacts {
        numbers(
            "--max-body-bytes", SettingBounds.maxBodyBytes, "bytes", Configuration().maxBodyBytes,
            "The largest webhook; a larger one gets 413.")
    }

    fileprivate static var retentionDays: SettingFacts {
        numbers(
            "--retention-days", SettingBounds.retentionDays, "days", Configuration().retentionDays,
            "How long resolved alerts and deliveries are kept.")
    }

    fileprivate static var journalBytes: SettingFacts {
        numbers(
            "--journal-bytes", SettingBounds.journalBytes, "bytes", Configuration().journalBytes,
            """
            Bound of the deliveries journal; the oldest go first, within seconds. What goes leaves \
            room in the store's file, which doesn't shrink.
            """)
    }

    fileprivate static var reconcileSeconds: SettingFacts {
        numbers(
            "--reconcile-seconds", SettingBounds.reconcileSeconds, "seconds",
            Int(Configuration().reconcileInterval.components.seconds),
            """
            How often a firing alert is read back from BigPanda; thrice as often while the \
            incident flaps or is snoozed.
            """)
    }

    fileprivate static var webhookAllowPrivate: SettingFacts {
        SettingFacts(
            "--webhook-allow-private",
            values: "addresses or CIDRs, with commas between, or `true` for all",
            "Addresses besides public ones that webhooks may be posted to, also by plain HTTP.",
            more: "#where-webhooks-may-go")
    }

    fileprivate static var metricsOpen: SettingFacts {
        SettingFacts(
            "--metrics-open", values: "`1` or `0`", standard: "`0`",
            "Whether `/metrics` is served without a token.")
    }

    fileprivate static var logLevel: SettingFacts {
        SettingFacts(
            "--log-level", values: words(LogLevel.allCases),
            standard: "`\(Configuration().logLevel.rawValue)`",
            "The least serious message that is logged.")
    }

    fileprivate static var logFormat: SettingFacts {
        SettingFacts(
            "--log-format", values: words(LogFormat.allCases),
            standard: "`text` on a terminal, else `json`",
            "How lines are written to standard error.")
    }

    private static func numbers(
        _ flag: String, _ bounds: ClosedRange<Int>, _ unit: String, _ standard: Int,
        _ meaning: String
    ) -> SettingFacts {
        SettingFacts(
            flag, values: "\(bounds.lowerBound) to \(bounds.upperBound) \(unit)",
            standard: "`\(standard)`", meaning)
    }

    private static func words<Word: RawRepresentable<String>>(_ words: [Word]) -> String {
        words.map { "`\($0.rawValue)`" }.joined(separator: ", ")
    }
}
