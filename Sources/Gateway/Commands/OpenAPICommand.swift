import ArgumentParser
import GatewayApp
import JSON

/// `openapi`.
struct OpenAPICommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "openapi",
        abstract: "Print the OpenAPI document of the API.",
        discussion: "It is what a gateway serves at /openapi.json; none has to run.")

    func run() {
        Terminal.say(OpenAPIDocument.tree(isMetricsOpen: false).pretty)
    }
}
