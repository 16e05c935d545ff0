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
        #expect(configuration.storePath == "./data/gateway.db")
        #expect(configuration.adminTokenPath == "./data/admin-token")
        #expect(configuration.masterKeyPath == "./data/master.key")
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
        ("GATEWAY_STORE", "postgres://u:p@h/d"), ("GATEWAY_ADMIN_TOKEN", "short"),
        ("GATEWAY_MASTER_KEY", "bm90IDMyIGJ5dGVz"), ("GATEWAY_MAX_BODY_BYTES", "8MiB"),
        ("GATEWAY_MAX_BODY_BYTES", "-1"), ("GATEWAY_RETENTION_DAYS", "0"),
        ("GATEWAY_RECONCILE_SECONDS", "0"), ("GATEWAY_METRICS_OPEN", "yes"),
        ("GATEWAY_LOG_LEVEL", "loud"), ("GATEWAY_LOG_FORMAT", "xml"),
        ("GATEWAY_TRUSTED_PROXIES", "10.0.0.0/33"), ("GATEWAY_TLS_CERT", "/x.pem"),
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
