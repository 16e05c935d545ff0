import ArgumentParser
import EventLoop
import JSON

/// `delivery …`: what came in, and taking it in again.
struct DeliveryCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "delivery",
        abstract: "See webhooks as they came in, accepted or refused, and replay them.",
        subcommands: [DeliveryList.self, DeliveryShow.self, DeliveryReplay.self])

    /// Prints a delivery with its header and body.
    static func details(_ delivery: JSONTree) {
        var rows: [(String, String)] = [
            ("Delivery", delivery.text("id")), ("Received", delivery.text("received_at")),
            ("Outcome", outcome(of: delivery)),
            ("Source", delivery.text("source_id", or: "unknown")),
            ("Incident", delivery.text("incident_id", or: "-", width: 256)),
            ("Alert", delivery.text("alert_id", or: "-")), ("Peer", delivery.text("peer")),
            ("Secret", delivery.text("secret_id", or: "none matched")),
            ("Bytes", bytes(of: delivery)),
        ]
        if let original = delivery["replay_of"]?.string { rows.append(("Replay of", original)) }
        for (name, value) in rows {
            Terminal.say("\(name)\(String(repeating: " ", count: 11 - name.count))\(value)")
        }
        Terminal.say("")
        for field in delivery["headers"]?.object ?? [] {
            let value = Terminal.plain(field.value.string ?? "", width: 200)
            Terminal.say("\(Terminal.plain(field.name, width: 80)): \(value)")
        }
        Terminal.say("")
        if let body = delivery["body"]?.string {
            // Control characters go, but a body keeps its lines.
            for line in body.split(whereSeparator: \.isNewline) {
                Terminal.say(Terminal.plain(String(line), width: .max))
            }
        } else if let body = delivery["body_base64"]?.string {
            Terminal.say("The body is not text. In base 64:\n\(body)")
        } else {
            Terminal.say("The body was not kept.")
        }
    }

    /// What came of a delivery, in a few words.
    static func outcome(of delivery: JSONTree) -> String {
        let outcome = delivery.text("outcome")
        return delivery["reason"]?.string.map { "\(outcome): \($0)" } ?? outcome
    }

    /// The size of a delivery's body.
    static func bytes(of delivery: JSONTree) -> String {
        delivery["bytes"]?.int64.map { "\($0)" } ?? "-"
    }
}

/// `delivery list`.
struct DeliveryList: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "list", abstract: "List deliveries, the newest first.")
    @OptionGroup var client: ClientOptions
    @OptionGroup var page: PageOptions
    @Option(help: "Only deliveries to this source's id.")
    var source: String?
    @Option(help: "Only those with this outcome, such as created or refused.")
    var outcome: String?

    func run() throws {
        try LoopProgram.runClient { [self] () async throws(ClientError) in
            let filters: [(String, String?)] = [("source_id", source), ("outcome", outcome)]
            let answer = try await client.client().send(
                "GET", APIPath.list("deliveries", filters + page.query))
            client.show(answer) { answer in
                Terminal.table(
                    ["ID", "RECEIVED", "OUTCOME", "INCIDENT", "SOURCE", "PEER", "BYTES"],
                    answer.items.map { item in
                        [
                            item.text("id"), item.text("received_at"),
                            DeliveryCommand.outcome(of: item),
                            item.text("incident_id", or: "-", width: 30),
                            item.text("source_id", or: "unknown"), item.text("peer"),
                            DeliveryCommand.bytes(of: item),
                        ]
                    })
                page.mention(answer)
            }
        }
    }
}

/// `delivery show`.
struct DeliveryShow: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "show", abstract: "Show one delivery with its header and raw body.")
    @OptionGroup var client: ClientOptions
    @Argument(help: "The delivery's id.")
    var id: String

    func run() throws {
        try LoopProgram.runClient { [self] () async throws(ClientError) in
            let answer = try await client.client().send("GET", APIPath.one("deliveries", id))
            client.show(answer, DeliveryCommand.details)
        }
    }
}

/// `delivery replay`.
struct DeliveryReplay: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "replay",
        abstract: "Take a delivery in again, as if it had come now.",
        discussion: """
            The rules of order hold as for any webhook: a repeat of what was applied last is a \
            duplicate, and what is older than what was applied is ignored. With --dry-run the \
            answer says what would come of it, and nothing changes.
            """)
    @OptionGroup var client: ClientOptions
    @Argument(help: "The delivery's id.")
    var id: String
    @Flag(help: "Only say what would come of it.")
    var dryRun = false

    func run() throws {
        try LoopProgram.runClient { [self] () async throws(ClientError) in
            let answer = try await client.client().send(
                "POST", APIPath.one("deliveries", id, "/replay"), ["dry_run": .bool(dryRun)])
            client.show(answer) { answer in
                let (outcome, status) = (answer.text("outcome"), answer.text("status"))
                let alert = answer.text("alert_id", or: "a new one")
                guard dryRun else {
                    let delivery = answer.text("delivery_id")
                    return Terminal.say(
                        "Outcome \(outcome): alert \(alert) is \(status) (delivery \(delivery)).")
                }
                let before = answer.text("previous_status", or: "not there")
                Terminal.say("Would be \(outcome): alert \(alert), \(before) now, \(status) then.")
            }
        }
    }
}
