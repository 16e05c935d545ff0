import EventLoop
import FuzzDriver
import GatewayApp
import TLS

/// What libFuzzer calls.
@_cdecl("LLVMFuzzerTestOneInput")
public func takeInput(_ bytes: UnsafePointer<UInt8>?, _ count: Int) -> Int32 {
    unsafe FuzzDriver.run(bytes, count) { FuzzConfiguration.check($0) }
}

/// Settings from flags, variables and files.
///
/// The input's lines are `NAME=value` for a variable, `--NAME=value` for a flag and `/path=value`
/// for a file that `NAME_FILE` can name; `\n` in a value stands for a line's end.
enum FuzzConfiguration {
    static func check(_ input: [UInt8]) {
        let places = Places(input)
        let reader = ConfigurationReader(
            flags: places.flags, environment: { places.variables[$0] },
            readFile: { path in
                places.files[path].map { .success($0) } ?? .failure(.init("no such file"))
            })
        do throws(ConfigurationError) {
            check(try reader.read())
        } catch {
            check(error, places)
        }
    }

    private struct Places {
        var flags: [Setting: String] = [:]
        var variables: [String: String] = [:]
        var files: [String: String] = [:]

        init(_ input: [UInt8]) {
            for line in input.split(separator: UInt8(ascii: "\n")) {
                let parts = line.split(
                    separator: UInt8(ascii: "="), maxSplits: 1, omittingEmptySubsequences: false)
                guard parts.count == 2 else { continue }
                let name = String(decoding: parts[0], as: UTF8.self)
                let value = FuzzConfiguration.unescaped(String(decoding: parts[1], as: UTF8.self))
                if name.hasPrefix("/") {
                    files[name] = value
                } else if let setting = Setting(rawValue: String(name.dropFirst(2))) {
                    if name.hasPrefix("--") { flags[setting] = value }
                } else {
                    variables[name] = value
                }
            }
        }

        /// What stands where a secret is expected and nowhere else.
        var secrets: [String] {
            var (secrets, others): ([String], [String]) = ([], [])
            for setting in Setting.allCases {
                let file = variables[setting.fileVariable]
                let values = [
                    flags[setting], variables[setting.variable], file.flatMap { files[$0] },
                ]
                // An address in the store's place may hold a password.
                if setting.isSecret || setting == .store {
                    secrets += values.compactMap(\.self)
                    others += [file].compactMap(\.self)
                } else {
                    others += (values + [file]).compactMap(\.self)
                }
            }
            return secrets.filter { secret in !others.contains { $0.contains(secret) } }
        }
    }

    private static func unescaped(_ text: String) -> String {
        text.split(separator: "\\n", omittingEmptySubsequences: false).joined(separator: "\n")
    }

    private static func check(_ configuration: Configuration) {
        promise((1024...268_435_456).contains(configuration.maxBodyBytes), "body")
        promise((1...36_500).contains(configuration.retentionDays), "retention")
        promise((1_048_576...(1 << 50)).contains(configuration.journalBytes), "journal")
        let interval = configuration.reconcileInterval
        promise(interval >= .seconds(1) && interval <= .seconds(86_400), "reconcile")
        switch configuration.store {
        case .sqlite(let location): promise(!location.path.isEmpty, "a path for the store")
        case .postgres:
            promise(configuration.masterKey != nil, "a master key that can be shared")
            promise(configuration.adminToken != nil, "an admin token that can be shared")
        }
        promise(configuration.adminListen != configuration.listen, "two listeners, two addresses")
        for address in [configuration.listen, configuration.adminListen].compactMap(\.self) {
            promise(ListenAddress("\(address)") == address, "\(address) reads back")
        }
        if let url = configuration.publicURL {
            promise(!url.hasSuffix("/"), "a path can be appended to \(url)")
            promise(url.utf8.allSatisfy { (0x21...0x7e).contains($0) }, "a URL is visible ASCII")
        }
    }

    /// Source: the product's contract: one clear line that names the variable, and no secret.
    private static func check(_ error: ConfigurationError, _ places: Places) {
        let known = Setting.allCases.flatMap { [$0.variable, $0.fileVariable] }
        promise(known.contains(error.variable), "\(error.variable) is a setting")
        let line = "\(error)"
        promise(line.hasPrefix(error.variable), "the line begins with the variable")
        let isPlain = line.unicodeScalars.allSatisfy { $0.value >= 0x20 && $0.value != 0x7f }
        promise(isPlain, "one line without control characters")
        // Short ones may stand in the line by chance.
        for secret in places.secrets where secret.utf8.count >= 24 {
            promise(!line.contains(secret), "a secret in the line")
        }
    }
}
