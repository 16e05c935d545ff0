import AlertJSON
import Alerts
import EventLoop
import HTTPServer
import JSON

/// `GET /v1/status`: is it healthy, and if not, what is to be done.
@LoopActor
final class StatusRoute {
    private let parts: RouteParts
    private let figures: @LoopActor () -> [Metrics.IntegrationFigures]

    /// Makes the route; `figures` are those of the integrations just now.
    init(
        _ parts: RouteParts, figures: @escaping @LoopActor () -> [Metrics.IntegrationFigures]
    ) {
        self.parts = parts
        self.figures = figures
    }

    func add(to routes: inout AdminRoutes) {
        routes.add("/v1/status") { [self] _, _ in
            let seen = await observe()
            let findings = Diagnosis.findings(seen)
            return .json { [parts] json in json.status(seen, findings, parts.about) }
        }
    }

    /// Looks at everything; what the store can't tell just now is left out.
    private func observe() async -> Observations {
        var seen = Observations(now: parts.clock.now)
        seen.isStopping = parts.workers.isDraining
        seen.waiting = parts.batcher.waitingCount
        seen.diskFreeBytes = parts.about.freeBytes
        let held = Dictionary(uniqueKeysWithValues: figures().map { ($0.id, $0.isHeld) })
        seen.integrations = parts.directory.integrations.map { integration in
            var known = Observations.SeenIntegration(integration.name, integration.state)
            known.reason = integration.stateReason
            known.keyExpiresAt = integration.keyExpiresAt
            known.isHeld = held[integration.id] ?? false
            return known
        }
        do throws(StoreError) {
            seen.statistics = try await parts.store.statistics()
            seen.sources = try await parts.directory.sources().map { source in
                var known = Observations.SeenSource(source.name, createdAt: source.createdAt)
                known.isEnabled = source.isEnabled
                known.lastDeliveryAt = source.lastDeliveryAt
                known.wrongSecrets = parts.metrics.wrongSecrets[source.id]
                known.isWatchedForQuiet = source.isWatchedForQuiet
                known.traffic = parts.workers.trafficWatch.judgement(of: source)
                return known
            }
            for (id, canary) in try await parts.store.canaries() {
                guard let name = parts.directory.integration(id)?.name else { continue }
                seen.canaries.append((name, canary))
            }
            seen.canaries.sort { $0.name < $1.name }
            seen.endpoints = try await parts.store.endpoints()
            seen.outbound = try await parts.store.outboundStatistics()
            let link = parts.directory.link
            if link.isShared {
                // None has taken in what can't be yet.
                seen.otherGateways = try await link.gatewaysBehind(.max)
                seen.gatewaysBehind = try await link.gatewaysBehind(
                    try await link.directoryVersion())
            }
        } catch {
            seen.storeProblem = "\(error)"
        }
        seen.storeProblem = parts.workers.health.problem.map { "\($0)" } ?? seen.storeProblem
        return seen
    }
}

extension JSONWriter {
    fileprivate mutating func status(
        _ seen: Observations, _ findings: [HealthFinding], _ store: AboutRoute.Store
    ) {
        object { json in
            json.member("status", Diagnosis.verdict(findings).rawValue)
            json.member("at", seen.now)
            json.member("version", Version.current)
            json.name("store")
            json.object { json in
                json.member("kind", store.kind)
                json.member("problem", seen.storeProblem)
                json.member("free_bytes", seen.diskFreeBytes)
            }
            json.name("closes")
            json.closes(seen)
            json.member("webhooks_waiting", seen.waiting)
            json.member("other_gateways", seen.otherGateways)
            json.name("findings")
            json.array { json in
                for finding in findings { json.finding(finding) }
            }
        }
    }

    private mutating func closes(_ seen: Observations) {
        guard let statistics = seen.statistics else { return null() }
        object { json in
            json.member("owed", statistics.owedCount)
            json.member("failed", statistics.closes[.failed] ?? 0)
            json.member("oldest_owed_at", statistics.oldestOwedClose)
            json.member(
                "oldest_owed_seconds",
                statistics.oldestOwedClose.map { max(0, (seen.now - $0).components.seconds) })
        }
    }

    private mutating func finding(_ finding: HealthFinding) {
        object { json in
            json.member("code", finding.code.rawValue)
            json.member("severity", finding.severity.rawValue)
            json.member("subject", finding.subject)
            json.member("seen", finding.seen)
            json.member("action", finding.action)
        }
    }
}
