import ArgumentParser
import EventLoop
import JSON

/// `integration canary`.
struct IntegrationCanary: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "canary",
        abstract: "Show, or switch, the synthetic incident that goes the whole way now and then.",
        discussion: """
            A canary comes in by the gateway's own callback URL, becomes an alert that lists leave \
            out, is resolved, and its close is sent to BigPanda, which must not know it.
            """)

    @OptionGroup var client: ClientOptions
    @Argument(help: "The integration's id.")
    var id: String
    @Option(help: "Switch it on, and send one this often: 60 to 86400 seconds.")
    var everySeconds: Int64?
    @Flag(help: "Switch it off.")
    var off = false

    func validate() throws {
        guard !off || everySeconds == nil else {
            throw ValidationError("Give either --every-seconds or --off.")
        }
    }

    func run() throws {
        try LoopProgram.runClient { [self] () async throws(ClientError) in
            let path = APIPath.one("integrations", id, "/canary")
            let client = try self.client.client()
            if off { try await client.send("DELETE", path) }
            let answer =
                if let everySeconds {
                    try await client.send(
                        "PUT", path, ["interval_seconds": .integer(everySeconds)])
                } else {
                    try await client.send("GET", path)
                }
            self.client.show(answer, Self.details)
        }
    }

    private static func details(_ canary: JSONTree) {
        guard canary["enabled"]?.bool == true else { return Terminal.say("Canary  off") }
        let seconds = canary["interval_seconds"]?.int64 ?? 0
        Terminal.say("Canary       \(canary.text("state")), every \(seconds) s")
        Terminal.say("Last passed  \(canary.text("last_passed_at", or: "never"))")
        guard let run = canary["last_run"], run["started_at"] != nil else { return }
        Terminal.say("Last run     \(run.text("started_at")), alert \(run.text("alert_id"))")
        for hop in run["hops"]?.array ?? [] {
            Terminal.say("  \(hop.text("hop"))  \(hop["seconds"]?.double ?? 0) s")
        }
        if run["reason"]?.string != nil {
            Terminal.say("  \(run.text("failed_hop"))  \(run.text("reason", width: 300))")
        }
    }
}
