import ArgumentParser
import GatewayApp

/// `version`.
struct VersionCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "version", abstract: "Print the version.")
    @Flag(help: "Print JSON.")
    var json = false

    func run() {
        Terminal.say(
            json ? "{\"version\":\"\(Version.current)\"}" : "bigpanda-gateway \(Version.current)")
    }
}
