import TLS

extension ConfigurationReader {
    /// Reads the secrets, and where they come from.
    func readSecrets(into configuration: inout Configuration) throws(ConfigurationError) {
        configuration.adminToken = try token(.adminToken)
        configuration.previousAdminToken = try token(.previousAdminToken)
        configuration.masterKey = try key(.masterKey)
        configuration.previousMasterKey = try key(.previousMasterKey)
        if configuration.adminToken != nil {
            configuration.adminTokenFile = filePath(of: .adminToken)
        }
        if configuration.masterKey != nil {
            configuration.masterKeyFile = filePath(of: .masterKey)
        }
    }

    private func token(_ setting: Setting) throws(ConfigurationError) -> Secret? {
        guard let text = try value(setting) else { return nil }
        return try Self.adminToken(from: text, named: setting.variable)
    }

    private func key(_ setting: Setting) throws(ConfigurationError) -> Secret? {
        guard let text = try value(setting) else { return nil }
        return try Self.masterKey(from: text, named: setting.variable)
    }

    /// Checks an admin token.
    ///
    /// - Throws: An error that names `place`, where the text came from.
    static func adminToken(
        from text: String, named place: String
    ) throws(ConfigurationError) -> Secret {
        let isVisible = text.utf8.allSatisfy { (0x21...0x7e).contains($0) }
        guard isVisible, (16...512).contains(text.utf8.count) else {
            throw ConfigurationError(
                place, "must be 16 to 512 visible ASCII characters without blanks")
        }
        return Secret(text)
    }

    /// Decodes a master key, 32 bytes in base64.
    ///
    /// - Throws: An error that names `place`, where the text came from.
    static func masterKey(
        from text: String, named place: String
    ) throws(ConfigurationError) -> Secret {
        guard var bytes = Base64.decode(text), bytes.count == AEAD.keyBytesCount else {
            throw ConfigurationError(
                place, "must be 32 bytes in base64; \"openssl rand -base64 32\" makes one")
        }
        return Secret(wiping: &bytes)
    }
}
