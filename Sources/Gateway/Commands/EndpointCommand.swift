import ArgumentParser
import EventLoop
import JSON

/// `endpoint …`: where the gateway's own webhooks go.
struct EndpointCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "endpoint",
        abstract: "Have paging or chat tools told of alerts by signed webhooks.",
        subcommands: [
            EndpointCreate.self, EndpointList.self, EndpointEnable.self, EndpointDisable.self,
            EndpointRotate.self, EndpointRemove.self, EndpointTest.self, EndpointDeliveries.self,
            EndpointReplay.self,
        ])

    /// Prints what the receiver needs; the secret is shown this once.
    static func setUp(_ endpoint: JSONTree) {
        Terminal.say("Endpoint  \(endpoint.text("id"))  \(endpoint.text("name"))")
        Terminal.say("URL       \(endpoint.text("url", width: 2048))")
        Terminal.say("Events    \(events(of: endpoint))")
        Terminal.say("Secret    \(endpoint.text("secret", width: 200))")
        Terminal.say("")
        Terminal.say("The secret is not shown again. The receiver checks each webhook's signature")
        Terminal.say("with it, as Standard Webhooks says; its libraries take it as it is.")
    }

    static func events(of endpoint: JSONTree) -> String {
        (endpoint["events"]?.array ?? []).compactMap(\.string).joined(separator: ",")
    }

    /// Whether an endpoint is told of things, and if not, why.
    static func state(of endpoint: JSONTree) -> String {
        if endpoint["enabled"]?.bool == true {
            return endpoint["failing_since"]?.string == nil ? "enabled" : "failing"
        }
        return endpoint["disabled_reason"]?.string.map { "disabled: \($0)" } ?? "disabled"
    }
}

/// `endpoint create`.
struct EndpointCreate: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "create", abstract: "Make an endpoint; its secret is shown once.")
    @OptionGroup var client: ClientOptions
    @Option(help: "What to call the endpoint.")
    var name: String
    @Option(help: "Where webhooks are posted to, an https:// URL.")
    var target: String
    @Option(
        help: """
            What to tell it of, with commas between: alert.created, alert.resolved, \
            alert.refired, alert.updated, close.confirmed, close.failed. (default: all but \
            alert.updated)
            """)
    var events: String?

    func run() throws {
        try LoopProgram.runClient { [self] () async throws(ClientError) in
            var body = [
                JSONTree.Member("name", .string(name)), JSONTree.Member("url", .string(target)),
            ]
            if let events {
                let list = events.split(separator: ",").map { JSONTree.string(String($0)) }
                body.append(JSONTree.Member("events", .array(list)))
            }
            let answer = try await client.client().send(
                "POST", "/v1/webhook-endpoints", .object(body))
            client.show(answer, EndpointCommand.setUp)
        }
    }
}

/// `endpoint list`.
struct EndpointList: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "list", abstract: "List all endpoints and how they do.")
    @OptionGroup var client: ClientOptions
    @OptionGroup var page: PageOptions

    func run() throws {
        try LoopProgram.runClient { [self] () async throws(ClientError) in
            let answer = try await client.client().send(
                "GET", APIPath.list("webhook-endpoints", page.query))
            client.show(answer) { answer in
                Terminal.table(
                    ["ID", "NAME", "STATE", "LAST SUCCESS", "EVENTS", "URL"],
                    answer.items.map { item in
                        [
                            item.text("id"), item.text("name"), EndpointCommand.state(of: item),
                            item.text("last_success_at", or: "never"),
                            EndpointCommand.events(of: item), item.text("url", width: 200),
                        ]
                    })
                page.mention(answer)
            }
        }
    }
}

/// `endpoint enable`.
struct EndpointEnable: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "enable",
        abstract: "Tell an endpoint of things again; what waits for it is posted at once.")
    @OptionGroup var client: ClientOptions
    @Argument(help: "The endpoint's id.")
    var id: String

    func run() throws { try client.changeEndpoint(id, isEnabled: true) }
}

/// `endpoint disable`.
struct EndpointDisable: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "disable",
        abstract: "Tell an endpoint of nothing; what waits for it goes on waiting.")
    @OptionGroup var client: ClientOptions
    @Argument(help: "The endpoint's id.")
    var id: String

    func run() throws { try client.changeEndpoint(id, isEnabled: false) }
}

extension ClientOptions {
    fileprivate func changeEndpoint(_ id: String, isEnabled: Bool) throws {
        try LoopProgram.runClient { [self] () async throws(ClientError) in
            let answer = try await client().send(
                "PATCH", APIPath.one("webhook-endpoints", id), ["enabled": .bool(isEnabled)])
            show(answer) {
                Terminal.say("Endpoint \($0.text("id")) is \(EndpointCommand.state(of: $0)).")
            }
        }
    }
}

/// `endpoint rotate`.
struct EndpointRotate: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "rotate",
        abstract: "Make a new secret; webhooks carry both signatures until the overlap ends.")
    @OptionGroup var client: ClientOptions
    @Argument(help: "The endpoint's id.")
    var id: String
    @Option(help: "Seconds for which the old secret signs as well.")
    var overlapSeconds: Int64 = 86_400

    func run() throws {
        try LoopProgram.runClient { [self] () async throws(ClientError) in
            let answer = try await client.client().send(
                "POST", APIPath.one("webhook-endpoints", id, "/rotate-secret"),
                ["overlap_seconds": .integer(overlapSeconds)])
            client.show(answer, EndpointCommand.setUp)
        }
    }
}

/// `endpoint remove`.
struct EndpointRemove: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "remove", abstract: "Remove an endpoint with what it was told.")
    @OptionGroup var client: ClientOptions
    @Argument(help: "The endpoint's id.")
    var id: String

    func run() throws {
        try LoopProgram.runClient { [self] () async throws(ClientError) in
            try await client.client().send("DELETE", APIPath.one("webhook-endpoints", id))
            if !client.json { Terminal.say("Removed.") }
        }
    }
}
