import AlertStorage
import EventLoop
import GatewayApp
import TLS
import Testing

@Suite struct ConfigurationReaderTests {
    /// Reads with the given environment, flags and files.
    private func read(
        _ environment: [String: String] = [:], flags: [Setting: String] = [:],
        files: [String: String] = [:]
    ) throws(ConfigurationError) -> Configuration {
        try ConfigurationReader(
            flags: flags, environment: { environment[$0] },
            readFile: { path in
                files[path].map { .success($0) } ?? .failure(.init("no such file"))
            }
        ).read()
    }

    @Test func `without anything set the defaults of the contract hold`() throws {
        let configuration = try read()
        #expect(configuration.listen == .tcp(host: "127.0.0.1", port: 8080))
        #expect(configuration.adminListen == nil)
        let location = SQLiteLocation(path: "./data/gateway.db")
        #expect(configuration.store == .sqlite(location))
        #expect(location.adminTokenPath == "./data/admin-token")
        #expect(location.masterKeyPath == "./data/master.key")
        #expect(configuration.maxBodyBytes == 8_388_608)
        #expect(configuration.retentionDays == 90)
        #expect(configuration.journalBytes == 1_073_741_824)
        #expect(configuration.reconcileInterval == .seconds(300))
        #expect(!configuration.isMetricsOpen)
    }

    @Test func `a flag beats a variable, and an empty variable counts as unset`() throws {
        let variable = ["GATEWAY_LISTEN": "127.0.0.1:1", "GATEWAY_RETENTION_DAYS": ""]
        let configuration = try read(variable, flags: [.listen: "[::]:2"])
        #expect(configuration.listen == .tcp(host: "::", port: 2))
        #expect(configuration.retentionDays == 90)
    }

