import ArgumentParser
import EventLoop
import GatewayApp
import JSON

/// `healthcheck`: for container health checks.
struct HealthcheckCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "healthcheck",
        abstract: "Ask the gateway on this machine whether it is ready; status 1 unless it is.",
        discussion: """
            Finds it by --url, GATEWAY_URL or GATEWAY_LISTEN, in this order; by \
            GATEWAY_ADMIN_LISTEN where clients of the public listener need a certificate.
            """)

    @Option(help: "The gateway's address, or unix:/path.")
    var url: String?

    /// The address to ask: a container has the listener's address in its environment.
    ///
    /// - Throws: An error where that lets nobody in without a certificate, and there is no other.
    static func address(_ url: String?) throws(ClientError) -> String {
        if let url = url ?? ProcessEnvironment.value("GATEWAY_URL") { return url }
        guard isSet("GATEWAY_TLS_CLIENT_CA") else {
            let scheme = isSet("GATEWAY_TLS_CERT") ? "https" : "http"
            return address("GATEWAY_LISTEN", scheme)
        }
        guard isSet("GATEWAY_ADMIN_LISTEN") else {
            throw ClientError(
                "Clients of the public listener need a certificate (GATEWAY_TLS_CLIENT_CA): set "
                    + "GATEWAY_ADMIN_LISTEN, and ask there.")
        }
        return address("GATEWAY_ADMIN_LISTEN", "http")
    }

    private static func isSet(_ variable: String) -> Bool {
        ProcessEnvironment.value(variable).map { !$0.isEmpty } ?? false
    }

    private static func address(_ variable: String, _ scheme: String) -> String {
        guard let text = ProcessEnvironment.value(variable), let listen = ListenAddress(text)
        else { return "\(scheme)://127.0.0.1:8080" }
        switch listen {
        case .tcp("0.0.0.0", let port): return "\(scheme)://127.0.0.1:\(port)"
        case .tcp("::", let port): return "\(scheme)://[::1]:\(port)"
        case .tcp, .unix: break
        }
        return text.hasPrefix("unix:") ? text : "\(scheme)://\(listen)"
    }

    /// Whether the address is the listener of this machine's own gateway, whose certificate names
    /// the machine by another name than the address.
    private var isOwnListener: Bool { url == nil && ProcessEnvironment.value("GATEWAY_URL") == nil }

    func run() throws {
        try LoopProgram.runClient { [self] () async throws(ClientError) in
            let client = try GatewayClient(
                url: try Self.address(url), token: nil, checksCertificate: !isOwnListener)
            let answer = try await client.exchange("GET", "/readyz")
            guard answer.status == 200 else {
                throw ClientError(
                    "Not ready (\(answer.status)): \(Terminal.plain(answer.text, width: 500))")
            }
            Terminal.say("ready")
        }
    }
}
