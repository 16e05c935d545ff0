import Curl
import EventLoop
import GatewayApp
import JSON

/// An incident's life, told step by step; each step checks that it came out as told.
@LoopActor
final class DemoStory {
    private let stage: DemoStage
    private let night: DemoNight
    private var incidentID = ""
    private var alertID = ""

    init(on stage: DemoStage, after night: DemoNight) {
        self.stage = stage
        self.night = night
    }

    /// Tells the story.
    ///
    /// - Throws: `ClientError` at the first step that comes out otherwise.
    func tell() async throws(ClientError) {
        Terminal.say("An incident's life, from BigPanda to an alert and back\n")
        let integrationID = try await connect()
        let source = try await createSource(integrationID)
        try await playNight(at: source, integrationID)
        try await openIncident()
        try await updateIncident()
        try await closeIncident()
        try await reopenIncident()
        try await resolveAlert()
        try await watchClose()
        Terminal.say("\nEvery step did what it should.")
    }

    private func connect() async throws(ClientError) -> String {
        step("Connect BigPanda with a wrong API key")
        let refused = try await gateway.exchange(
            "POST", "/v1/integrations", connection(key: "BPU-wrong-key"))
        try expect(refused.json?["code"]?.string, "key_rejected", "the wrong key")
        say("refused: \(refused.json?.text("detail") ?? "") Nothing was stored.")

        step("Connect BigPanda with a good key")
        let integration = try await gateway.send(
            "POST", "/v1/integrations", connection(key: "BPU-stub-key"))
        try expect(integration["state"]?.string, "connected", "the integration")
        let environments = integration["environments"]?.array ?? []
        let names = environments.map { $0.text("name") }.joined(separator: ", ")
        say("connected; the key …\(integration.text("key_suffix")) sees \(names)")
        return integration.text("id")
    }

    private func connection(key: String) -> JSONTree {
        [
            "name": "Demo organisation", "base_url": .string(stage.stubURL),
            "api_key": .string(key),
        ]
    }

    private func createSource(
        _ integrationID: String
    ) async throws(ClientError) -> DemoStage.Source {
        step("Create a source: the webhook to enter in BigPanda")
        let source = try await stage.createSource("Production", of: integrationID)
        say("callback URL \(source.url)")
        say("header       Authorization: Bearer <the secret, shown once>")
        try await stage.tellWebhooks(to: source)
        return source
    }

    private func playNight(
        at source: DemoStage.Source, _ integrationID: String
    ) async throws(ClientError) {
        step("Play the night before, on clocks that are set back, so that there is a past to see")
        let staging = try await stage.createSource("Staging", of: integrationID)
        try await night.play(at: source, staging)
        say("\(night.incidentsCount) incidents; some fire still, one close was refused")
    }

    private func openIncident() async throws(ClientError) {
        step("BigPanda correlates alerts into an incident and posts incident#new")
        incidentID = try await stage.createIncident([
            "title": "db-prod-1 – cpu", "status": "critical",
            "tags": ["host": "db-prod-1", "check": "cpu"],
        ])
        let alert = try await alert { $0["status"]?.string == "firing" }
        alertID = alert.text("id")
        say("incident \(incidentID) is alert \(alertID): \(alert.text("title")), firing")
    }

    private func updateIncident() async throws(ClientError) {
        step("The incident becomes a warning; BigPanda posts an update")
        try await stub.send("PATCH", "/_stub/incidents/\(incidentID)", ["status": "warning"])
        let alert = try await alert { $0["bigpanda_status"]?.string == "warning" }
        try expect(alert["id"]?.string, alertID, "the alert")
        say("the same alert, still firing, now \(alert.text("bigpanda_status"))")
    }

    private func closeIncident() async throws(ClientError) {
        step("BigPanda closes the incident: incident#closed")
        try await stub.send("POST", "/_stub/incidents/\(incidentID)/close")
        let alert = try await alert { $0["status"]?.string == "resolved" }
        try expect(alert["resolved_by"]?["kind"]?.string, "bigpanda", "who resolved it")
        say("the alert is resolved, by BigPanda; nothing is owed")
    }

    private func reopenIncident() async throws(ClientError) {
        step("The problem is back: incident#reopen")
        try await stub.send("POST", "/_stub/incidents/\(incidentID)/reopen")
        let alert = try await alert { $0["status"]?.string == "firing" }
        try expect(alert["id"]?.string, alertID, "the alert")
        say("the same alert fires again")
    }

    private func resolveAlert() async throws(ClientError) {
        step("Somebody resolves the alert here")
        let alert = try await gateway.send(
            "POST", APIPath.one("alerts", alertID, "/resolve"),
            ["comment": "Restarted the database"])
        try expect(alert["status"]?.string, "resolved", "the alert")
        say("resolved, and a close is owed to BigPanda: \(alert["close"]?.text("state") ?? "")")
    }

    private func watchClose() async throws(ClientError) {
        step("The gateway closes the incident in BigPanda")
        let sent = try await alert { alert in
            ["sent", "confirmed"].contains(alert["close"]?["state"]?.string)
        }
        say("BigPanda accepted it, after \(sent["close"]?["attempts"]?.int64 ?? 0) attempt(s)")
        step("BigPanda's own incident#closed comes back and confirms it")
        let alert = try await alert { $0["close"]?["state"]?.string == "confirmed" }
        let incident = try await stub.send("GET", "/_stub/incidents/\(incidentID)")
        try expect(incident["active"]?.bool.map { "\($0)" }, "false", "the incident in BigPanda")
        say("confirmed: the incident is closed in BigPanda too\n")
        let story = try await gateway.send("GET", APIPath.one("alerts", alert.text("id")))
        AlertCommand.details(story)
    }

    private func alert(_ isReady: (JSONTree) -> Bool) async throws(ClientError) -> JSONTree {
        try await stage.alert(of: incidentID, isReady)
    }

    private func expect(
        _ found: String?, _ wanted: String, _ what: String
    ) throws(ClientError) {
        try stage.expect(found, wanted, what)
    }

    private func step(_ text: String) { stage.step(text) }

    private func say(_ text: String) { stage.say(text) }

    private var gateway: GatewayClient { stage.gateway }
    private var stub: GatewayClient { stage.stub }
}
