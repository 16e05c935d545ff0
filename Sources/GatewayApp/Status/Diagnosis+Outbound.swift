import Alerts

// What may be wrong with webhook endpoints.
extension Diagnosis {
    static func endpoints(_ seen: Observations) -> [HealthFinding] {
        guard let endpoints = seen.endpoints else { return [] }
        return endpoints.compactMap { state($0, seen.now) } + late(seen)
    }

    private static func state(
        _ endpoint: OutboundEndpoint, _ now: Timestamp
    ) -> HealthFinding? {
        if let reason = endpoint.disabledReason, !endpoint.isEnabled {
            let seen =
                switch reason {
                case .gone: "It answered 410 and is told of nothing any more."
                case .failing: "It took nothing for days and is told of nothing any more."
                }
            return HealthFinding(
                code: .endpointDisabled, severity: .error, subject: endpoint.name, seen: seen,
                action: "Mend it, then: bigpanda-gateway endpoint enable; or remove it.")
        }
        guard endpoint.isEnabled, let since = endpoint.failingSince,
            endpoint.failuresCount >= OutboundMachine.downAfter
        else { return nil }
        return HealthFinding(
            code: .endpointFailing, severity: .warning, subject: endpoint.name,
            seen: "It has taken nothing for \((now - since).inWords).",
            action: "See why: bigpanda-gateway endpoint deliveries; "
                + "what waits is posted as soon as it takes something.")
    }

    private static func late(_ seen: Observations) -> [HealthFinding] {
        guard let oldest = seen.outbound.oldestPending, seen.now - oldest > outboundAgeMax else {
            return []
        }
        return [
            HealthFinding(
                code: .webhooksLate, severity: .warning, subject: "webhook endpoints",
                seen: "\(seen.outbound.pendingCount) webhook(s) wait, the oldest for "
                    + "\((seen.now - oldest).inWords).",
                action: "See which: bigpanda-gateway endpoint deliveries --state pending.")
        ]
    }
}
