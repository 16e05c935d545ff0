import ArgumentParser
import GatewayApp

/// `token …`: the tokens of the admin API.
struct TokenCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "token",
        abstract: "Make, list and revoke named tokens, and change the admin token.",
        subcommands: [TokenCreate.self, TokenList.self, TokenRevoke.self, Rotate.self])

    struct Rotate: ParsableCommand {
        static let configuration = CommandConfiguration(
            commandName: "rotate",
            abstract: "Write a new admin token; it counts after the gateway's next start.",
            discussion: """
                The token's file gets the new token, and the old one is kept beside it as \
                FILE.previous. A gateway that starts accepts both, so that whoever uses the old \
                one has time to change; doctor says when that last happened. Remove FILE.previous \
                and start the gateway again, and the old one is no more.

                Where the token is not in a file beside the store, set GATEWAY_ADMIN_TOKEN to the \
                new one and GATEWAY_ADMIN_TOKEN_PREVIOUS to the old one instead.
                """)

        @Option(
            help: """
                The store: sqlite:PATH. (GATEWAY_STORE; default: sqlite:./data/gateway.db)
                """)
        var store: String?

        @Option(
            help: """
                The file with the admin token. (GATEWAY_ADMIN_TOKEN_FILE; default: beside the \
                store)
                """)
        var adminTokenFile: String?

        @Option(help: "A file with the new token; one is made without it.")
        var newTokenFile: String?

        func run() throws {
            try StoreOptions.run {
                var values: [Setting: String] = [:]
                values[.store] = store
                var files: [String: String] = [:]
                files[Setting.adminToken.fileVariable] = adminTokenFile
                let settings = ServeOptions.Settings(values: values, files: files)
                let newToken = try newTokenFile.map { try SecretInput.read("new token", file: $0) }
                let changed = try SecretRotation.changeToken(
                    try ServeOptions.read(settings), to: newToken)
                Terminal.say(
                    """
                    \(changed.path): holds a new admin token; the old one is kept as \
                    \(changed.previousPath)
                    Restart the gateway: it then accepts both. Remove the old one's file and \
                    restart again once doctor says that nobody uses it.
                    """)
            }
        }
    }
}
