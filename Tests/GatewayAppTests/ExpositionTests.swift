import Alerts
import EventLoop
import GatewayTesting
import TLS
import Testing

@testable import GatewayApp

/// Every metric by name, labels, unit and place: each figure that goes in is another one.
@Suite struct ExpositionTests {
    @Test func `all that is told, line by line`() async throws {
        let expected = try Self.file("exposition.txt")
        let told = try await LoopFixture.run {
            Self.lines(Self.metrics().exposition(Self.surroundings()))
        }
        for (line, other) in zip(told, expected) where line != other {
            Issue.record("told: \(line)\nexpected: \(other)")
        }
        #expect(told.count == expected.count)
    }

    @Test func `what nobody can say is left out`() async throws {
        let told = try await LoopFixture.run {
            var around = Metrics.Surroundings()
            around.storeKind = "sqlite"
            return Self.lines(Metrics().exposition(around))
        }
        let names = Set(told.filter { !$0.hasPrefix("#") }.map { $0.prefix { !" {".contains($0) } })
        for name in [
            "alerts", "closes", "oldest_owed_close_age_seconds", "journal_bytes",
            "store_free_bytes",
            "key_expiry_seconds", "tls_certificate_expiry_seconds", "wrong_secrets_total",
            "previous_admin_token_used_timestamp_seconds",
        ] {
            #expect(!names.contains("bigpanda_gateway_\(name)"), "\(name)")
        }
        #expect(told.contains("bigpanda_gateway_store_up 0"))
    }

    /// All but what this process and version are.
    private static func lines(_ text: String) -> [String] {
        text.split(separator: "\n").map(String.init).filter {
            !$0.hasPrefix("process_") && !$0.contains("bigpanda_gateway_build_info{")
        }
    }

    private static func file(_ name: String) throws -> [String] {
        let directory = "/" + #filePath.split(separator: "/").dropLast().joined(separator: "/")
        let bytes = try FileIO.read("\(directory)/\(name)", bytesMax: 1 << 20)
        return String(decoding: bytes, as: UTF8.self).split(separator: "\n").map(String.init)
    }

    /// What was counted; no two figures are the same.
    @LoopActor
    private static func metrics() -> Metrics {
        let metrics = Metrics()
        func times(_ count: Int, _ body: () -> Void) { for _ in 0..<count { body() } }
        for (index, outcome) in Outcome.ofWebhooks.enumerated() {
            times(10 + index) { metrics.count(outcome) }
        }
        for (index, refusal) in DeliveryRefusal.allCases.enumerated() {
            times(20 + index) { metrics.count(refusal) }
        }
        for (index, reading) in Metrics.Reading.allCases.enumerated() {
            times(40 + index) { metrics.count(reading) }
        }
        for (index, status) in AlertStatus.allCases.enumerated() {
            times(50 + index) { metrics.countCorrection(to: status) }
        }
        for (index, reason) in CloseReason.allCases.enumerated() {
            times(60 + index) { metrics.count(reason, reason.usualState) }
        }
        times(71) { metrics.count(.accepted, .cancelled) }
        times(72) { metrics.countWrongToken() }
        times(73) { metrics.countLimitedToken() }
        times(74) { metrics.countWrongSecret(of: SourceID("src_1"), at: now) }
        times(3) { metrics.countCommitted(from: 1_000, to: 2_001_000) }
        times(4) { metrics.countAnswered(from: 1_000, to: 3_001_000) }
        times(5) { metrics.countBatch(of: 6, taking: 7_000_000) }
        times(2) { metrics.countLag(300_000) }
        times(75) { metrics.countOutbound(isTaken: true) }
        times(76) { metrics.countOutbound(isTaken: false) }
        return metrics
    }

    private static let now = Timestamp(milliseconds: 1_800_000_000_000)

    /// One that got as far as its alert.
    private static var canary: Canary {
        var run = CanaryRun(startedAt: now - .seconds(272))
        run.durations = [.milliseconds(1_500)]
        run.failure = CanaryRun.Failure(.resolve, "no")
        var canary = Canary(interval: .seconds(3600), enabledAt: now - .seconds(7200))
        canary.lastRun = run
        canary.succeededAt = now - .seconds(271)
        return canary
    }

    @LoopActor
    private static func surroundings() -> Metrics.Surroundings {
        var around = Metrics.Surroundings()
        around.now = now
        around.statistics = StoreStatistics(
            alerts: [.firing: 201, .resolved: 202],
            closes: [
                .pending: 203, .sending: 204, .sent: 205, .confirmed: 206, .failed: 207,
                .cancelled: 208,
            ], oldestOwedClose: now - .seconds(209))
        around.waiting = 210
        around.calls = CallResult.allCases.enumerated().map { ($1.rawValue, 220 + $0) }
        around.callDurations.count(8_000_000)
        around.integrations = [
            Metrics.IntegrationFigures(
                id: IntegrationID("int_1"), state: .connected,
                keyExpiresAt: now + .seconds(231), isHeld: true, calls: 232, waiting: 233),
            Metrics.IntegrationFigures(
                id: IntegrationID("int_2"), state: .keyRejected, keyExpiresAt: nil, isHeld: false,
                calls: 234, waiting: 235),
        ]
        around.sources = [SourceID("src_1")]
        around.traffic = [
            Metrics.SourceTraffic(
                id: SourceID("src_1"), lastDeliveryAt: now - .seconds(246), isQuiet: true),
            Metrics.SourceTraffic(id: SourceID("src_2")),
        ]
        around.canaries = [(IntegrationID("int_1"), canary)]
        var outbound = OutboundStatistics()
        outbound.pendingCount = 247
        outbound.oldestPending = now - .seconds(248)
        around.outbound = outbound
        around.connections = 240
        around.handshakes = HandshakeOutcome.allCases.map { 250 + $0.rawValue }
        around.certificateEnd = now - .seconds(261)
        around.streams = 241
        around.refusalsDropped = 242
        around.journalBytes = 243
        around.diskFreeBytes = 244
        around.previousTokenUsedAt = Timestamp(milliseconds: 245_999)
        return around
    }
}
