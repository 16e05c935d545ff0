import Alerts
import ArgumentParser
import EventLoop
import GatewayApp
import JSON

/// `doctor`: what is wrong, and what to do about it.
struct DoctorCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "doctor",
        abstract: "Check configuration, files, clock, gateway and BigPanda; a line each.",
        discussion: """
            Reads the configuration from the environment as serve does, and asks the running \
            gateway about the rest. Status 1 if any check fails.
            """)

    @OptionGroup var client: ClientOptions

    func run() throws {
        try LoopProgram.run { [self] in
            let findings = await examine()
            if client.json {
                Terminal.say(JSONTree.array(findings.map(\.tree)).pretty)
            } else {
                for finding in findings { Terminal.say(finding.line) }
            }
            return findings.contains { !$0.isGood } ? 1 : 0
        }
    }

    /// One line of the report.
    struct Finding {
        let isGood: Bool
        /// Good enough for now, but somebody should look.
        var isWarning = false
        let subject: String
        let detail: String

        var line: String {
            "\(isGood ? isWarning ? "WARN " : "ok   " : "FAIL ") \(subject): \(detail)"
        }

        var tree: JSONTree {
            [
                "check": .string(subject), "ok": .bool(isGood), "warning": .bool(isWarning),
                "detail": .string(detail),
            ]
        }

        static func good(_ subject: String, _ detail: String) -> Finding {
            Finding(isGood: true, subject: subject, detail: detail)
        }

        static func bad(_ subject: String, _ detail: String) -> Finding {
            Finding(isGood: false, subject: subject, detail: detail)
        }
    }

    @LoopActor
    private func examine() async -> [Finding] {
        var findings = await configurationFindings()
        findings.append(Self.clock())
        do throws(ClientError) {
            let gateway = try GatewayClient(url: client.address, token: nil)
            findings += try await Self.health(gateway)
            let admin = try client.client()
            findings += try await Self.previousToken(admin)
            findings += try await Self.integrations(admin)
            findings += try await Self.status(admin)
        } catch {
            findings.append(.bad("gateway", error.message))
        }
        return findings
    }

    @LoopActor
    private func configurationFindings() async -> [Finding] {
        do throws(ConfigurationError) {
            let none = ServeOptions.Settings(values: [:], files: [:])
            let configuration = try ServeOptions.read(none)
            let examined =
                SecretsExamination.examine(configuration)
                + CertificateExamination.examine(configuration)
            let findings =
                [Finding.good("configuration", "every variable can be used")]
                + examined.map {
                    Finding(isGood: $0.isGood, subject: $0.subject, detail: $0.detail)
                }
            switch configuration.store {
            case .sqlite(let location): return findings + Self.files(location)
            case .postgres(let location):
                // The reader of the configuration asks for a key with such a store.
                guard let masterKey = configuration.masterKey else { return findings }
                let found = await StoreExamination.examine(
                    location, masterKey: masterKey, previousKey: configuration.previousMasterKey)
                return findings
                    + found.map {
                        Finding(isGood: $0.isGood, subject: $0.subject, detail: $0.detail)
                    }
            }
        } catch {
            return [.bad("configuration", "\(error)")]
        }
    }

    /// An SQLite store and the files beside it.
    private static func files(_ location: SQLiteLocation) -> [Finding] {
        var findings: [Finding] = [
            FileIO.exists(location.path)
                ? .good("store", "\(location.path) is there")
                : .good("store", "\(location.path) will be made in \(location.directory)")
        ]
        for path in [location.adminTokenPath, location.masterKeyPath] {
            guard let permissions = FileIO.permissions(of: path) else { continue }
            let isPrivate = permissions & 0o077 == 0
            findings.append(
                isPrivate
                    ? .good("file \(path)", "only its owner can read it")
                    : .bad("file \(path)", "others can read it; run: chmod 600 \(path)"))
        }
        return findings
    }

    /// Timestamps of closes and events are compared with BigPanda's.
    private static func clock() -> Finding {
        let now = WallClock.system.now
        let isPlausible = now.rfc3339 > "2025" && now.rfc3339 < "2100"
        return isPlausible
            ? .good("clock", "\(now.rfc3339)")
            : .bad("clock", "\(now.rfc3339) can't be right; set it, for instance by NTP")
    }

    @LoopActor
    private static func health(_ client: GatewayClient) async throws(ClientError) -> [Finding] {
        let live = try await client.exchange("GET", "/healthz")
        let ready = try await client.exchange("GET", "/readyz")
        return [
            live.status == 200
                ? .good("gateway", "it answers") : .bad("gateway", "it answered \(live.status)"),
            ready.status == 200
                ? .good("ready", "it takes webhooks")
                : .bad("ready", Terminal.plain(ready.text, width: 500)),
        ]
    }

    @LoopActor
    private static func integrations(
        _ client: GatewayClient
    ) async throws(ClientError) -> [Finding] {
        let list = try await client.send("GET", APIPath.list("integrations", [("limit", "500")]))
        var findings = [Finding.good("admin token", "the gateway accepts it")]
        guard !list.items.isEmpty else {
            let how = "none yet; run: bigpanda-gateway integration connect --help"
            return findings + [.bad("integrations", how)]
        }
        for item in list.items {
            let subject = "integration \(item.text("name"))"
            if let finding = keyExpiry(item) { findings.append(finding) }
            let checked = try await client.send(
                "POST", APIPath.one("integrations", item.text("id"), "/check"))
            let environments = checked["environments"]?.array?.count ?? 0
            let reason = checked.text("state_reason", width: 200)
            switch checked["state"]?.string {
            case "connected" where environments > 0:
                findings.append(.good(subject, "connected, \(environments) environment(s) seen"))
            case "connected":
                let detail =
                    "connected, but the key sees no environment; give its role "
                    + "Environments View and Incident Actions"
                findings.append(.bad(subject, detail))
            case "key_rejected":
                findings.append(.bad(subject, reason + " Run: integration replace-key"))
            case "key_forbidden":
                let how = " Give its role Environments View and Incident Actions."
                findings.append(.bad(subject, reason + how))
            case _:
                let how = " Check the base URL, route and proxy; closes wait until it answers."
                findings.append(.bad(subject, reason + how))
            }
        }
        return findings
    }
}
