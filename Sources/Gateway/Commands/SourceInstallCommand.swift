import ArgumentParser
import EventLoop
import JSON

/// `source install-webhook`.
struct SourceInstallWebhook: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "install-webhook",
        abstract: "Show what BigPanda's Webhook v2 lacks to post to a source, or set it up.",
        discussion: """
            Changes nothing without --apply. Needs a key with the permissions Integrations and \
            Notifications. --apply makes a new secret for BigPanda; old ones work for a day. \
            AutoShare rules are not set up: BigPanda's API is not known to do that.

            Status 0 if everything is, or was set up, as it should be, else 1.
            """)

    @OptionGroup var client: ClientOptions
    @Argument(help: "The source's id.")
    var id: String
    @Flag(help: "Make the call that is shown.")
    var apply = false
    @Option(help: "What names the trigger in an event, if BigPanda told you; see docs/bigpanda.md.")
    var triggerKey: String?

    func run() throws {
        try LoopProgram.runClient { [self] () async throws(ClientError) in
            var members = [JSONTree.Member("apply", .bool(apply))]
            if let triggerKey { members.append(.init("trigger_key", .string(triggerKey))) }
            let answer = try await client.client().send(
                "POST", APIPath.one("sources", id, "/install-webhook"), .object(members))
            client.show(answer, Self.details)
            let isDone = answer["applied"]?.bool == true
            guard isDone || answer["differences"]?.array?.isEmpty == true else {
                throw ClientError("BigPanda's webhook is not as it should be.")
            }
        }
    }

    /// Prints what differs, and the call.
    static func details(_ answer: JSONTree) {
        let differences = answer["differences"]?.array ?? []
        guard !differences.isEmpty else {
            return Terminal.say("BigPanda's webhook is as it should be.")
        }
        for difference in differences {
            Terminal.say("- \(Terminal.plain(difference.string ?? "", width: 300))")
        }
        guard let request = answer["request"] else { return }
        let isDone = answer["applied"]?.bool == true
        Terminal.say(isDone ? "\nCalled BigPanda:" : "\nWith --apply BigPanda would be called:")
        Terminal.say("\(request.text("method")) \(request.text("path", width: 300))")
        Terminal.say((request["body"] ?? .null).pretty)
    }
}
