package import Alerts

/// Whether the gateway is healthy and, if not, what to do; decided from `Observations` alone.
package enum Diagnosis {
    /// How it is all in all; the worst finding decides.
    package enum Verdict: String, Sendable, CaseIterable {
        /// Nothing but notices.
        case healthy
        /// Work waits, or soon will.
        case degraded
        /// Something does not get done until somebody acts.
        case failing
    }

    /// A close that has not ended after this long is late: BigPanda mostly needs a minute.
    package static let closeAgeMax = Duration.seconds(600)
    /// A webhook that was not taken after this long is late.
    package static let outboundAgeMax = Duration.seconds(600)
    /// A source of which too little is known is quiet without webhooks for this long.
    package static let quietAfter = Duration.seconds(86_400)
    /// A source that was never used is told of after this long.
    package static let unusedAfter = Duration.seconds(3600)
    /// Wrong secrets count this long.
    package static let wrongSecretFor = Duration.seconds(3600)
    /// A key that ends within this time is told of.
    package static let keyNotice = Duration.seconds(30 * 86_400)
    /// 1 GiB free: a day of storms fits into it.
    package static let diskLowBytes = 1 << 30
    /// 128 MiB free: the log of one checkpoint fits into it.
    package static let diskFullBytes = 128 << 20

    /// The verdict on some findings.
    package static func verdict(_ findings: [HealthFinding]) -> Verdict {
        if findings.contains(where: { $0.severity == .error }) { return .failing }
        return findings.contains { $0.severity == .warning } ? .degraded : .healthy
    }

    /// What is not as it should be, the worst first.
    package static func findings(_ seen: Observations) -> [HealthFinding] {
        let all =
            store(seen) + closes(seen) + integrations(seen) + sources(seen) + canaries(seen)
            + endpoints(seen)
            + gateways(seen)
        return all.filter { $0.severity == .error } + all.filter { $0.severity == .warning }
            + all.filter { $0.severity == .notice }
    }

    private static func store(_ seen: Observations) -> [HealthFinding] {
        var findings: [HealthFinding] = []
        if let problem = seen.storeProblem {
            findings.append(
                HealthFinding(
                    code: .storeUnavailable, severity: .error, subject: "store",
                    seen: "It can't be written: \(problem). Webhooks are answered 503.",
                    action: "Mend the disk or the database server; the gateway goes on by itself."))
        }
        if let free = seen.diskFreeBytes, free < diskLowBytes {
            findings.append(
                HealthFinding(
                    code: .diskLow, severity: free < diskFullBytes ? .error : .warning,
                    subject: "disk", seen: "\(free >> 20) MiB are free where the store lies.",
                    action: "Make room, or lower GATEWAY_JOURNAL_BYTES or GATEWAY_RETENTION_DAYS."))
        }
        if seen.waiting > Limits.arrivalsHighWater / 2 {
            findings.append(
                HealthFinding(
                    code: .backlog, severity: .warning, subject: "webhooks",
                    seen: "\(seen.waiting) wait for the store.",
                    action: "Look at the store's commit time; beyond "
                        + "\(Limits.arrivalsHighWater) updates are refused with 503."))
        }
        if seen.isStopping {
            findings.append(
                HealthFinding(
                    code: .stopping, severity: .notice, subject: "gateway",
                    seen: "It was asked to stop.", action: "Nothing, if that was meant."))
        }
        // Closes and events are put in order by these times.
        if seen.now.rfc3339 < "2025" || seen.now.rfc3339 > "2100" {
            findings.append(
                HealthFinding(
                    code: .clockWrong, severity: .error, subject: "clock",
                    seen: "It shows \(seen.now.rfc3339).",
                    action: "Set it, for instance by NTP."))
        }
        return findings
    }

    private static func closes(_ seen: Observations) -> [HealthFinding] {
        guard let statistics = seen.statistics else { return [] }
        var findings: [HealthFinding] = []
        if let failed = statistics.closes[.failed], failed > 0 {
            findings.append(
                HealthFinding(
                    code: .closesFailed, severity: .error, subject: "closes",
                    seen: "\(failed) failed: their incidents may still be open in BigPanda.",
                    action: "See why: bigpanda-gateway close list --state failed; "
                        + "then retry or cancel each."))
        }
        if let oldest = statistics.oldestOwedClose, seen.now - oldest > closeAgeMax {
            findings.append(
                HealthFinding(
                    code: .closesLate, severity: .warning, subject: "closes",
                    seen: "\(statistics.owedCount) wait, the oldest for "
                        + "\((seen.now - oldest).inWords).",
                    action: "Look at the integrations first, then: bigpanda-gateway close list."))
        }
        return findings
    }

    private static func gateways(_ seen: Observations) -> [HealthFinding] {
        guard seen.gatewaysBehind > 0 else { return [] }
        return [
            HealthFinding(
                code: .gatewaysBehind, severity: .warning, subject: "gateways",
                seen: "\(seen.gatewaysBehind) have not taken in the newest integrations and "
                    + "sources.",
                action: "Look at the log of those that can't reach the database.")
        ]
    }
}

extension StoreStatistics {
    /// Closes that have not ended.
    package var owedCount: Int {
        CloseState.allCases.filter { !$0.isEnded }.reduce(0) { $0 + (closes[$1] ?? 0) }
    }
}

extension Duration {
    /// In the largest unit of which there are at least two, as people read it.
    package var inWords: String {
        let seconds = max(0, components.seconds)
        if seconds < 120 { return "\(seconds) s" }
        if seconds < 7200 { return "\(seconds / 60) min" }
        return seconds < 172_800 ? "\(seconds / 3600) h" : "\(seconds / 86_400) days"
    }
}
