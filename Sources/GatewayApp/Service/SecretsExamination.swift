import AlertStorage
import Alerts
import EventLoop
import TLS

/// What `doctor` says about the master keys.
package enum SecretsExamination {
    /// A line of the report.
    package typealias Finding = (isGood: Bool, subject: String, detail: String)

    /// Names the keys by their fingerprints, and which of them an SQLite store is sealed with.
    package static func examine(_ configuration: Configuration) -> [Finding] {
        do throws(StoreError) {
            switch configuration.store {
            case .sqlite(let location):
                let files = StateFiles(configuration, beside: location)
                guard
                    let key = try mapping({ () throws(ConfigurationError) in
                        try files.masterKeyIfThere()
                    })
                else { return [] }
                let previous = try mapping { () throws(ConfigurationError) in
                    try files.previousMasterKey()
                }
                return try judge(key, previous, location.path)
            case .postgres:
                guard let key = configuration.masterKey else { return [] }
                return try judge(key, configuration.previousMasterKey, nil)
            }
        } catch {
            return [(false, "master key", error.message)]
        }
    }

    private static func judge(
        _ key: Secret, _ previous: Secret?, _ path: String?
    ) throws(StoreError) -> [Finding] {
        let name = "fingerprint \(try StoreSeal.fingerprint(of: key))"
        var findings: [Finding] = []
        if let path, FileIO.exists(path) {
            let state = try StoreSeal.state(of: path, masterKey: key, previousKey: previous)
            findings.append(
                state == .current
                    ? (true, "master key", "\(name); the store is sealed with it")
                    : (
                        false, "master key",
                        "\(name); the store is still sealed with the previous one. Stop the "
                            + "gateway, and run: bigpanda-gateway key rotate"
                    ))
        } else {
            findings.append((true, "master key", name))
        }
        if let previous {
            let name = "fingerprint \(try StoreSeal.fingerprint(of: previous))"
            findings.append(
                (true, "previous master key", "\(name); it opens what it sealed, and seals nothing")
            )
        }
        return findings
    }

    private static func mapping<Result>(
        _ body: () throws(ConfigurationError) -> Result
    ) throws(StoreError) -> Result {
        do throws(ConfigurationError) {
            return try body()
        } catch {
            throw StoreError(.other, "\(error)")
        }
    }
}
