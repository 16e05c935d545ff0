import ArgumentParser
import EventLoop
import JSON

extension SourceCommand {
    /// Prints what is known of one source.
    static func details(_ source: JSONTree) {
        Terminal.say("Source         \(source.text("id"))  \(source.text("name"))")
        Terminal.say("Callback URL   \(source.text("callback_url", width: 2000))")
        Terminal.say("Enabled        \(source["enabled"]?.bool == true ? "yes" : "no")")
        Terminal.say("Deliveries     \(source["delivery_count"]?.int64 ?? 0)")
        Terminal.say("Last delivery  \(source.text("last_delivery_at", or: "never"))")
        Terminal.say("Quiet watch    \(quietWatch(source))")
    }

    /// Whether webhooks are missing, in words.
    private static func quietWatch(_ source: JSONTree) -> String {
        guard source["quiet_watch"]?.bool == true else { return "off" }
        guard let traffic = source["traffic"], traffic["state"] != nil else {
            return "on, but the source is switched off"
        }
        let days = traffic["days_learned"]?.int64 ?? 0
        switch traffic["state"]?.string {
        case "learning": return "on, learning (\(days) days of 14)"
        case "quiet":
            let (silent, missed) = (traffic["silent_spans"]?.int64, traffic["missed_spans"]?.int64)
            return "QUIET: \(missed ?? 0) of the last \(silent ?? 0) spans of ten minutes "
                + "usually bring a webhook"
        case _: return "on, nothing out of the ordinary"
        }
    }
}

/// `source show`.
struct SourceShow: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "show", abstract: "Show one source, and whether its webhooks stay away.")
    @OptionGroup var client: ClientOptions
    @Argument(help: "The source's id.")
    var id: String
    @Flag(help: "Ask BigPanda, too, whether a Webhook v2 of its posts as it should.")
    var webhook = false

    func run() throws {
        try LoopProgram.runClient { [self] () async throws(ClientError) in
            let client = try self.client.client()
            var answer = try await client.send("GET", APIPath.one("sources", id))
            if webhook {
                let plan = try await client.send(
                    "POST", APIPath.one("sources", id, "/install-webhook"), [:])
                answer = .object((answer.object ?? []) + [JSONTree.Member("webhook", plan)])
            }
            self.client.show(answer) { answer in
                SourceCommand.details(answer)
                guard let plan = answer["webhook"] else { return }
                Terminal.say()
                SourceInstallWebhook.details(plan)
            }
        }
    }
}

/// `source change`.
struct SourceChange: ParsableCommand {
    /// How switches are written.
    enum Switch: String, ExpressibleByArgument, CaseIterable {
        case on
        case off
    }

    static let configuration = CommandConfiguration(
        commandName: "change", abstract: "Rename a source, or switch it or its quiet watch.")
    @OptionGroup var client: ClientOptions
    @Argument(help: "The source's id.")
    var id: String
    @Option(help: "What to call the source from now on.")
    var name: String?
    @Option(help: "Whether webhooks are taken in: on or off.")
    var enabled: Switch?
    @Option(help: "Whether it is told when webhooks that usually come stay away: on or off.")
    var quietWatch: Switch?

    func validate() throws {
        guard name != nil || enabled != nil || quietWatch != nil else {
            throw ValidationError("Give --name, --enabled or --quiet-watch.")
        }
    }

    func run() throws {
        try LoopProgram.runClient { [self] () async throws(ClientError) in
            var members: [JSONTree.Member] = []
            if let name { members.append(.init("name", .string(name))) }
            if let enabled { members.append(.init("enabled", .bool(enabled == .on))) }
            if let quietWatch { members.append(.init("quiet_watch", .bool(quietWatch == .on))) }
            let answer = try await client.client().send(
                "PATCH", APIPath.one("sources", id), .object(members))
            client.show(answer, SourceCommand.details)
        }
    }
}
