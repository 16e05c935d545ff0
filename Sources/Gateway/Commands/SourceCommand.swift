import ArgumentParser
import EventLoop
import JSON

/// `source …`: webhook endpoints.
struct SourceCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "source",
        abstract: "Make and look after the webhook endpoints that BigPanda posts to.",
        subcommands: [
            SourceCreate.self, SourceList.self, SourceShow.self, SourceChange.self,
            SourceRotate.self, SourceInstallWebhook.self, SourceRemove.self,
        ])

    /// Prints what to enter in BigPanda; the secret is shown this once.
    static func setUp(_ source: JSONTree) {
        Terminal.say("Source        \(source.text("id"))  \(source.text("name"))")
        Terminal.say("Callback URL  \(source.text("callback_url", width: 2000))")
        Terminal.say("HTTP header   Authorization: Bearer \(source.text("secret", width: 200))")
        Terminal.say("")
        Terminal.say("The secret is not shown again. In BigPanda: Integrations, New Integration,")
        Terminal.say("Webhook; enter the URL and the header, then share incidents with it by an")
        Terminal.say("AutoShare rule.")
    }
}

/// `source create`.
struct SourceCreate: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "create", abstract: "Make a webhook endpoint; its secret is shown once.")
    @OptionGroup var client: ClientOptions
    @Option(help: "What to call the source.")
    var name: String
    @Option(help: "The id of the integration whose incidents come in through it.")
    var integration: String

    func run() throws {
        try LoopProgram.runClient { [self] () async throws(ClientError) in
            let answer = try await client.client().send(
                "POST", "/v1/sources",
                ["name": .string(name), "integration_id": .string(integration)])
            client.show(answer, SourceCommand.setUp)
        }
    }
}

/// `source list`.
struct SourceList: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "list", abstract: "List all sources and when they were last used.")
    @OptionGroup var client: ClientOptions
    @OptionGroup var page: PageOptions

    func run() throws {
        try LoopProgram.runClient { [self] () async throws(ClientError) in
            let answer = try await client.client().send("GET", APIPath.list("sources", page.query))
            client.show(answer) { answer in
                Terminal.table(
                    ["ID", "NAME", "ENABLED", "DELIVERIES", "LAST DELIVERY", "CALLBACK URL"],
                    answer.items.map { item in
                        [
                            item.text("id"), item.text("name"),
                            item["enabled"]?.bool == true ? "yes" : "no",
                            "\(item["delivery_count"]?.int64 ?? 0)",
                            item.text("last_delivery_at", or: "never"),
                            item.text("callback_url", width: 2000),
                        ]
                    })
            }
        }
    }
}

/// `source rotate`.
struct SourceRotate: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "rotate",
        abstract: "Make a new secret; the old one works until the overlap ends.")
    @OptionGroup var client: ClientOptions
    @Argument(help: "The source's id.")
    var id: String
    @Option(help: "Seconds for which the old secret still works.")
    var overlapSeconds: Int64 = 86_400

    func run() throws {
        try LoopProgram.runClient { [self] () async throws(ClientError) in
            let answer = try await client.client().send(
                "POST", APIPath.one("sources", id, "/rotate-secret"),
                ["overlap_seconds": .integer(overlapSeconds)])
            client.show(answer, SourceCommand.setUp)
        }
    }
}

/// `source remove`.
struct SourceRemove: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "remove",
        abstract: "Take a source out of use; its alerts stay, and closes they owe are still made.")
    @OptionGroup var client: ClientOptions
    @Argument(help: "The source's id.")
    var id: String

    func run() throws {
        try LoopProgram.runClient { [self] () async throws(ClientError) in
            try await client.client().send("DELETE", APIPath.one("sources", id))
            if !client.json { Terminal.say("Removed.") }
        }
    }
}
