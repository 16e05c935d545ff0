package import EventLoop
package import TLS

/// The secrets kept in files beside an SQLite store: read when there, made when not.
package struct StateFiles {
    private let configuration: Configuration
    private let location: SQLiteLocation
    /// Longer than any token or key that is accepted.
    private static let fileBytesMax = 4096

    /// Works in the store's directory; what the configuration names comes before files.
    package init(_ configuration: Configuration, beside location: SQLiteLocation) {
        self.configuration = configuration
        self.location = location
    }

    /// Makes the store's directory, for its owner alone, unless it is there.
    package func makeDirectory() throws(ConfigurationError) {
        let path = location.directory
        do throws(FileError) {
            try FileIO.makeDirectory(path)
        } catch {
            guard !error.isAlreadyThere else { return }
            throw ConfigurationError(
                Setting.store.variable, "the directory of the store can't be made: \(error)")
        }
    }

    /// Keeps a second gateway off the same store: two would make each close twice.
    package func lock() throws(ConfigurationError) -> FileLock {
        let path = location.path + ".lock"
        do throws(FileError) {
            return try FileLock(path)
        } catch {
            throw ConfigurationError(
                Setting.store.variable,
                error.isTaken
                    ? "another gateway uses \(location.path); stop it first"
                    : "the store can't be locked: \(error)")
        }
    }

    /// The master key: as configured, from its file, or made.
    ///
    /// None is made when the store exists already: it could not open what another key sealed.
    package func masterKey() throws(ConfigurationError) -> Secret {
        if let key = configuration.masterKey { return key }
        let path = location.masterKeyPath
        let variable = Setting.masterKey.variable
        if let text = try read(path, variable) {
            return try ConfigurationReader.masterKey(from: text, named: "\(variable) (\(path))")
        }
        guard !FileIO.exists(location.path) else {
            throw ConfigurationError(
                variable,
                "the store \(location.path) exists, but not the key it is sealed with; "
                    + "restore \(path) or set \(variable)")
        }
        var bytes = try random(variable)
        try write(Base64.encode(bytes) + "\n", to: path, variable)
        return Secret(wiping: &bytes)
    }

    /// The master key that is there: as configured, or from its file; none is made.
    package func masterKeyToRead() throws(ConfigurationError) -> Secret {
        if let key = configuration.masterKey { return key }
        let path = location.masterKeyPath
        let variable = Setting.masterKey.variable
        guard let text = try read(path, variable) else {
            throw ConfigurationError(
                variable,
                "the key that the backup's API keys are sealed with is needed; "
                    + "put it back to \(path) or set \(variable)")
        }
        return try ConfigurationReader.masterKey(from: text, named: "\(variable) (\(path))")
    }

    /// The admin token: as configured, from its file, or made.
    ///
    /// - Returns: The token, and the path of its file unless it was configured.
    package func adminToken() throws(ConfigurationError) -> (token: Secret, path: String?) {
        if let token = configuration.adminToken { return (token, nil) }
        let path = location.adminTokenPath
        let variable = Setting.adminToken.variable
        if let text = try read(path, variable) {
            guard text.utf8.count >= 16 else {
                throw ConfigurationError(
                    variable, "the token in \(path) is too short; remove the file to get another")
            }
            return (Secret(text), path)
        }
        let token = Base64.encodeURL(try random(variable))
        try write(token + "\n", to: path, variable)
        return (Secret(token), path)
    }

    private func random(_ variable: String) throws(ConfigurationError) -> [UInt8] {
        do throws(CryptoError) {
            return try SecureRandom.bytes(32)
        } catch {
            throw ConfigurationError(variable, "the system gave no randomness; set it by hand")
        }
    }

    /// The first line of a file; `nil` when there is none.
    private func read(
        _ path: String, _ variable: String
    ) throws(ConfigurationError) -> String? {
        do throws(FileError) {
            let bytes = try FileIO.read(path, bytesMax: Self.fileBytesMax)
            let line = bytes.prefix { $0 != UInt8(ascii: "\n") && $0 != UInt8(ascii: "\r") }
            return String(decoding: line, as: UTF8.self)
        } catch {
            guard !error.isNotFound else { return nil }
            throw ConfigurationError(variable, "its file can't be read: \(error)")
        }
    }

    private func write(
        _ text: String, to path: String, _ variable: String
    ) throws(ConfigurationError) {
        do throws(FileError) {
            try FileIO.create(path, containing: Array(text.utf8))
        } catch {
            throw ConfigurationError(variable, "its file can't be written: \(error)")
        }
    }
}
