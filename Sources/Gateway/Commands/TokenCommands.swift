import ArgumentParser
import EventLoop
import JSON

/// `token create`.
struct TokenCreate: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "create", abstract: "Make a named token; it is shown once.",
        discussion: """
            A viewer may look at everything; an operator may also resolve alerts, retry and cancel \
            closes, replay deliveries and check keys; an admin may do everything. Who did what \
            stands in the audit log under the token's name.
            """)
    @OptionGroup var client: ClientOptions
    @Option(help: "Whose token it is, such as a person or a program.")
    var name: String
    @Option(help: "viewer, operator or admin.")
    var role: String

    func run() throws {
        try LoopProgram.runClient { [self] () async throws(ClientError) in
            let answer = try await client.client().send(
                "POST", "/v1/tokens", ["name": .string(name), "role": .string(role)])
            client.show(answer) { answer in
                Terminal.say("Token   \(answer.text("id"))  \(answer.text("name"))")
                Terminal.say("Role    \(answer.text("role"))")
                Terminal.say("Secret  \(answer.text("token", width: 200))")
                Terminal.say("")
                Terminal.say("The secret is not shown again.")
            }
        }
    }
}

/// `token list`.
struct TokenList: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "list", abstract: "List the named tokens and when they were last used.")
    @OptionGroup var client: ClientOptions
    @OptionGroup var page: PageOptions

    func run() throws {
        try LoopProgram.runClient { [self] () async throws(ClientError) in
            let answer = try await client.client().send("GET", APIPath.list("tokens", page.query))
            client.show(answer) { answer in
                Terminal.table(
                    ["ID", "NAME", "ROLE", "MADE", "LAST USED"],
                    answer.items.map { item in
                        [
                            item.text("id"), item.text("name"), item.text("role"),
                            item.text("created_at"), item.text("last_used_at", or: "never"),
                        ]
                    })
                page.mention(answer)
            }
        }
    }
}

/// `token revoke`.
struct TokenRevoke: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "revoke",
        abstract: "Revoke a named token; it and the sessions signed in with it end at once.")
    @OptionGroup var client: ClientOptions
    @Argument(help: "The token's id.")
    var id: String

    func run() throws {
        try LoopProgram.runClient { [self] () async throws(ClientError) in
            try await client.client().send("DELETE", APIPath.one("tokens", id))
            if !client.json { Terminal.say("Revoked.") }
        }
    }
}
