extension ConfigurationReader {
    /// The files of TLS; nil when the public listener speaks plain HTTP.
    func readTLS() throws(ConfigurationError) -> TLSFiles? {
        let certificate = try value(.tlsCertificate)
        let key = try value(.tlsKey)
        let authorities = try value(.tlsClientAuthorities)
        switch (certificate, key) {
        case (let certificate?, let key?):
            return TLSFiles(certificate: certificate, key: key, clientAuthorities: authorities)
        case (nil, nil):
            guard authorities == nil else {
                throw ConfigurationError(
                    Setting.tlsClientAuthorities.variable,
                    "needs \(Setting.tlsCertificate.variable) and \(Setting.tlsKey.variable)")
            }
            return nil
        case (_?, nil):
            throw ConfigurationError(
                Setting.tlsKey.variable, "is needed with \(Setting.tlsCertificate.variable)")
        case (nil, _?):
            throw ConfigurationError(
                Setting.tlsCertificate.variable, "is needed with \(Setting.tlsKey.variable)")
        }
    }
}
