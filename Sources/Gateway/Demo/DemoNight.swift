import EventLoop
import GatewayApp
import JSON

/// The night before the demo's story, so that there is something to look at: played through the
/// real programs in seconds, on clocks that are set back and come forward with each step.
@LoopActor
final class DemoNight {
    private enum Step {
        case opens(status: String, host: String, team: String, env: String = "prod")
        case changes(JSONTree)
        case closes
        case reopens
        /// `isRefused`: BigPanda will have nothing of the close.
        case resolves(comment: String, isRefused: Bool = false)
    }

    private struct Event {
        let minutesAgo: Int64
        let incident: String
        let step: Step

        init(_ minutesAgo: Int64, _ incident: String, _ step: Step) {
            self.minutesAgo = minutesAgo
            self.incident = incident
            self.step = step
        }
    }

    /// How far back it begins.
    static let minutes: Int64 = 23 * 60

    private let stage: DemoStage
    private let clock: DemoClock
    private var incidents: [String: String] = [:]

    init(on stage: DemoStage, by clock: DemoClock) {
        self.stage = stage
        self.clock = clock
    }

    /// Plays it; the clocks show the real time afterwards.
    func play(
        at source: DemoStage.Source, _ staging: DemoStage.Source
    ) async throws(ClientError) {
        defer { clock.fallBehind(minutes: 0) }
        try await stage.tellWebhooks(to: staging)
        try await play(Self.canary)
        try await stage.tellWebhooks(to: source)
        var events = Self.events[...]
        for hour in (0...Self.minutes / 60).reversed() {
            while let event = events.first, event.minutesAgo > hour * 60 {
                clock.fallBehind(minutes: event.minutesAgo)
                try await play(event)
                events = events.dropFirst()
            }
            clock.fallBehind(minutes: hour * 60)
            try await change(Self.noisy, times: 1 + (hour * 5) % 6)
            try await stage.tellWebhooks(to: staging)
            try await change(Self.restless, times: (hour * 7) % 4)
            try await stage.tellWebhooks(to: source)
        }
        try await knockWrongly(at: source)
    }

    /// How many incidents there were.
    var incidentsCount: Int { incidents.count }

    private static let noisy = "Kafka: consumer lag on orders"
    private static let restless = "Canary: build restarts"
    private static let certificate = "payments: certificate ends in 3 days"
    private static let balancer = "LB eu-west: 2 of 6 targets unhealthy"
    private static let disk = "web-3: disk 91 % full"
    private static let search = "Search: p99 above 2 s"
    private static let backup = "cron: backup of billing late"
    private static let checkout = "Checkout API: 5xx above 2 %"

    /// The one that Staging hears of; all others go to Production.
    private static let canary = Event(
        minutes, restless,
        .opens(status: "warning", host: "canary-1", team: "delivery", env: "staging"))
    /// In the order in which they happen.
    private static let events = [
        Event(1310, backup, .opens(status: "warning", host: "cron-2", team: "data")),
        Event(1262, backup, .closes),
        Event(1205, noisy, .opens(status: "warning", host: "kafka-3", team: "orders")),
        Event(880, certificate, .opens(status: "warning", host: "lb-1", team: "payments")),
        Event(845, certificate, .resolves(comment: "Renewed, deployed to both clusters")),
        Event(610, disk, .opens(status: "warning", host: "web-3", team: "platform")),
        Event(590, disk, .changes(["snoozed": true])),
        Event(395, balancer, .opens(status: "critical", host: "lb-eu", team: "platform")),
        Event(350, balancer, .resolves(comment: "Targets replaced", isRefused: true)),
        Event(190, search, .opens(status: "critical", host: "search-5", team: "search")),
        Event(171, search, .changes(["status": "warning", "flapping": true])),
        Event(64, checkout, .opens(status: "critical", host: "checkout", team: "payments")),
        Event(41, checkout, .closes),
        Event(7, checkout, .reopens),
    ]

    private func play(_ event: Event) async throws(ClientError) {
        if case .opens(let status, let host, let team, let env) = event.step {
            let id = try await stage.createIncident([
                "title": .string(event.incident), "status": .string(status),
                "tags": ["host": .string(host), "team": .string(team), "env": .string(env)],
            ])
            incidents[event.incident] = id
            _ = try await stage.alert(of: id) { $0["status"]?.string == "firing" }
            return
        }
        guard let id = incidents[event.incident] else { return }
        switch event.step {
        case .opens: break
        case .changes(let facts): try await change(id, facts)
        case .closes:
            try await stage.stub.send("POST", "/_stub/incidents/\(id)/close")
            _ = try await stage.alert(of: id) { $0["status"]?.string == "resolved" }
        case .reopens:
            try await stage.stub.send("POST", "/_stub/incidents/\(id)/reopen")
            _ = try await stage.alert(of: id) { $0["status"]?.string == "firing" }
        case .resolves(let comment, let isRefused):
            try await resolve(id, comment, isRefused: isRefused)
        }
    }

    private func change(_ incidentID: String, _ facts: JSONTree) async throws(ClientError) {
        let before = try await stage.alert(of: incidentID) { _ in true }
        try await stage.stub.send("PATCH", "/_stub/incidents/\(incidentID)", facts)
        _ = try await stage.alert(of: incidentID) { alert in
            ["bigpanda_status", "flapping", "snoozed"].contains { alert[$0] != before[$0] }
        }
    }

    /// Lets an incident be warning and critical in turn, if it is there.
    private func change(_ incident: String, times: Int64) async throws(ClientError) {
        guard let id = incidents[incident] else { return }
        for _ in 0..<times {
            let alert = try await stage.alert(of: id) { _ in true }
            let isCritical = alert["bigpanda_status"]?.string == "critical"
            try await change(id, ["status": isCritical ? "warning" : "critical"])
        }
    }

    private func resolve(
        _ incidentID: String, _ comment: String, isRefused: Bool
    ) async throws(ClientError) {
        if isRefused {
            try await stage.stub.send(
                "POST", "/_stub/faults",
                ["on": "resolve", "kind": "status", "status": 400, "times": 1])
        }
        let alert = try await stage.alert(of: incidentID) { _ in true }
        try await stage.gateway.send(
            "POST", APIPath.one("alerts", alert.text("id"), "/resolve"),
            ["comment": .string(comment)])
        let end = isRefused ? "failed" : "confirmed"
        _ = try await stage.alert(of: incidentID) { $0["close"]?["state"]?.string == end }
    }

    /// What strangers and slips look like in the list of deliveries.
    private func knockWrongly(at source: DemoStage.Source) async throws(ClientError) {
        try await knock(at: source, with: "a-guess", "401")
        try await knock(at: source, with: source.secret, "400")
    }

    private func knock(
        at source: DemoStage.Source, with secret: String, _ status: String
    ) async throws(ClientError) {
        let poster = try GatewayClient(url: stage.gatewayURL, token: secret)
        defer { poster.close() }
        let answer = try await poster.exchange("POST", source.path, ["incident": .object([])])
        try stage.expect("\(answer.status)", status, "the answer to a wrong webhook")
    }
}
