import ArgumentParser
import EventLoop
import GatewayApp

/// The program: reads the command line and runs the command.
@main
enum Gateway {
    static func main() {
        // Before anything secret is read.
        ProcessMemory.keepToItself()
        do {
            var command = try GatewayCommand.parseAsRoot()
            try command.run()
        } catch {
            GatewayCommand.exit(withError: error)
        }
    }
}

/// `bigpanda-gateway`, with everything it can do.
struct GatewayCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "bigpanda-gateway",
        abstract: "Brings BigPanda incidents in as alerts, and closes them when they are resolved.",
        discussion: """
            First steps:
              demo                   see an incident's life, no BigPanda needed
              serve                  run the gateway
              integration connect    connect a BigPanda organisation
              source create          make the webhook to enter in BigPanda
              doctor                 find out what is wrong, and what to do

            Commands that talk to a running gateway find it by --url and --token-file, or by the \
            variables GATEWAY_URL and GATEWAY_ADMIN_TOKEN_FILE. Without them they try \
            http://127.0.0.1:8080 and ./data/admin-token.
            """,
        version: "bigpanda-gateway \(Version.current)",
        subcommands: [
            ServeCommand.self, DemoCommand.self, StubCommand.self, IntegrationCommand.self,
            SourceCommand.self, AlertCommand.self, CloseCommand.self, DeliveryCommand.self,
            EndpointCommand.self, DoctorCommand.self, HealthcheckCommand.self, BackupCommand.self,
            RestoreCommand.self,
            MigrateCommand.self, KeyCommand.self, TokenCommand.self, AuditCommand.self,
            ConfigCommand.self, OpenAPICommand.self, VersionCommand.self,
        ])
}
