package import EventLoop
package import TLS

/// The secrets kept in files beside an SQLite store: read when there, made when not.
package struct StateFiles {
    private let configuration: Configuration
    private let location: SQLiteLocation

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
        if let key = try masterKeyIfThere() { return key }
        let file = file(location.masterKeyPath, .masterKey)
        guard !FileIO.exists(location.path) else {
            throw ConfigurationError(
                file.variable,
                "the store \(location.path) exists, but not the key it is sealed with; "
                    + "restore \(file.path) or set \(file.variable)")
        }
        var bytes = try SecureRandom.secretBytes(for: file.variable)
        try file.create(Base64.encode(bytes))
        return Secret(wiping: &bytes)
    }

    /// The master key that is there: as configured, or from its file; none is made.
    package func masterKeyToRead() throws(ConfigurationError) -> Secret {
        if let key = try masterKeyIfThere() { return key }
        let variable = Setting.masterKey.variable
        throw ConfigurationError(
            variable,
            "the key that the store's API keys are sealed with is needed; "
                + "put it back to \(location.masterKeyPath) or set \(variable)")
    }

    /// The master key as configured, or from its file; `nil` when there is none yet.
    func masterKeyIfThere() throws(ConfigurationError) -> Secret? {
        if let key = configuration.masterKey { return key }
        return try masterKey(in: file(location.masterKeyPath, .masterKey))
    }

    /// A key that opens what it sealed: as configured, or from the file beside the key's.
    func previousMasterKey() throws(ConfigurationError) -> Secret? {
        if let key = configuration.previousMasterKey { return key }
        guard let file = masterKeyFile else { return nil }
        return try masterKey(in: file.previous)
    }

    /// The file that holds the master key; `nil` when the variable itself does.
    var masterKeyFile: SecretFile? {
        if let path = configuration.masterKeyFile { return file(path, .masterKey) }
        guard configuration.masterKey == nil else { return nil }
        return file(location.masterKeyPath, .masterKey)
    }

    /// The admin token: as configured, from its file, or made.
    ///
    /// - Returns: The token, and the path of its file unless it was configured.
    package func adminToken() throws(ConfigurationError) -> (token: Secret, path: String?) {
        if let token = configuration.adminToken { return (token, nil) }
        let file = file(location.adminTokenPath, .adminToken)
        if let token = try adminToken(in: file) { return (token, file.path) }
        let text = Base64.encodeURL(try SecureRandom.secretBytes(for: file.variable))
        try file.create(text)
        return (Secret(text), file.path)
    }

    /// A token that is accepted as well: as configured, or from the file beside the token's.
    func previousAdminToken() throws(ConfigurationError) -> Secret? {
        if let token = configuration.previousAdminToken { return token }
        guard let file = adminTokenFile else { return nil }
        return try adminToken(in: file.previous)
    }

    /// The file that holds the admin token; `nil` when the variable itself does.
    var adminTokenFile: SecretFile? {
        if let path = configuration.adminTokenFile { return file(path, .adminToken) }
        guard configuration.adminToken == nil else { return nil }
        return file(location.adminTokenPath, .adminToken)
    }

    private func file(_ path: String, _ setting: Setting) -> SecretFile {
        SecretFile(path: path, variable: setting.variable)
    }

    private func masterKey(in file: SecretFile) throws(ConfigurationError) -> Secret? {
        guard let text = try file.read() else { return nil }
        return try ConfigurationReader.masterKey(from: text, named: file.place)
    }

    private func adminToken(in file: SecretFile) throws(ConfigurationError) -> Secret? {
        guard let text = try file.read() else { return nil }
        guard text.utf8.count >= 16 else {
            throw ConfigurationError(
                file.variable,
                "the token in \(file.path) is too short; remove the file to get another")
        }
        return Secret(text)
    }
}
