import Alerts
import EventLoop
import GatewayTesting
import Testing

@testable import GatewayApp

@Suite struct MetricsTests {
    @Test func `a figure belongs to the first bucket that holds it`() {
        var histogram = Histogram(.items, bounds: [1, 2, 4])
        for figure in [0, 1, 2, 3, 4, 5, 1000] { histogram.count(figure) }
        #expect(histogram.counts == [2, 1, 2, 2])
        #expect(histogram.sum == 1015)
    }

    @Test func `a histogram is written as what it holds so far`() {
        var histogram = Histogram(.nanoseconds, bounds: [500_000, 1_000_000])
        for microseconds in [200, 700, 800, 5000] { histogram.count(microseconds * 1000) }
        var text = MetricText()
        text.histogram("a_seconds", "stage=\"x\"", histogram)
        #expect(
            text.text == """
                a_seconds_bucket{stage="x",le="0.0005"} 1
                a_seconds_bucket{stage="x",le="0.001"} 3
                a_seconds_bucket{stage="x",le="+Inf"} 4
                a_seconds_sum{stage="x"} 0.0067
                a_seconds_count{stage="x"} 4

                """)
    }

    @Test func `what would end a label is escaped`() {
        var text = MetricText()
        text.sample("a", ["name": "b\"c\\d\ne"], 1)
        #expect(text.text == "a{name=\"b\\\"c\\\\d\\ne\"} 1\n")
    }

    @Test func `a loop that was held up shows how long`() async throws {
        try await LoopFixture.run {
            let metrics = Metrics()
            let watch = LoopWatch(metrics: metrics, interval: .milliseconds(10))
            watch.start()
            let end = SystemClock.monotonic() + .milliseconds(60)
            while SystemClock.monotonic() < end {}
            try await LoopTurn.until { metrics.loopLag.counts.reduce(0, +) > 0 }
            watch.stop()
            #expect(metrics.loopLag.sum > 40_000_000)
        }
    }

    @Test func `each case has a counter of its own`() async throws {
        #expect(Set(DeliveryRefusal.allCases.map(\.place)) == Set(DeliveryRefusal.allCases.indices))
        #expect(Set(CloseReason.allCases.map(\.place)) == Set(CloseReason.allCases.indices))
        #expect(Set(CloseState.allCases.map(\.place)) == Set(CloseState.allCases.indices))
        #expect(Set(CallResult.allCases.map(\.place)) == Set(CallResult.allCases.indices))
        let readings = Metrics.Reading.allCases
        #expect(Set(readings.map(\.place)) == Set(readings.indices))
        #expect(Outcome.ofWebhooks.map(\.place) == Outcome.ofWebhooks.indices.map { $0 })
    }

    @Test func `what was counted is told, and what was not is told as 0`() async throws {
        try await LoopFixture.run {
            let metrics = Metrics()
            metrics.count(.created)
            metrics.count(.badSecret)
            metrics.count(.notFound, .failed)
            metrics.count(.delayed, .cancelled)
            metrics.countWrongSecret(of: SourceID("src_1"), at: Timestamp(milliseconds: 0))
            metrics.countWrongSecret(of: SourceID("src_gone"), at: Timestamp(milliseconds: 0))
            var around = Metrics.Surroundings()
            around.sources = [SourceID("src_1")]
            around.now = Timestamp(milliseconds: 90_000)
            var canary = Canary(interval: .seconds(60), enabledAt: Timestamp(milliseconds: 0))
            around.canaries = [(IntegrationID("int_new"), canary)]
            canary.lastRun = CanaryRun(startedAt: Timestamp(milliseconds: 80_000))
            canary.lastRun?.durations = [.milliseconds(1500)]
            canary.succeededAt = Timestamp(milliseconds: 9_000)
            canary.lastRun?.failure = CanaryRun.Failure(.resolve, "no")
            around.canaries.append((IntegrationID("int_1"), canary))
            around.handshakes = Array(100..<110)
            around.certificateEnd = around.now + .seconds(90)
            around.traffic = [
                Metrics.SourceTraffic(
                    id: SourceID("src_1"), lastDeliveryAt: Timestamp(milliseconds: 0),
                    isQuiet: true),
                Metrics.SourceTraffic(id: SourceID("src_2")),
            ]
            let lines = Set(metrics.exposition(around).split(separator: "\n").map(String.init))
            for line in [
                "webhooks_total{outcome=\"created\"} 1", "webhooks_total{outcome=\"refired\"} 0",
                "webhooks_refused_total{reason=\"bad_secret\"} 1",
                "close_steps_total{reason=\"not_found\",state=\"failed\"} 1",
                "close_steps_total{reason=\"delayed\",state=\"cancelled\"} 1",
                "close_steps_total{reason=\"delayed\",state=\"pending\"} 0",
                "wrong_secrets_total{source=\"src_1\"} 1", "store_up 0",
                "canary_up{integration=\"int_new\"} 1", "canary_up{integration=\"int_1\"} 0",
                "canary_passed_timestamp_seconds{integration=\"int_1\"} 9",
                "canary_hop_seconds{integration=\"int_1\",hop=\"webhook\"} 1.5",
                "tls_handshakes_total{outcome=\"done\"} 100",
                "tls_handshakes_total{outcome=\"client_certificate\"} 104",
                "tls_handshakes_total{outcome=\"left\"} 109",
                "tls_certificate_expiry_seconds 90",
                "source_quiet{source=\"src_1\"} 1",
                "source_last_delivery_age_seconds{source=\"src_1\"} 90",
            ] {
                #expect(lines.contains("bigpanda_gateway_" + line), "\(line)")
            }
            #expect(!lines.contains { $0.contains("src_gone") || $0.contains("src_2") })
        }
    }
}
