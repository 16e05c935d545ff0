import Alerts
import EventLoop
import GatewayTesting
import Testing

@testable import GatewayApp

/// What `/metrics` takes from the gateway around it.
@Suite struct MetricsRouteTests {
    private static let integration = "{integration=\"int_1\"}"

    @Test func `the start stays where it was while time goes on`() async throws {
        try await LoopFixture.run {
            let fixture = try await MetricsFixture()
            fixture.clock.advance(by: .seconds(90))
            let told = try await fixture.told()
            let startedAt = DirectorySamples.now.milliseconds / 1000
            #expect(told["process_start_time_seconds"] == "\(startedAt)")
            #expect(told.keys.contains { $0.hasPrefix("build_info{") && $0.contains("memory") })
            await fixture.end()
        }
    }

    @Test func `a key that was refused pauses its integration`() async throws {
        try await LoopFixture.run {
            let fixture = try await MetricsFixture()
            #expect(try await fixture.told()["integration_paused\(Self.integration)"] == "0")
            try await fixture.directory.note(
                .keyRejected, because: "It was.", for: DirectorySamples.integrationID)
            #expect(try await fixture.told()["integration_paused\(Self.integration)"] == "1")
            await fixture.end()
        }
    }

    @Test func `calls that wait for a place are told apart from those that have one`() async throws
    {
        try await LoopFixture.run {
            let fixture = try await MetricsFixture()
            let connections = fixture.workers.connections
            let held = HeldCalls()
            for _ in 0..<RateBudget.concurrentMax + 2 {
                LoopActor.spawn {
                    _ = await connections.call(DirectorySamples.integrationID, .close) { _ in
                        await held.wait()
                        return .success(())
                    }
                }
            }
            // The first call of a start may be made a second later.
            try await LoopTurn.until { held.count == RateBudget.concurrentMax }
            let told = try await fixture.told()
            #expect(told["rate_budget_waiting\(Self.integration)"] == "2")
            #expect(
                told["rate_budget_calls_total\(Self.integration)"] == "\(RateBudget.concurrentMax)")
            connections.close()
            held.end()
            await fixture.end()
        }
    }

    @Test func `refused webhooks that are not kept are told`() async throws {
        try await LoopFixture.run {
            let fixture = try await MetricsFixture()
            for _ in 0..<200 { #expect(try await fixture.post("{}", secret: "wrong") == 401) }
            let dropped = fixture.workers.refusals.droppedCount
            #expect(dropped > 0)
            #expect(try await fixture.told()["refused_deliveries_dropped_total"] == "\(dropped)")
            await fixture.end()
        }
    }

    @Test func `the use of the previous token is told with its moment`() async throws {
        try await LoopFixture.run {
            let fixture = try await MetricsFixture()
            let name = "previous_admin_token_used_timestamp_seconds"
            #expect(try await fixture.told()[name] == "0")
            fixture.clock.advance(by: .seconds(30))
            let usedAt = DirectorySamples.now.milliseconds / 1000 + 30
            let told = try await fixture.told(token: MetricsFixture.previousToken)
            #expect(told[name] == "\(usedAt)")
            fixture.clock.advance(by: .seconds(30))
            #expect(try await fixture.told()[name] == "\(usedAt)")
            await fixture.end()
        }
    }

    @Test func `a webhook's age is that of the source's last one`() async throws {
        try await LoopFixture.run {
            let fixture = try await MetricsFixture()
            let name = "source_last_delivery_age_seconds{source=\"src_1\"}"
            #expect(try await fixture.told()[name] == nil)
            fixture.clock.advance(by: .seconds(600))
            #expect(
                try await fixture.post(#"{"event":"incident#new","incident":{"id":"i1"}}"#) == 200)
            fixture.clock.advance(by: .seconds(7))
            #expect(try await fixture.told()[name] == "7")
            await fixture.end()
        }
    }

    @Test func `a store that fails while it is asked is down`() async throws {
        try await LoopFixture.run {
            let fixture = try await MetricsFixture()
            #expect(try await fixture.told()["store_up"] == "1")
            let full = StoreError(.full, "The disk is full.")
            for errors in [[full], [nil, full], [nil, nil, nil, nil, full]] {
                await fixture.store.fail(with: errors)
                let told = try await fixture.told()
                #expect(told["store_up"] == "0")
                #expect(!told.keys.contains { $0.hasPrefix("alerts{") })
            }
            #expect(try await fixture.told()["store_up"] == "1")
            await fixture.end()
        }
    }

    @Test func `canaries are told in their order, and only of integrations that are known`()
        async throws
    {
        try await LoopFixture.run {
            let fixture = try await MetricsFixture()
            let ids = ["int_2", "int_1", "int_3"].map { IntegrationID($0) }
            for id in ids {
                if id != DirectorySamples.integrationID {
                    let endpoint = DirectorySamples.integration().endpoint
                    let other = Integration(
                        id: id, name: id.text, endpoint: endpoint, environmentID: nil,
                        environments: [], keySuffix: "-key", keyExpiresAt: nil,
                        at: DirectorySamples.now)
                    try await fixture.store.insert(other, key: APIKey("BPU-\(id.text)"))
                }
                try await fixture.store.setCanary(.seconds(60), of: id, at: DirectorySamples.now)
                // The last one was made by another gateway, of which this one has not heard.
                if id.text == "int_1" { try await fixture.directory.load() }
            }
            let text = try await fixture.exposition().text
            let up = text.split(separator: "\n").filter { $0.contains("canary_up{") }
            #expect(
                up.map { $0.split(separator: "\"")[1] } == ["int_1", "int_2"], "\(up)")
            await fixture.end()
        }
    }

    @Test func `what was counted of a source that is gone is forgotten`() async throws {
        try await LoopFixture.run {
            let fixture = try await MetricsFixture()
            let gone = SourceID("src_gone")
            fixture.metrics.countWrongSecret(of: gone, at: DirectorySamples.now)
            #expect(try await fixture.post("{}", secret: "wrong") == 401)
            #expect(try await fixture.told()["wrong_secrets_total{source=\"src_1\"}"] == "1")
            #expect(Set(fixture.metrics.wrongSecrets.keys) == [DirectorySamples.sourceID])
            await fixture.end()
        }
    }
}

/// Calls that stay under way until a test ends them.
@LoopActor
private final class HeldCalls {
    private var waiting: [CheckedContinuation<Void, Never>] = []

    var count: Int { waiting.count }

    func wait() async { await withCheckedContinuation { waiting.append($0) } }

    func end() {
        for call in waiting { call.resume() }
        waiting = []
    }
}
