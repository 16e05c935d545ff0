import AlertStorage
import Alerts
import EventLoop
import TLS

/// Changes the master key and the admin token, each so that the one before goes on to be accepted.
package enum SecretRotation {
    /// A master key that was changed.
    package struct ChangedKey: Sendable {
        /// The file that holds the key.
        package let path: String
        /// The file that holds the one before.
        package let previousPath: String
        /// What tells the key from others.
        package let fingerprint: String
        /// API keys that were sealed anew.
        package let resealedCount: Int
        /// Whether a change that was broken off was brought to its end, and no other key made.
        package let isResumed: Bool
    }

    /// An admin token that was changed.
    package struct ChangedToken: Sendable {
        /// The file that holds the token.
        package let path: String
        /// The file that holds the one before.
        package let previousPath: String
    }

    /// Changes the master key of an SQLite store that no gateway uses.
    ///
    /// The key's file is replaced first, with the old key beside it, then all is sealed anew: at
    /// each moment the two files open the store. Broken off, it is done again.
    /// - Parameters:
    ///   - configuration: Names the store and the key's file.
    ///   - newKey: The key to take, in base64; made if it is `nil`.
    /// - Returns: Which files hold the keys, and what was done.
    /// - Throws: A `ConfigurationError` when a gateway uses the store, or the key isn't in a file;
    ///   a `StoreError` when the store can't be sealed anew.
    package static func changeKey(
        _ configuration: Configuration, to newKey: String?
    ) throws -> ChangedKey {
        let variable = Setting.masterKey.variable
        let location = try configuration.sqliteLocation(
            "its gateways are given both keys, and the store is sealed anew by: key reseal")
        let files = StateFiles(configuration, beside: location)
        let lock = try files.lock()
        defer { withExtendedLifetime(lock) {} }
        guard let file = files.masterKeyFile else {
            throw ConfigurationError(
                variable,
                "holds the key itself; set it to the new key and "
                    + "\(Setting.previousMasterKey.variable) to the old one, then run: key reseal")
        }
        guard let text = try file.read() else {
            throw ConfigurationError(variable, "there is no file \(file.path)")
        }
        let key = try ConfigurationReader.masterKey(from: text, named: file.place)
        if let changed = try resume(file, key, location) { return changed }
        _ = try StoreSeal.state(of: location.path, masterKey: key, previousKey: nil)
        let newText = try newKey ?? Base64.encode(SecureRandom.secretBytes(for: variable))
        let next = try ConfigurationReader.masterKey(from: newText, named: "the new master key")
        guard next != key else {
            throw ConfigurationError(variable, "the new master key is the one in use")
        }
        try file.replace(text, with: newText)
        return try seal(location, file, next, key, isResumed: false)
    }

    /// Brings a change to its end that was broken off; `nil` when there is none.
    private static func resume(
        _ file: SecretFile, _ key: Secret, _ location: SQLiteLocation
    ) throws -> ChangedKey? {
        guard let text = try file.previous.read() else { return nil }
        let previous = try ConfigurationReader.masterKey(from: text, named: file.previous.place)
        // Broken off before the new key was in its place.
        guard previous != key else { return nil }
        let state = try StoreSeal.state(
            of: location.path, masterKey: key, previousKey: previous)
        guard state == .current else {
            return try seal(location, file, key, previous, isResumed: true)
        }
        throw ConfigurationError(
            file.variable,
            "\(file.previous.path) is there from an earlier change; move it to where the backups "
                + "are that were made before that, which need it, and run this again")
    }

    private static func seal(
        _ location: SQLiteLocation, _ file: SecretFile, _ key: Secret, _ previous: Secret,
        isResumed: Bool
    ) throws -> ChangedKey {
        let fingerprint = try StoreSeal.fingerprint(of: key)
        let entry = AuditEntry.ofOperator(.keyRotate, on: fingerprint)
        let outcome = try AuditTrail.$entry.withValue(entry) {
            try StoreSeal.reseal(location.path, masterKey: key, previousKey: previous)
        }
        return ChangedKey(
            path: file.path, previousPath: file.previous.path, fingerprint: fingerprint,
            resealedCount: outcome.resealedCount, isResumed: isResumed)
    }

    /// Seals all of the configured store anew with its master key.
    ///
    /// - Returns: How many API keys were sealed anew, how many had been already, and the key's
    ///   fingerprint.
    @LoopActor
    package static func reseal(
        _ configuration: Configuration
    ) async throws -> (resealedCount: Int, currentCount: Int, fingerprint: String) {
        let (outcome, fingerprint): (StoreSeal.Outcome, String)
        switch configuration.store {
        case .sqlite(let location):
            let files = StateFiles(configuration, beside: location)
            let lock = try files.lock()
            let key = try files.masterKeyToRead()
            let previousKey = try files.previousMasterKey()
            fingerprint = try StoreSeal.fingerprint(of: key)
            outcome = try AuditTrail.$entry.withValue(resealing(fingerprint)) {
                try StoreSeal.reseal(location.path, masterKey: key, previousKey: previousKey)
            }
            withExtendedLifetime(lock) {}
        case .postgres(let location):
            guard let masterKey = configuration.masterKey else {
                preconditionFailure("the reader of the configuration asks for it")
            }
            let previousKey = configuration.previousMasterKey
            fingerprint = try StoreSeal.fingerprint(of: masterKey)
            outcome = try await AuditTrail.$entry.withValue(resealing(fingerprint)) {
                try await StoreSeal.reseal(
                    location, masterKey: masterKey, previousKey: previousKey)
            }
        }
        return (outcome.resealedCount, outcome.currentCount, fingerprint)
    }

    private static func resealing(_ fingerprint: String) -> AuditEntry {
        .ofOperator(.keyReseal, on: fingerprint)
    }

    /// Changes the admin token in its file; a gateway takes both up when it starts.
    ///
    /// - Parameters:
    ///   - configuration: Names the store and the token's file.
    ///   - newToken: The token to take; made if it is `nil`.
    /// - Returns: Which files hold the tokens.
    /// - Throws: An error when the token isn't in a file, the new one can't be one, or the store
    ///   that is to tell of it can't be written.
    package static func changeToken(
        _ configuration: Configuration, to newToken: String?
    ) throws -> ChangedToken {
        let variable = Setting.adminToken.variable
        let location = try configuration.sqliteLocation(
            "give its gateways the new token as \(variable) and the old one as "
                + Setting.previousAdminToken.variable)
        guard let file = StateFiles(configuration, beside: location).adminTokenFile else {
            throw ConfigurationError(
                variable,
                "holds the token itself; set it to the new one, and "
                    + "\(Setting.previousAdminToken.variable) to the old one")
        }
        guard let text = try file.read() else {
            throw ConfigurationError(variable, "there is no file \(file.path)")
        }
        let token =
            if let newToken { newToken } else {
                Base64.encodeURL(try SecureRandom.secretBytes(for: variable))
            }
        _ = try ConfigurationReader.adminToken(from: token, named: "the new admin token")
        guard token != text else {
            throw ConfigurationError(variable, "the new admin token is the one in use")
        }
        if FileIO.exists(location.path) {
            // Before it is changed: an entry too many is better than one too few.
            try StoreAudit.append(.ofOperator(.adminTokenRotate), to: location.path)
        }
        try file.replace(text, with: token)
        return ChangedToken(path: file.path, previousPath: file.previous.path)
    }
}
