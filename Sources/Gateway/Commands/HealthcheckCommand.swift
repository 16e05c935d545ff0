import ArgumentParser
import EventLoop
import GatewayApp
import JSON

/// `healthcheck`: for container health checks.
struct HealthcheckCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "healthcheck",
        abstract: "Ask the gateway on this machine whether it is ready; status 1 unless it is.",
        discussion: "Finds it by --url, GATEWAY_URL or GATEWAY_LISTEN, in this order.")

    @Option(help: "The gateway's address, or unix:/path.")
    var url: String?

    /// The address to ask: a container has the listener's address in its environment.
    static func address(_ url: String?) -> String {
        if let url = url ?? ProcessEnvironment.value("GATEWAY_URL") { return url }
        let isTLS = ProcessEnvironment.value("GATEWAY_TLS_CERT").map { !$0.isEmpty } ?? false
        let scheme = isTLS ? "https" : "http"
        guard let text = ProcessEnvironment.value("GATEWAY_LISTEN"),
            let listen = ListenAddress(text)
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
                url: Self.address(url), token: nil, checksCertificate: !isOwnListener)
            let answer = try await client.exchange("GET", "/readyz")
            guard answer.status == 200 else {
                throw ClientError(
                    "Not ready (\(answer.status)): \(Terminal.plain(answer.text, width: 500))")
            }
            Terminal.say("ready")
        }
    }
}
