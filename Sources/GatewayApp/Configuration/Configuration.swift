package import EventLoop
package import HTTPServer
package import TLS

/// Everything that an operator can decide, checked.
package struct Configuration: Sendable {
    /// Address of the public listener.
    package var listen = ListenAddress.tcp(host: "127.0.0.1", port: 8080)
    /// Address of the admin listener; `nil` when the public one serves everything.
    package var adminListen: ListenAddress?
    /// What callback URLs begin with, without a trailing slash; `nil` for the listener's address.
    package var publicURL: String?
    /// Where alerts are kept.
    package var store = StoreLocation.sqlite(SQLiteLocation(path: "./data/gateway.db"))
    /// The admin token; `nil` to use or make the file beside an SQLite store.
    package var adminToken: Secret?
    /// Another admin token that is accepted; `nil` to use the file beside the token's, if any.
    package var previousAdminToken: Secret?
    /// The file that the admin token was read from, if it was.
    package var adminTokenFile: String?
    /// The master key, 32 bytes; `nil` to use or make the file beside an SQLite store.
    package var masterKey: Secret?
    /// Another master key, which opens what it sealed; `nil` to use the file beside the key's.
    package var previousMasterKey: Secret?
    /// The file that the master key was read from, if it was.
    package var masterKeyFile: String?
    /// The files of TLS on the public listener; `nil` for plain HTTP.
    package var tls: TLSFiles?
    /// Proxies whose word about the peer's address is believed.
    package var trustedProxies: [AddressRange] = []
    /// The largest webhook body taken in, in bytes.
    package var maxBodyBytes = 8_388_608
    /// Resolved alerts are kept this many days.
    package var retentionDays = 90
    /// Bound of the deliveries journal, in bytes.
    package var journalBytes = 1_073_741_824
    /// How often a firing alert is read back.
    package var reconcileInterval = Duration.seconds(300)
    /// Which addresses webhooks may be posted to.
    package var webhookAddresses = AddressPolicy()
    /// Whether `/metrics` needs no token.
    package var isMetricsOpen = false
    /// The least serious message that is logged.
    package var logLevel = LogLevel.info
    /// How messages are written; `nil` for text on a terminal and JSON elsewhere.
    package var logFormat: LogFormat?

    /// The defaults.
    package init() {}
}

/// How serious a message is; the names are those of swift-log.
package enum LogLevel: String, Sendable, CaseIterable {
    /// Each step.
    case trace
    /// What helps to find a fault.
    case debug
    /// What an operator wants to know.
    case info
    /// What may need attention later.
    case notice
    /// What needs attention soon.
    case warning
    /// What has failed.
    case error
    /// What makes the process useless.
    case critical
}

/// How messages are written.
package enum LogFormat: String, Sendable, CaseIterable {
    /// For people.
    case text
    /// For programs: one object a line.
    case json
}
