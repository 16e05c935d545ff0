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
        guard let text = ProcessEnvironment.value("GATEWAY_LISTEN"),
            let listen = ListenAddress(text)
        else { return "http://127.0.0.1:8080" }
        switch listen {
        case .tcp("0.0.0.0", let port): return "http://127.0.0.1:\(port)"
        case .tcp("::", let port): return "http://[::1]:\(port)"
        case .tcp, .unix: break
        }
        return text.hasPrefix("unix:") ? text : "http://\(listen)"
    }

    func run() throws {
        try LoopProgram.runClient { [self] () async throws(ClientError) in
            let client = try GatewayClient(url: Self.address(url), token: nil)
            let answer = try await client.exchange("GET", "/readyz")
            guard answer.status == 200 else {
                throw ClientError(
                    "Not ready (\(answer.status)): \(Terminal.plain(answer.text, width: 500))")
            }
            Terminal.say("ready")
        }
    }
}
