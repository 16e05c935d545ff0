import ArgumentParser
import EventLoop
import JSON

/// `integration …`: connections to BigPanda organisations.
struct IntegrationCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "integration",
        abstract: "Connect BigPanda organisations and look after their API keys.",
        subcommands: [
            IntegrationConnect.self, IntegrationList.self, IntegrationCheck.self,
            IntegrationReplaceKey.self, IntegrationCanary.self, IntegrationRemove.self,
        ])

    /// Prints integrations as a table.
    static func table(_ integrations: [JSONTree]) {
        Terminal.table(
            ["ID", "NAME", "STATE", "KEY", "ENVIRONMENT", "BASE URL"],
            integrations.map { item in
                [
                    item.text("id"), item.text("name"), item.text("state"),
                    "…" + item.text("key_suffix"), item.text("environment_id", or: "by look-up"),
                    item.text("base_url"),
                ]
            })
    }

    /// Prints one integration, its environments included.
    static func details(_ integration: JSONTree) {
        table([integration])
        if let reason = integration["state_reason"]?.string {
            Terminal.say(Terminal.plain(reason, width: 200))
        }
        let environments = integration["environments"]?.array ?? []
        Terminal.say("\nEnvironments that the key sees: \(environments.count)")
        for environment in environments {
            Terminal.say("  \(environment.text("id"))  \(environment.text("name"))")
        }
    }
}

/// `integration connect`.
struct IntegrationConnect: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "connect",
        abstract: "Check an API key against BigPanda and store it if it is good.",
        discussion: """
            The key is read from standard input, or from --key-file; make one for a service \
            account whose role has Environments View and Incident Actions. Nothing is stored when \
            BigPanda refuses it.

              bigpanda-gateway integration connect --name prod --region us < key.txt
            """)

    @OptionGroup var client: ClientOptions
    @Option(help: "What to call the connection.")
    var name: String
    @Option(help: "us or eu; the address of BigPanda's API follows from it.")
    var region: String?
    @Option(help: "The address of BigPanda's API, instead of --region.")
    var baseURL: String?
    @Option(
        help: "Where to close incidents whose payload names no environment; looked up if left out.")
    var environmentID: String?
    @Option(help: "When the key ends, such as 2027-01-31T00:00:00Z.")
    var expires: String?
    @Option(help: "A file with the API key.")
    var keyFile: String?

    func validate() throws {
        guard (region == nil) != (baseURL == nil) else {
            throw ValidationError("Give either --region or --base-url.")
        }
    }

    func run() throws {
        try LoopProgram.runClient { [self] () async throws(ClientError) in
            let key = try SecretInput.read("API key", file: keyFile)
            var members = [JSONTree.Member("name", .string(name))]
            members.append(.init("api_key", .string(key)))
            if let region { members.append(.init("region", .string(region))) }
            if let baseURL { members.append(.init("base_url", .string(baseURL))) }
            if let environmentID { members.append(.init("environment_id", .string(environmentID))) }
            if let expires { members.append(.init("key_expires_at", .string(expires))) }
            let answer = try await client.client().send(
                "POST", "/v1/integrations", .object(members))
            client.show(answer, IntegrationCommand.details)
        }
    }
}

/// `integration list`.
struct IntegrationList: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "list", abstract: "List all connections and the state of their keys.")
    @OptionGroup var client: ClientOptions
    @OptionGroup var page: PageOptions

    func run() throws {
        try LoopProgram.runClient { [self] () async throws(ClientError) in
            let answer = try await client.client().send(
                "GET", APIPath.list("integrations", page.query))
            client.show(answer) { IntegrationCommand.table($0.items) }
        }
    }
}

/// `integration check`.
struct IntegrationCheck: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "check",
        abstract: "Check a stored key against BigPanda now; status 1 unless it is connected.")
    @OptionGroup var client: ClientOptions
    @Argument(help: "The integration's id.")
    var id: String

    func run() throws {
        try LoopProgram.runClient { [self] () async throws(ClientError) in
            let answer = try await client.client().send(
                "POST", APIPath.one("integrations", id, "/check"))
            client.show(answer, IntegrationCommand.details)
            guard answer["state"]?.string == "connected" else {
                throw ClientError("The integration is not connected.")
            }
        }
    }
}

/// `integration replace-key`.
struct IntegrationReplaceKey: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "replace-key",
        abstract: "Replace an API key; the old one stays unless BigPanda accepts the new one.")
    @OptionGroup var client: ClientOptions
    @Argument(help: "The integration's id.")
    var id: String
    @Option(help: "A file with the API key; default: standard input.")
    var keyFile: String?
    @Option(help: "When the new key ends, such as 2027-01-31T00:00:00Z; not known if left out.")
    var expires: String?

    func run() throws {
        try LoopProgram.runClient { [self] () async throws(ClientError) in
            let key = try SecretInput.read("API key", file: keyFile)
            // The old key's end says nothing of the new one's.
            let end = expires.map { JSONTree.string($0) } ?? .null
            let answer = try await client.client().send(
                "PATCH", APIPath.one("integrations", id),
                ["api_key": .string(key), "key_expires_at": end])
            client.show(answer, IntegrationCommand.details)
        }
    }
}

/// `integration remove`.
struct IntegrationRemove: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "remove",
        abstract: "Remove a connection and its key; its sources must be removed first.")
    @OptionGroup var client: ClientOptions
    @Argument(help: "The integration's id.")
    var id: String

    func run() throws {
        try LoopProgram.runClient { [self] () async throws(ClientError) in
            try await client.client().send("DELETE", APIPath.one("integrations", id))
            if !client.json { Terminal.say("Removed.") }
        }
    }
}
