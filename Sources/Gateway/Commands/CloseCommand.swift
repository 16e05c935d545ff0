import ArgumentParser
import EventLoop
import JSON

/// `close …`: what BigPanda still has to be told.
struct CloseCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "close",
        abstract: "See the closes owed to BigPanda; try one now or give it up.",
        subcommands: [CloseList.self, CloseRetry.self, CloseCancel.self])

    /// Prints closes as a table.
    static func table(_ closes: [JSONTree]) {
        Terminal.table(
            ["ID", "ALERT", "STATE", "ATTEMPTS", "NEXT ATTEMPT", "LAST ERROR"],
            closes.map { item in
                [
                    item.text("id"), item.text("alert_id"), item.text("state"),
                    "\(item["attempts"]?.int64 ?? 0)", item.text("next_attempt_at", or: "-"),
                    item.text("last_error", or: "-", width: 80),
                ]
            })
    }
}

/// `close list`.
struct CloseList: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "list", abstract: "List closes, the newest first.")
    @OptionGroup var client: ClientOptions
    @OptionGroup var page: PageOptions
    @Option(help: "pending, sending, sent, confirmed, failed or cancelled.")
    var state: String?

    func run() throws {
        try LoopProgram.runClient { [self] () async throws(ClientError) in
            let answer = try await client.client().send(
                "GET", APIPath.list("closes", [("state", state)] + page.query))
            client.show(answer) { answer in
                CloseCommand.table(answer.items)
                page.mention(answer)
            }
        }
    }
}

/// `close retry`.
struct CloseRetry: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "retry", abstract: "Try a close now, whatever it waits for.")
    @OptionGroup var client: ClientOptions
    @Argument(help: "The close's id.")
    var id: String

    func run() throws {
        try LoopProgram.runClient { [self] () async throws(ClientError) in
            let answer = try await client.client().send(
                "POST", APIPath.one("closes", id, "/retry"))
            client.show(answer) { CloseCommand.table([$0]) }
        }
    }
}

/// `close cancel`.
struct CloseCancel: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "cancel",
        abstract: "Give a close up; the incident stays as it is in BigPanda.")
    @OptionGroup var client: ClientOptions
    @Argument(help: "The close's id.")
    var id: String

    func run() throws {
        try LoopProgram.runClient { [self] () async throws(ClientError) in
            let answer = try await client.client().send(
                "POST", APIPath.one("closes", id, "/cancel"))
            client.show(answer) { CloseCommand.table([$0]) }
        }
    }
}
