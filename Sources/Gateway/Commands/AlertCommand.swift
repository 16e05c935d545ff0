import ArgumentParser
import EventLoop
import JSON

/// `alert …`: what fires, and resolving it.
struct AlertCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "alert",
        abstract: "See alerts and resolve them.",
        subcommands: [AlertList.self, AlertShow.self, AlertResolve.self])

    /// Prints an alert and its timeline.
    static func details(_ alert: JSONTree) {
        Terminal.say("\(alert.text("title", width: 200))")
        let rows: [(String, String)] = [
            ("Alert", alert.text("id")), ("Status", alert.text("status")),
            ("Incident", alert.text("incident_id", width: 256)),
            ("In BigPanda", alert.text("bigpanda_status", or: "not said")),
            ("Severity", alert.text("severity", or: "not said")),
            ("Close", closeInWords(alert["close"])),
        ]
        for (name, value) in rows {
            Terminal.say("  \(name)\(String(repeating: " ", count: 13 - name.count))\(value)")
        }
        Terminal.say("")
        Terminal.table(
            ["AT", "OUTCOME", "STATUS", "CAUSE", "COMMENT"],
            (alert["timeline"]?.array ?? []).map { entry in
                [
                    entry.text("at"), entry.text("outcome"), entry.text("status"),
                    entry["cause"]?.text("name") ?? "", entry.text("comment", or: "", width: 100),
                ]
            })
    }

    /// The state of an alert's close as a person would say it.
    static func closeInWords(_ close: JSONTree?) -> String {
        guard let close, let state = close["state"]?.string else { return "none owed" }
        let error = close["last_error"]?.string.map { ": " + Terminal.plain($0, width: 120) } ?? ""
        switch state {
        case "pending", "sending": return "Closing in BigPanda\(error)"
        case "sent": return "Closing in BigPanda (sent, not yet confirmed)\(error)"
        case "confirmed": return "Closed in BigPanda"
        case "failed": return "Close failed\(error)"
        case _: return "Close \(state)\(error)"
        }
    }
}

/// `alert list`.
struct AlertList: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "list", abstract: "List alerts, the newest change first.")
    @OptionGroup var client: ClientOptions
    @OptionGroup var page: PageOptions
    @Option(help: "firing or resolved.")
    var status: String?
    @Option(help: "Only alerts of this source's id.")
    var source: String?
    @Option(help: "Only alerts of this severity, such as critical.")
    var severity: String?
    @Option(help: "Only the alert of this BigPanda incident.")
    var incident: String?
    @Option(help: "Only alerts with this text in title, description, incident id or tags.")
    var search: String?

    func run() throws {
        try LoopProgram.runClient { [self] () async throws(ClientError) in
            let filters: [(String, String?)] = [
                ("status", status), ("source_id", source), ("severity", severity),
                ("incident_id", incident), ("q", search),
            ]
            let answer = try await client.client().send(
                "GET", APIPath.list("alerts", filters + page.query))
            client.show(answer) { answer in
                Terminal.table(
                    ["ID", "STATUS", "SEVERITY", "TITLE", "INCIDENT", "UPDATED", "CLOSE"],
                    answer.items.map { item in
                        [
                            item.text("id"), item.text("status"), item.text("severity", or: "-"),
                            item.text("title", width: 50), item.text("incident_id", width: 30),
                            item.text("updated_at"), item["close"]?["state"]?.string ?? "-",
                        ]
                    })
                page.mention(answer)
            }
        }
    }
}

/// `alert show`.
struct AlertShow: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "show", abstract: "Show one alert and its timeline.")
    @OptionGroup var client: ClientOptions
    @Argument(help: "The alert's id.")
    var id: String

    func run() throws {
        try LoopProgram.runClient { [self] () async throws(ClientError) in
            let answer = try await client.client().send("GET", APIPath.one("alerts", id))
            client.show(answer, AlertCommand.details)
        }
    }
}

/// `alert resolve`.
struct AlertResolve: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "resolve",
        abstract: "Resolve an alert, which closes its incident in BigPanda.")
    @OptionGroup var client: ClientOptions
    @Argument(help: "The alert's id.")
    var id: String
    @Option(help: "Why; BigPanda is told too.")
    var comment: String?

    func run() throws {
        try LoopProgram.runClient { [self] () async throws(ClientError) in
            let body: JSONTree = comment.map { ["comment": .string($0)] } ?? [:]
            let answer = try await client.client().send(
                "POST", APIPath.one("alerts", id, "/resolve"), body)
            client.show(answer, AlertCommand.details)
        }
    }
}
