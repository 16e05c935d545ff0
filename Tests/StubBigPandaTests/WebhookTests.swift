import GatewayTesting
import JSON
import Testing

@testable import StubBigPanda

@Suite struct WebhookTests {
    @Test func `the native payload is what the documents show`() async throws {
        try await StubFixture.run { stub in
            let id = try await stub.create("{\"tags\":{\"host\":\"db-1\",\"check\":\"cpu\"}}")
            try await stub.waitForWebhooks(1)
            let webhook = stub.receiver.webhooks[0]
            #expect(webhook.target.url == "http://receiver.example/hook")
            #expect(webhook.target.secret == "s3cret")
            #expect(webhook.json["event"]?.string == "incident#new")
            let incident = try #require(webhook.json["incident"])
            #expect(
                incident.object?.map(\.name) == [
                    "id", "status", "severity", "active", "flapping", "resolved", "snooze",
                    "startedOn", "changedOn", "updatedOn", "endedOn", "environments", "folders",
                    "incidentTags", "assignee", "links", "alerts",
                ])
            #expect(incident["id"]?.string == id)
            #expect(incident["environments"] == [.string(StubFixture.production)])
            let alert = incident["alerts"]?[0]
            #expect(alert?["primary_property"]?.string == "host")
            #expect(alert?["secondary_property"]?.string == "check")
            #expect(alert?["tags"]?[0] == ["name": "host", "value": "db-1"])
        }
    }

    @Test func `a title goes where an incident without properties has it`() async throws {
        try await StubFixture.run { stub in
            _ = try await stub.create("{\"title\":\"Disk full\",\"tags\":{\"host\":\"a\"}}")
            try await stub.waitForWebhooks(1)
            let alert = stub.receiver.webhooks[0].json["incident"]?["alerts"]?[0]
            #expect(alert?["description"]?.string == "Disk full")
            #expect(alert?["primary_property"]?.isNull == true)
        }
    }

    @Test func `the shape of payloads can be chosen`() async throws {
        try await StubFixture.run { stub in
            _ = try await stub.control(
                "PUT", "webhook",
                """
                {"times":"string","naming":"snake","envelope":"bare",
                 "environments_in_payload":false}
                """)
            _ = try await stub.create()
            _ = try await stub.control("PUT", "webhook", "{\"times\":\"ms\"}")
            _ = try await stub.create()
            try await stub.waitForWebhooks(2)
            let (first, second) = (stub.receiver.webhooks[0].json, stub.receiver.webhooks[1].json)
            #expect(first["event"]?.string == "incident#new")
            #expect(first["incident"] == nil)
            #expect(first["environments"] == nil)
            let seconds = first["changed_on"]?.string.flatMap { Int64($0) } ?? 0
            #expect(seconds > 1_700_000_000 && seconds < 100_000_000_000)
            #expect((second["changed_on"]?.int64 ?? 0) >= seconds * 1000)
            #expect(first["incident_tags"] == [])
        }
    }

    @Test func `where webhooks go can be changed and read, the secret masked`() async throws {
        try await StubFixture.run { stub in
            let set = try await stub.control(
                "PUT", "webhook", "{\"url\":\"https://a.example/x\",\"secret\":\"top\"}")
            #expect(set["url"]?.string == "https://a.example/x")
            #expect(set["secret"]?.string == "********")
            #expect(try await stub.control("GET", "webhook") == set)
            for body in [
                "{\"url\":\"ftp://x\"}", "{\"secret\":\"a b\"}", "{\"times\":\"x\"}",
            ] {
                _ = try await stub.control("PUT", "webhook", body, expecting: 400)
            }
            _ = try await stub.control("PUT", "webhook", "{\"url\":\"\"}")
            _ = try await stub.create()
            #expect(try await stub.control("GET", "deliveries")["items"] == [])
        }
    }

    @Test func `deliveries tell what the receiver answered, and can be repeated`() async throws {
        try await StubFixture.run { stub in
            stub.receiver.statusCode = 503
            let id = try await stub.create()
            let first = try await stub.deliveries(1)[0]
            #expect(first["event"]?.string == "incident#new")
            #expect(first["incident_id"]?.string == id)
            #expect(first["status"]?.int64 == 503)
            #expect(first["index"]?.int64 == 0)
            let body = try JSONTree(parsing: first["body"]?.string ?? "")
            #expect(body == stub.receiver.webhooks[0].json)
            stub.receiver.statusCode = 200
            _ = try await stub.control("POST", "deliveries/0/repeat", expecting: 202)
            let second = try await stub.deliveries(2)[1]
            #expect(second["status"]?.int64 == 200)
            #expect(second["body"] == first["body"])
            for index in ["2", "-1", "x"] {
                _ = try await stub.control("POST", "deliveries/\(index)/repeat", expecting: 404)
            }
        }
    }

    @Test func `a webhook may be lost, doubled or late by order`() async throws {
        try await StubFixture.run { stub in
            for kind in ["lost", "doubled", "reordered"] {
                _ = try await stub.control(
                    "POST", "faults", "{\"on\":\"webhook\",\"kind\":\"\(kind)\"}")
            }
            for id in ["lost", "doubled", "held", "next"] {
                _ = try await stub.create("{\"id\":\"\(id)\"}")
            }
            try await stub.waitForWebhooks(4)
            let ids = stub.receiver.webhooks.map(\.incidentID)
            #expect(ids.filter { $0 == "doubled" }.count == 2)
            #expect(ids.filter { $0 != "doubled" } == ["next", "held"])
            let deliveries = try await stub.deliveries(5)
            #expect(deliveries[0]["fate"]?.string == "lost")
            #expect(deliveries[0]["status"]?.int64 == 0)
            _ = try await stub.control("POST", "deliveries/0/repeat")
            try await stub.waitForWebhooks(5)
            #expect(stub.receiver.webhooks.last?.incidentID == "lost")
        }
    }

    @Test func `a late webhook does not hold up the next`() async throws {
        try await StubFixture.run { stub in
            _ = try await stub.control(
                "POST", "faults", "{\"on\":\"webhook\",\"kind\":\"delay\",\"delay_ms\":100}")
            let id = try await stub.create()
            _ = try await stub.control("POST", "incidents/\(id)/close")
            try await stub.waitForWebhooks(2)
            #expect(stub.receiver.events == ["incident#closed", "incident#new"])
        }
    }

    @Test func `the webhooks of one incident wait for each other`() async throws {
        try await StubFixture.run { stub in
            stub.receiver.isOpen = false
            let id = try await stub.create()
            _ = try await stub.control("POST", "incidents/\(id)/close")
            _ = try await stub.create()
            try await LoopTurn.until { stub.receiver.waitingCount == 2 }
            for _ in 0..<20 { await LoopTurn.next() }
            #expect(stub.receiver.waitingCount == 2)
            stub.receiver.isOpen = true
            try await stub.waitForWebhooks(3)
            let own = stub.receiver.webhooks.filter { $0.incidentID == id }
            #expect(own.map(\.event) == ["incident#new", "incident#closed"])
        }
    }

    @Test func `no more than so many receivers are called at once`() async throws {
        try await StubFixture.run { stub in
            stub.receiver.isOpen = false
            for _ in 0..<(StubLimits.webhookLanesMax + 8) { _ = try await stub.create() }
            #expect(stub.receiver.waitingCount == StubLimits.webhookLanesMax)
            stub.receiver.isOpen = true
            try await stub.waitForWebhooks(StubLimits.webhookLanesMax + 8)
        }
    }
}
