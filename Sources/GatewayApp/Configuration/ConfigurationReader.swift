import AlertStorage
import Alerts
import EventLoop
import HTTPServer
import TLS

/// Turns flags, environment variables and files into a `Configuration`, or says what is wrong.
package struct ConfigurationReader {
    private let flags: [Setting: String]
    private let environment: (String) -> String?
    private let readFile: (String) -> Result<String, FileProblem>

    /// Why a `*_FILE` could not be read, in words.
    package struct FileProblem: Error, Sendable {
        let reason: String

        /// Takes the reason.
        package init(_ reason: String) {
            self.reason = reason
        }
    }

    /// Reads from the given places; a flag beats a variable, which beats the default.
    package init(
        flags: [Setting: String], environment: @escaping (String) -> String?,
        readFile: @escaping (String) -> Result<String, FileProblem>
    ) {
        self.flags = flags
        self.environment = environment
        self.readFile = readFile
    }

    /// Checks everything.
    ///
    /// - Throws: The first problem found.
    package func read() throws(ConfigurationError) -> Configuration {
        var configuration = Configuration()
        try readListeners(into: &configuration)
        try readStore(into: &configuration)
        try readSecrets(into: &configuration)
        try checkSharing(configuration)
        configuration.maxBodyBytes = try integer(
            .maxBodyBytes, in: SettingBounds.maxBodyBytes, default: configuration.maxBodyBytes)
        configuration.retentionDays = try integer(
            .retentionDays, in: SettingBounds.retentionDays, default: configuration.retentionDays)
        configuration.journalBytes = try integer(
            .journalBytes, in: SettingBounds.journalBytes, default: configuration.journalBytes)
        let seconds = Int(configuration.reconcileInterval.components.seconds)
        configuration.reconcileInterval = .seconds(
            try integer(
                .reconcileSeconds, in: SettingBounds.reconcileSeconds, default: seconds))
        configuration.webhookAddresses = try webhookAddresses()
        configuration.isMetricsOpen = try isOn(.metricsOpen)
        configuration.logLevel = try choice(.logLevel) ?? configuration.logLevel
        configuration.logFormat = try choice(.logFormat)
        return configuration
    }

    private func readListeners(into configuration: inout Configuration) throws(ConfigurationError) {
        if let address = try address(.listen) { configuration.listen = address }
        configuration.adminListen = try address(.adminListen)
        if let admin = configuration.adminListen, admin == configuration.listen {
            throw ConfigurationError(
                Setting.adminListen.variable,
                "is the same address as \(Setting.listen.variable); leave it unset to serve both "
                    + "from one listener")
        }
        if let url = try value(.publicURL) {
            configuration.publicURL = try Self.checkedURL(url)
        }
        configuration.tls = try readTLS()
        configuration.trustedProxies = try ranges(.trustedProxies)
    }

    private func webhookAddresses() throws(ConfigurationError) -> AddressPolicy {
        if try value(.webhookAllowPrivate) == "true" { return .all }
        return AddressPolicy(allowing: try ranges(.webhookAllowPrivate))
    }

    private func ranges(_ setting: Setting) throws(ConfigurationError) -> [AddressRange] {
        var ranges: [AddressRange] = []
        for part in (try value(setting) ?? "").split(whereSeparator: { ", ".contains($0) }) {
            guard let range = AddressRange(String(part)) else {
                throw ConfigurationError(
                    setting.variable, "\"\(part)\" is no address range such as 10.0.0.0/8")
            }
            ranges.append(range)
        }
        return ranges
    }

    private func readStore(into configuration: inout Configuration) throws(ConfigurationError) {
        guard let store = try value(.store) else { return }
        guard !store.hasPrefix("postgres") else {
            configuration.store = .postgres(try postgres(store))
            return
        }
        let path = store.dropFirst("sqlite:".count)
        guard store.hasPrefix("sqlite:"), !path.isEmpty, !path.hasSuffix("/") else {
            throw ConfigurationError(
                Setting.store.variable,
                "must be sqlite:PATH, such as sqlite:./gateway.db, or "
                    + "postgres://USER:PASSWORD@HOST/DATABASE")
        }
        configuration.store = .sqlite(SQLiteLocation(path: String(path)))
    }

    /// Reads a PostgreSQL address; it may hold a password, so nothing of it is repeated.
    private func postgres(_ text: String) throws(ConfigurationError) -> PostgresLocation {
        let variable = Setting.store.variable
        guard text.hasPrefix("postgres://") || text.hasPrefix("postgresql://") else {
            throw ConfigurationError(variable, "must begin with postgres:// or postgresql://")
        }
        do throws(StoreError) {
            let location = try PostgresLocation(text)
            guard !location.hasPassword || flags[.store] == nil else {
                throw StoreError(
                    .other,
                    "a password among the arguments can be seen by everybody on the machine; "
                        + "leave --store away and set the variable, or --store-file")
            }
            return location
        } catch {
            throw ConfigurationError(variable, error.message)
        }
    }

    /// What lies beside an SQLite store has to be given where several gateways share a store.
    private func checkSharing(_ configuration: Configuration) throws(ConfigurationError) {
        guard case .postgres = configuration.store else { return }
        let needed = [
            (Setting.masterKey, configuration.masterKey, "openssl rand -base64 32"),
            (Setting.adminToken, configuration.adminToken, "openssl rand -hex 32"),
        ]
        for (setting, value, command) in needed where value == nil {
            throw ConfigurationError(
                setting.variable,
                "is needed with a PostgreSQL store, the same for every gateway on it; "
                    + "\"\(command)\" makes one")
        }
    }

    private static func checkedURL(_ url: String) throws(ConfigurationError) -> String {
        var trimmed = url
        while trimmed.hasSuffix("/") { trimmed.removeLast() }
        let afterScheme =
            trimmed.hasPrefix("https://")
            ? trimmed.dropFirst(8) : trimmed.hasPrefix("http://") ? trimmed.dropFirst(7) : ""
        let isClean = afterScheme.utf8.allSatisfy {
            (0x21...0x7e).contains($0) && !"?#\"<>\\@".utf8.contains($0)
        }
        guard isClean, let first = afterScheme.first, first != "/", first != ":" else {
            throw ConfigurationError(
                Setting.publicURL.variable,
                "must be http:// or https:// with a host, without query or user, such as "
                    + "https://gateway.example.org")
        }
        return trimmed
    }

    private func address(_ setting: Setting) throws(ConfigurationError) -> ListenAddress? {
        guard let text = try value(setting) else { return nil }
        guard let address = ListenAddress(text) else {
            throw ConfigurationError(
                setting.variable,
                "\"\(text)\" is no address; use HOST:PORT, [IPV6]:PORT or unix:/path")
        }
        if case .tcp(let host, _) = address, IPAddress.bytes(of: host) == nil {
            throw ConfigurationError(
                setting.variable,
                "\"\(host)\" is no IP address; use one, such as 127.0.0.1 or [::]")
        }
        return address
    }

    private func integer(
        _ setting: Setting, in range: ClosedRange<Int>, default standard: Int
    ) throws(ConfigurationError) -> Int {
        guard let text = try value(setting) else { return standard }
        guard let number = Int(text), range.contains(number) else {
            throw ConfigurationError(
                setting.variable,
                "\"\(text)\" is no whole number from \(range.lowerBound) to \(range.upperBound)")
        }
        return number
    }

    private func isOn(_ setting: Setting) throws(ConfigurationError) -> Bool {
        switch try value(setting) {
        case nil, "0": return false
        case "1": return true
        case let text?:
            throw ConfigurationError(setting.variable, "\"\(text)\" is neither 1 nor 0")
        }
    }

    private func choice<Choice: RawRepresentable<String> & CaseIterable>(
        _ setting: Setting
    ) throws(ConfigurationError) -> Choice? {
        guard let text = try value(setting) else { return nil }
        if let choice = Choice(rawValue: text.lowercased()) { return choice }
        let known = Choice.allCases.map(\.rawValue).joined(separator: ", ")
        throw ConfigurationError(setting.variable, "\"\(text)\" is none of \(known)")
    }

    /// The file that a setting's value comes from, if it comes from one.
    func filePath(of setting: Setting) -> String? {
        environment(setting.fileVariable).flatMap { $0.isEmpty ? nil : $0 }
    }

    /// The text of a setting; an empty one counts as unset, as container files often leave it.
    func value(_ setting: Setting) throws(ConfigurationError) -> String? {
        if let flag = flags[setting], !flag.isEmpty { return flag }
        let direct = environment(setting.variable).flatMap { $0.isEmpty ? nil : $0 }
        guard let path = filePath(of: setting) else { return direct }
        guard direct == nil else {
            throw ConfigurationError(
                setting.fileVariable, "\(setting.variable) is set as well; unset one of them")
        }
        switch readFile(path) {
        case .failure(let problem):
            throw ConfigurationError(setting.fileVariable, problem.reason)
        case .success(let text):
            let line = text.split(whereSeparator: \.isNewline).first.map(String.init) ?? ""
            guard !line.isEmpty else {
                throw ConfigurationError(setting.fileVariable, "the file \(path) is empty")
            }
            return line
        }
    }
}
