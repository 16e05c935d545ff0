import Alerts
import JSON
import Testing

@testable import GatewayApp

@Suite struct WebhookPlanTests {
    private static let url = "https://gateway.example/webhooks/bigpanda/src_1"

    private static func wish(_ environmentID: String? = "env-1") -> WebhookWish {
        WebhookWish(
            name: "gateway-1", callbackURL: url, environmentID: environmentID,
            triggerKey: "trigger")
    }

    /// What BigPanda shows of one, after `change`.
    private static func found(
        _ change: (inout [JSONTree.Member]) -> Void = { _ in }, url: String = url,
        expectsCallbacks: Bool = false
    ) throws -> WebhookPlan.Found {
        let configuration = wish().configuration(authorization: "")
        var events = configuration["events"]?.array ?? []
        var second = try #require(events[1].object)
        change(&second)
        events[1] = .object(second)
        let tree: JSONTree = [
            "id": "webhook_v2.gateway-1",
            "workflow_config": [
                "config": [
                    "base_url": .string(url), "expects_callbacks": .bool(expectsCallbacks),
                ],
                "events": .array(events),
            ],
        ]
        return try #require(WebhookPlan.Found(tree))
    }

    private static func set(
        _ name: String, _ value: JSONTree
    ) -> (inout [JSONTree.Member]) -> Void {
        { members in
            members.removeAll { $0.name == name }
            members.append(JSONTree.Member(name, value))
        }
    }

    @Test func `what is as it should be is left alone, whatever order its members have`() throws {
        let found = try Self.found { $0.reverse() }
        let plan = WebhookPlan(Self.wish(), among: [found])
        #expect(plan.step == .nothing && plan.differences.isEmpty)
    }

    @Test func `one that posts elsewhere is not ours to change`() throws {
        let other = try Self.found(url: "https://gateway.example/webhooks/bigpanda/src_2")
        #expect(WebhookPlan(Self.wish(), among: [other]).step == .create)
        #expect(WebhookPlan(Self.wish(), among: []).step == .create)
    }

    @Test func `what differs is told, and put right`() throws {
        let changes: [(String, (inout [JSONTree.Member]) -> Void)] = [
            ("incident#new: is disabled.", Self.set("enabled", false)),
            ("incident#new: is sent by PUT.", Self.set("method", "PUT")),
            ("incident#new: has the path /x.", Self.set("path", "/x")),
            ("incident#new: has another body.", Self.set("body", ["event": "incident#new"])),
            ("incident#new: is missing.", Self.set("trigger", "manual")),
        ]
        for (expected, change) in changes {
            let plan = WebhookPlan(Self.wish(), among: [try Self.found(change)])
            #expect(plan.step == .change(id: "webhook_v2.gateway-1"))
            #expect(plan.differences == [expected])
        }
        let waiting = WebhookPlan(Self.wish(), among: [try Self.found(expectsCallbacks: true)])
        #expect(waiting.differences == ["It expects callbacks."])
        let moved = WebhookPlan(Self.wish("env-2"), among: [try Self.found()])
        #expect(moved.differences.count == WebhookWish.triggers.count)
    }

    @Test func `the name of the trigger is learned from what is there, and never guessed`() throws {
        #expect(WebhookPlan.triggerKey(in: []) == nil)
        #expect(WebhookPlan.triggerKey(in: [try Self.found()]) == "trigger")
        let ambiguous = try Self.found(Self.set("label", "incident#new"))
        #expect(WebhookPlan.triggerKey(in: [ambiguous]) == nil)
    }

    @Test func `a secret is never shown`() {
        let shown = Self.wish().creation(authorization: WebhookWish.hiddenSecret)
        let event = shown["workflow_config"]?["events"]?[0]
        #expect(event?["authorization"] == "Bearer (a new secret)")
    }
}
