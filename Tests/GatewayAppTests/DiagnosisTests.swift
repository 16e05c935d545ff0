import Alerts
import Testing

@testable import GatewayApp

@Suite struct DiagnosisTests {
    /// 2026-03-01T12:00:00Z.
    private static let now = Timestamp(milliseconds: 1_772_366_400_000)

    /// A gateway of which there is nothing to say.
    private static var healthy: Observations {
        var seen = Observations(now: now)
        seen.statistics = StoreStatistics(
            closes: [.confirmed: 9, .pending: 1], oldestOwedClose: now - .seconds(60))
        seen.diskFreeBytes = 5 << 30
        var integration = Observations.SeenIntegration("production", .connected)
        integration.keyExpiresAt = now + .seconds(31 * 86_400)
        seen.integrations = [integration]
        var source = Observations.SeenSource("BigPanda", createdAt: now - .seconds(86_400))
        source.lastDeliveryAt = now - .seconds(60)
        seen.sources = [source]
        seen.otherGateways = 2
        return seen
    }

    @Test func `nothing wrong, nothing said`() {
        #expect(Diagnosis.findings(Self.healthy) == [])
        #expect(Diagnosis.verdict([]) == .healthy)
    }

    /// What is wrong, what it is called and how bad it is.
    struct Case: Sendable, CustomTestStringConvertible {
        let code: HealthFinding.Code
        let severity: HealthFinding.Severity
        let change: @Sendable (inout Observations) -> Void
        var testDescription: String { "\(code) \(severity)" }

        init(
            _ code: HealthFinding.Code, _ severity: HealthFinding.Severity,
            _ change: @escaping @Sendable (inout Observations) -> Void
        ) {
            self.code = code
            self.severity = severity
            self.change = change
        }
    }

    private static let cases = [
        Case(.storeUnavailable, .error) { $0.storeProblem = "disk full" },
        Case(.diskLow, .warning) { $0.diskFreeBytes = 500 << 20 },
        Case(.diskLow, .error) { $0.diskFreeBytes = 5 << 20 },
        Case(.backlog, .warning) { $0.waiting = Limits.arrivalsHighWater },
        Case(.stopping, .notice) { $0.isStopping = true },
        Case(.closesFailed, .error) { $0.statistics?.closes[.failed] = 2 },
        Case(.closesLate, .warning) { $0.statistics?.oldestOwedClose = now - .seconds(700) },
        Case(.noIntegration, .notice) {
            $0.integrations = []
            $0.sources = []
        },
        Case(.integrationPaused, .error) { $0.integrations[0].state = .keyRejected },
        Case(.integrationPaused, .error) { $0.integrations[0].state = .keyForbidden },
        Case(.integrationUnreachable, .warning) { $0.integrations[0].state = .unreachable },
        Case(.breakerOpen, .warning) { $0.integrations[0].isHeld = true },
        Case(.keyExpired, .error) { $0.integrations[0].keyExpiresAt = now },
        Case(.keyExpiring, .warning) { $0.integrations[0].keyExpiresAt = now + .seconds(86_400) },
        Case(.noSource, .notice) { $0.sources = [] },
        Case(.sourceDisabled, .notice) { $0.sources?[0].isEnabled = false },
        Case(.sourceNeverUsed, .notice) { $0.sources?[0].lastDeliveryAt = nil },
        Case(.sourceQuiet, .notice) { $0.sources?[0].lastDeliveryAt = now - .seconds(90_000) },
        Case(.sourceQuiet, .warning) { $0.sources?[0].traffic = traffic(.quiet) },
        Case(.sourceWrongSecret, .warning) {
            $0.sources?[0].wrongSecrets = Metrics.WrongSecrets(count: 3, lastAt: now)
        },
        Case(.canaryFailed, .error) { $0.canaries = [("production", canary(failing: true))] },
        Case(.canaryLate, .warning) {
            $0.canaries = [("production", canary(enabledAt: now - .seconds(7300)))]
        },
        Case(.endpointDisabled, .error) { $0.endpoints = [endpoint(reason: .failing)] },
        Case(.endpointDisabled, .error) { $0.endpoints = [endpoint(reason: .gone)] },
        Case(.endpointFailing, .warning) { $0.endpoints = [endpoint(reason: nil)] },
        Case(.webhooksLate, .warning) {
            $0.endpoints = []
            $0.outbound.oldestPending = now - .seconds(700)
        },
        Case(.gatewaysBehind, .warning) { $0.gatewaysBehind = 1 },
        Case(.clockWrong, .error) { seen in
            seen.now = Timestamp(milliseconds: 0)
            seen.statistics = nil
            seen.integrations[0].keyExpiresAt = nil
        },
    ]

