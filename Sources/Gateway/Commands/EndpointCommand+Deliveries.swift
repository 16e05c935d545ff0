import ArgumentParser
import EventLoop
import JSON

/// `endpoint test`.
struct EndpointTest: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "test", abstract: "Post a webhook that is about no alert.")
    @OptionGroup var client: ClientOptions
    @Argument(help: "The endpoint's id.")
    var id: String

    func run() throws {
        try LoopProgram.runClient { [self] () async throws(ClientError) in
            let answer = try await client.client().send(
                "POST", APIPath.one("webhook-endpoints", id, "/test"))
            client.show(answer) { answer in
                Terminal.say(
                    "Webhook \(answer.text("id")) is posted now; see what came of it with:")
                Terminal.say("bigpanda-gateway endpoint deliveries \(answer.text("endpoint_id"))")
            }
        }
    }
}

/// `endpoint deliveries`.
struct EndpointDeliveries: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "deliveries", abstract: "List what an endpoint was told, the newest first.")
    @OptionGroup var client: ClientOptions
    @OptionGroup var page: PageOptions
    @Argument(help: "The endpoint's id.")
    var id: String
    @Option(help: "Only those that are pending, delivered or failed.")
    var state: String?

    func run() throws {
        try LoopProgram.runClient { [self] () async throws(ClientError) in
            let answer = try await client.client().send(
                "GET",
                APIPath.list(
                    "webhook-endpoints/\(APIPath.encode(id))/deliveries",
                    [("state", state)] + page.query))
            client.show(answer) { answer in
                Terminal.table(
                    ["ID", "CREATED", "EVENT", "ALERT", "STATE", "TRIES", "NEXT TRY", "LAST"],
                    answer.items.map { item in
                        [
                            item.text("id"), item.text("created_at"), item.text("event"),
                            item.text("alert_id", or: "-"), item.text("state"),
                            "\(item["attempts"]?.int64 ?? 0)",
                            item.text("next_attempt_at", or: "-"), Self.last(item),
                        ]
                    })
                page.mention(answer)
            }
        }
    }

    private static func last(_ delivery: JSONTree) -> String {
        guard let attempt = delivery["last_attempt"], attempt.object != nil else { return "-" }
        let code = attempt["status_code"]?.int64.map { "\($0)" } ?? "no answer"
        return attempt["error"]?.string == nil ? code : attempt.text("error", width: 100)
    }
}

/// `endpoint replay`.
struct EndpointReplay: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "replay",
        abstract: "Post a webhook again, under the same id and with the tries of a new one.")
    @OptionGroup var client: ClientOptions
    @Argument(help: "The endpoint's id.")
    var id: String
    @Argument(help: "The delivery's id.")
    var delivery: String

    func run() throws {
        try LoopProgram.runClient { [self] () async throws(ClientError) in
            let answer = try await client.client().send(
                "POST",
                APIPath.one(
                    "webhook-endpoints", id, "/deliveries/\(APIPath.encode(delivery))/replay"))
            client.show(answer) {
                Terminal.say("Webhook \($0.text("id")) is posted again now.")
            }
        }
    }
}
