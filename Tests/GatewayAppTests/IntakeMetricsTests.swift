import Alerts
import EventLoop
import GatewayTesting
import HTTPServer
import Testing

@testable import GatewayApp

/// What webhooks and requests with tokens count as.
@Suite struct IntakeMetricsTests {
    private static func payload(
        _ event: String, isActive: Bool = true, at seconds: Int, incident: String = "i1"
    ) -> String {
        """
        {"event":"incident#\(event)","incident":{"id":"\(incident)","active":\(isActive),\
        "changedOn":\(seconds),"updatedOn":\(seconds)}}
        """
    }

    @Test func `a webhook counts once, by what became of it`() async throws {
        try await LoopFixture.run {
            let fixture = try await MetricsFixture()
            let start = Int(DirectorySamples.now.milliseconds / 1000) - 600
            // Of each outcome another number.
            let bodies =
                [Self.payload("new", at: start)]
                + (1...2).map { Self.payload("updated", at: start + $0) }
                + (1...3).map { Self.payload("new", at: start, incident: "other-\($0)") }
                + (1...3).map {
                    Self.payload("closed", isActive: false, at: start + 5, incident: "other-\($0)")
                }
                + (1...2).map { Self.payload("reopened", at: start + 9, incident: "other-\($0)") }
                + Array(
                    repeating: Self.payload("reopened", at: start + 9, incident: "other-2"),
                    count: 5)
                + (0..<6).map { Self.payload("new", at: start - 9 - $0) }
            for body in bodies { #expect(try await fixture.post(body) == 200) }
            let told = try await fixture.told()
            let expected = [
                "created": 4, "updated": 2, "resolved": 3, "refired": 2, "duplicate": 5,
                "ignored_stale": 6,
            ]
            for (outcome, count) in expected {
                #expect(told["webhooks_total{outcome=\"\(outcome)\"}"] == "\(count)", "\(outcome)")
            }
            for stage in ["committed", "answered"] {
                let count = told["webhook_duration_seconds_count{stage=\"\(stage)\"}"]
                #expect(count == "\(bodies.count)", "\(stage)")
            }
            #expect(0 < fixture.metrics.committed.sum)
            #expect(fixture.metrics.committed.sum < fixture.metrics.answered.sum)
            #expect(told["store_batch_webhooks_sum"] == "\(bodies.count)")
            #expect(told["store_commit_seconds_count"] == told["store_batch_webhooks_count"])
            await fixture.end()
        }
    }

    @Test func `a refused webhook counts once, by the reason`() async throws {
        try await LoopFixture.run {
            let fixture = try await MetricsFixture()
            let new = Self.payload("new", at: 1_700_000_000)
            #expect(try await fixture.post(new, secret: "wrong") == 401)
            #expect(try await fixture.post(new, to: "src_none") == 401)
            for _ in 0..<3 { #expect(try await fixture.post("[]") == 400) }
            for _ in 0..<4 { #expect(try await fixture.post("{") == 400) }
            for _ in 0..<5 {
                await fixture.store.fail(with: [StoreError(.full, "The disk is full.")])
                #expect(try await fixture.post(new) == 503)
            }
            await fixture.workers.refusals.stop()
            let told = try await fixture.told()
            let expected = [
                "bad_secret": 2, "no_incident_id": 3, "not_json": 4, "store_unavailable": 5,
            ]
            for (reason, count) in expected {
                let name = "webhooks_refused_total{reason=\"\(reason)\"}"
                #expect(told[name] == "\(count)", "\(reason)")
            }
            #expect(told["wrong_secrets_total{source=\"src_1\"}"] == "1")
            // What was not stored is neither taken in nor a batch.
            #expect(told["webhooks_total{outcome=\"created\"}"] == "0")
            #expect(told["webhook_duration_seconds_count{stage=\"committed\"}"] == "0")
            #expect(told["store_batch_webhooks_count"] == "0")
            await fixture.end()
        }
    }

    @Test(arguments: [
        (HTTPUnserved.methodNotAllowed, "method_not_allowed"), (.tooLarge, "too_large"),
        (.tooSlow, "request_timeout"), (.truncated, "truncated_request"),
        (.malformed, "bad_framing"), (.unavailable, "overloaded"),
    ])
    func `what the server turns away by itself has its reason`(why: HTTPUnserved, reason: String) {
        #expect(DeliveryRefusal(why).rawValue == reason)
    }

    @Test func `wrong tokens count until nobody looks at them any more`() async throws {
        try await LoopFixture.run {
            let fixture = try await MetricsFixture()
            var statuses: [Int] = []
            for guess in 0..<14 {
                let token = "a-wrong-token-\(guess)"
                statuses.append(try await fixture.exposition(token: token).code)
            }
            #expect(Set(statuses) == [401, 429])
            #expect(fixture.metrics.wrongTokens == statuses.count { $0 == 401 })
            #expect(fixture.metrics.limitedTokens == statuses.count { $0 == 429 })
            await fixture.end()
        }
    }
}
