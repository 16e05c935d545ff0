import ArgumentParser
import GatewayApp

/// `config …`: what can be set.
struct ConfigCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "config", abstract: "Tell what can be set.", subcommands: [Reference.self])

    struct Reference: ParsableCommand {
        static let configuration = CommandConfiguration(
            commandName: "reference",
            abstract: "Print every setting with what it may be, as a table in Markdown.")

        func run() {
            Terminal.say(SettingFacts.table)
        }
    }
}
