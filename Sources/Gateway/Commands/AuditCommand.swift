import ArgumentParser
import EventLoop
import JSON

/// `audit …`: who did what.
struct AuditCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "audit", abstract: "See who changed what.", subcommands: [AuditList.self])
}

/// `audit list`.
struct AuditList: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "list", abstract: "List what was done, newest first.")
    @OptionGroup var client: ClientOptions
    @OptionGroup var page: PageOptions
    @Option(help: "Only this action, such as source.rotate_secret.")
    var action: String?
    @Option(help: "Only what was done to the thing with this id.")
    var object: String?
    @Option(help: "Only what was done under this name.")
    var actor: String?

    func run() throws {
        try LoopProgram.runClient { [self] () async throws(ClientError) in
            let filters = [("action", action), ("object_id", object), ("actor", actor)]
            let answer = try await client.client().send(
                "GET", APIPath.list("audit", filters + page.query))
            client.show(answer) { answer in
                Terminal.table(
                    ["AT", "WHO", "BY", "FROM", "ACTION", "OBJECT", "FIELDS", "OUTCOME"],
                    answer.items.map { item in
                        let actor = item["actor"] ?? .null
                        let fields = item["fields"]?.array?.compactMap(\.string) ?? []
                        return [
                            item.text("at"), actor.text("name"), actor.text("kind"),
                            actor.text("peer"), item.text("action"), item.text("object_id"),
                            Terminal.plain(fields.joined(separator: ", "), width: 60),
                            item.text("outcome"),
                        ]
                    })
                page.mention(answer)
            }
        }
    }
}