    @Test func `webhooks may go to public addresses, and to those that are allowed`() throws {
        #expect(try read().webhookAddresses == AddressPolicy())
        let loopback = ["GATEWAY_WEBHOOK_ALLOW_PRIVATE": "127.0.0.0/8, fd00::/8"]
        let policy = try read(loopback).webhookAddresses
        #expect(policy.admits([127, 0, 0, 1], isPlain: true))
        #expect(!policy.admits([10, 0, 0, 1], isPlain: false))
        #expect(try read(["GATEWAY_WEBHOOK_ALLOW_PRIVATE": "true"]).webhookAddresses == .all)
        let error = #expect(throws: ConfigurationError.self) {
            try read(["GATEWAY_WEBHOOK_ALLOW_PRIVATE": "10.0.0.0/99"])
        }
        #expect(error?.description.hasPrefix("GATEWAY_WEBHOOK_ALLOW_PRIVATE: ") == true)
    }

    @Test func `a path can be appended to the public URL`() throws {
        let configuration = try read(["GATEWAY_PUBLIC_URL": "https://example.org/x//"])
        #expect(configuration.publicURL == "https://example.org/x")
    }

    @Test func `a value with control characters is told of in one plain line`() throws {
        let error = #expect(throws: ConfigurationError.self) {
            try read(["GATEWAY_LISTEN": "a\nb\u{1b}[2J\u{9b}c"])
        }
        let line = try #require(error).description
        #expect(line.hasPrefix("GATEWAY_LISTEN: \"a b [2J c\" is no address"))
    }

    @Test func `a secret is read from the first line of its file`() throws {
        let token = "0123456789abcdefABCDEF"
        let configuration = try read(
            ["GATEWAY_ADMIN_TOKEN_FILE": "/run/t"], files: ["/run/t": token + "\n"])
        #expect(configuration.adminToken == Secret(token))
    }

    @Test(arguments: [
        ("GATEWAY_LISTEN", "nonsense"), ("GATEWAY_LISTEN", "example.org:80"),
        ("GATEWAY_LISTEN", "127.0.0.1:65536"), ("GATEWAY_LISTEN", "127.0.0.1:+1"),
        ("GATEWAY_PUBLIC_URL", "ftp://example.org"), ("GATEWAY_PUBLIC_URL", "https://a?b=c"),
        ("GATEWAY_STORE", "sqlite:"), ("GATEWAY_STORE", "mysql://x"),
        ("GATEWAY_STORE", "postgres:u:p@h/d"), ("GATEWAY_STORE", "postgres://h/d?nonsense=1"),
        ("GATEWAY_STORE", "postgres://u:p@ss@h/d"), ("GATEWAY_STORE", "postgres://u:p/ss@h/d"),
        ("GATEWAY_STORE", "postgres://u:1/ss@h/d"), ("GATEWAY_ADMIN_TOKEN", "short"),
        ("GATEWAY_MASTER_KEY", "bm90IDMyIGJ5dGVz"), ("GATEWAY_MAX_BODY_BYTES", "8MiB"),
        ("GATEWAY_MAX_BODY_BYTES", "-1"), ("GATEWAY_RETENTION_DAYS", "0"),
        ("GATEWAY_RECONCILE_SECONDS", "0"), ("GATEWAY_METRICS_OPEN", "yes"),
        ("GATEWAY_LOG_LEVEL", "loud"), ("GATEWAY_LOG_FORMAT", "xml"),
        ("GATEWAY_TRUSTED_PROXIES", "10.0.0.0/33"), ("GATEWAY_TLS_CLIENT_CA", "/x.pem"),
        ("GATEWAY_JOURNAL_BYTES", "1"),
    ])
    func `a value that can't be used is refused by the name of its variable`(
        variable: String, value: String
    ) {
        #expect { try read([variable: value]) } throws: { error in
            (error as? ConfigurationError)?.variable == variable
        }
    }

    @Test(arguments: ["GATEWAY_ADMIN_TOKEN", "GATEWAY_MASTER_KEY", "GATEWAY_STORE"])
    func `an error never repeats a secret`(variable: String) {
        let secret = "postgres://user:hunter2 hunter2"
        #expect { try read([variable: secret]) } throws: { error in
            !"\(error)".contains("hunter2")
        }
    }

    private static let address = "postgresql://ada:hunter2@db.example.org:5433/gateway"
    private static let shared = [
        "GATEWAY_ADMIN_TOKEN": "0123456789abcdef",
        "GATEWAY_MASTER_KEY": "MDEyMzQ1Njc4OTAxMjM0NTY3ODkwMTIzNDU2Nzg5MDE=",
    ]

    @Test func `a PostgreSQL store comes from a variable or a file, and shows no password`() throws
    {
        let inVariable = try read(Self.shared.merging(["GATEWAY_STORE": Self.address]) { $1 })
        let inFile = try read(
            Self.shared.merging(["GATEWAY_STORE_FILE": "/run/s"]) { $1 },
            files: ["/run/s": Self.address + "\n"])
        #expect(inVariable.store == inFile.store)
        guard case .postgres(let location) = inVariable.store else {
            Issue.record("no PostgreSQL store")
            return
        }
        #expect("\(location)" == "PostgreSQL on db.example.org, port 5433, database gateway")
        #expect(location.isRemote && location.hasPassword)
        var dumped = ""
        dump(inVariable, to: &dumped)
        #expect(!dumped.contains("hunter2"))
    }

    @Test(arguments: ["GATEWAY_ADMIN_TOKEN", "GATEWAY_MASTER_KEY"])
    func `what replicas share has to be given with PostgreSQL`(variable: String) {
        var environment = Self.shared.merging(["GATEWAY_STORE": Self.address]) { $1 }
        environment[variable] = nil
        #expect { try read(environment) } throws: { error in
            (error as? ConfigurationError)?.variable == variable
        }
    }

    @Test func `a password is no argument, and an address without one is`() throws {
        #expect { try read(Self.shared, flags: [.store: Self.address]) } throws: { error in
            (error as? ConfigurationError)?.variable == "GATEWAY_STORE"
        }
        let configuration = try read(
            Self.shared, flags: [.store: "postgres://ada@/gateway?host=/run/postgresql"])
        guard case .postgres(let location) = configuration.store else {
            Issue.record("no PostgreSQL store")
            return
        }
        #expect(!location.isRemote && !location.hasPassword)
    }

    @Test func `a variable and its file contradict each other`() {
        #expect {
            try read(
                ["GATEWAY_LISTEN": "127.0.0.1:1", "GATEWAY_LISTEN_FILE": "/f"],
                files: ["/f": "127.0.0.1:2"])
        } throws: { error in
            (error as? ConfigurationError)?.variable == "GATEWAY_LISTEN_FILE"
        }
    }
}

@Suite struct BearerTokenTests {
    @Test(arguments: [
        ("Bearer abc", "abc"), ("bearer abc", "abc"), ("BEARER abc", "abc"), ("Basic abc", ""),
        ("Bearer", ""), ("Bearer ", ""), ("", ""), ("Bearerabc", ""),
    ])
    func `the token stands behind the scheme, whatever its case`(
        field: String, expected: String
    ) {
        let bytes = Array(field.utf8)
        let token = BearerToken.token(in: bytes.span)
        #expect(token.withBytes { String(decoding: $0, as: UTF8.self) } == expected)
    }
}