    /// One that fails, and was disabled if there is a reason for that.
    private static func endpoint(
        reason: OutboundEndpoint.DisabledReason?
    ) -> OutboundEndpoint {
        var endpoint = OutboundEndpoint(
            id: EndpointID("whe_1"), name: "paging", url: "https://hooks.example/", events: [],
            at: now)
        endpoint.isEnabled = reason == nil
        endpoint.disabledReason = reason
        endpoint.failuresCount = OutboundMachine.downAfter
        endpoint.failingSince = now - .seconds(60)
        return endpoint
    }

    @Test(arguments: cases)
    func `each thing that is wrong is found, by itself`(wrong: Case) throws {
        var seen = Self.healthy
        wrong.change(&seen)
        let findings = Diagnosis.findings(seen)
        let found = try #require(findings.first)
        #expect(findings.map(\.code) == [wrong.code])
        #expect(found.severity == wrong.severity)
        #expect(!found.seen.isEmpty && !found.action.isEmpty && !found.subject.isEmpty)
        let verdict: Diagnosis.Verdict =
            switch wrong.severity {
            case .notice: .healthy
            case .warning: .degraded
            case .error: .failing
            }
        #expect(Diagnosis.verdict(findings) == verdict)
    }

    private static func canary(
        enabledAt: Timestamp = now, failing: Bool = false
    ) -> Canary {
        var canary = Canary(interval: .seconds(3600), enabledAt: enabledAt)
        guard failing else { return canary }
        canary.lastRun = CanaryRun(startedAt: now)
        canary.lastRun?.failure = CanaryRun.Failure(.close, "no answer")
        return canary
    }

    private static func traffic(_ state: TrafficJudgement.State) -> TrafficJudgement {
        TrafficJudgement(state: state, daysLearned: 20, silentSpans: 12, missedSpans: 9)
    }

    @Test func `a source is quiet by what was learned, and not when nobody wants to know`() {
        var seen = Self.healthy
        seen.sources?[0].lastDeliveryAt = Self.now - .seconds(90_000)
        seen.sources?[0].traffic = Self.traffic(.normal)
        #expect(Diagnosis.findings(seen) == [])
        seen.sources?[0].traffic = Self.traffic(.quiet)
        let finding = Diagnosis.findings(seen).first
        #expect(finding?.seen.contains("9 of its last 12 spans of ten minutes") == true)
        seen.sources?[0].isWatchedForQuiet = false
        #expect(Diagnosis.findings(seen) == [])
        seen.sources?[0].traffic = nil
        #expect(Diagnosis.findings(seen) == [])
    }

    @Test func `every code can be found`() {
        #expect(Set(Self.cases.map(\.code)) == Set(HealthFinding.Code.allCases))
    }

    @Test func `the worst comes first, and late closes say how many and since when`() {
        var seen = Self.healthy
        seen.isStopping = true
        seen.statistics?.oldestOwedClose = Self.now - .seconds(3 * 3600)
        seen.statistics?.closes[.sent] = 4
        seen.storeProblem = "gone"
        let findings = Diagnosis.findings(seen)
        #expect(findings.map(\.severity) == [.error, .warning, .notice])
        #expect(findings[1].seen == "5 wait, the oldest for 3 h.")
    }
}
