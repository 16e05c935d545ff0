import Curl
import EventLoop
import GatewayApp
import JSON

/// What a demo is played on: a gateway, a stub BigPanda, and the terminal that is told of it.
@LoopActor
final class DemoStage {
    /// A webhook endpoint of the gateway.
    struct Source {
        let path: String
        let url: String
        let secret: String
    }

    let gateway: GatewayClient
    let stub: GatewayClient
    let stubURL: String
    let gatewayURL: String
    private var stepNumber = 0
    /// Longer than anything here takes on a slow machine.
    private static let patience = Duration.seconds(20)

    init(gateway: GatewayClient, gatewayURL: String, stub: GatewayClient, stubURL: String) {
        self.gateway = gateway
        self.gatewayURL = gatewayURL
        self.stub = stub
        self.stubURL = stubURL
    }

    /// Makes a source.
    func createSource(_ name: String, of integrationID: String) async throws(ClientError) -> Source
    {
        let source = try await gateway.send(
            "POST", "/v1/sources",
            ["name": .string(name), "integration_id": .string(integrationID)])
        return Source(
            path: "/webhooks/bigpanda/" + source.text("id"),
            url: source.text("callback_url", width: 500),
            secret: source.text("secret", width: 500))
    }

    /// Lets BigPanda post its webhooks to a source.
    func tellWebhooks(to source: Source) async throws(ClientError) {
        try await stub.send(
            "PUT", "/_stub/webhook", ["url": .string(source.url), "secret": .string(source.secret)])
    }

    /// Makes an incident in BigPanda.
    ///
    /// - Returns: Its id.
    func createIncident(_ facts: JSONTree) async throws(ClientError) -> String {
        try await stub.send("POST", "/_stub/incidents", facts).text("id")
    }

    /// Waits until an incident's alert is as `isReady` wants it.
    func alert(
        of incidentID: String, _ isReady: (JSONTree) -> Bool
    ) async throws(ClientError) -> JSONTree {
        let deadline = ContinuousClock.now + Self.patience
        while ContinuousClock.now < deadline {
            let page = try await gateway.send(
                "GET", APIPath.list("alerts", [("incident_id", incidentID)]))
            if let alert = page.items.first, isReady(alert) { return alert }
            await Timer.wait(.milliseconds(5))
        }
        throw ClientError("The alert of \(incidentID) did not change as it should.")
    }

    /// Compares what came out with what should.
    func expect(_ found: String?, _ wanted: String, _ what: String) throws(ClientError) {
        guard found != wanted else { return }
        throw ClientError("\(what) should be \(wanted), but is \(found ?? "missing").")
    }

    /// Announces a step of the story.
    func step(_ text: String) {
        stepNumber += 1
        Terminal.say("\(stepNumber < 10 ? " " : "")\(stepNumber). \(text)")
    }

    /// Tells what came of it.
    func say(_ text: String) {
        Terminal.say("      \(text)")
    }
}
