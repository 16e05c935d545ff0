import Alerts

// What may be wrong with integrations and sources.
extension Diagnosis {
    static func integrations(_ seen: Observations) -> [HealthFinding] {
        guard !seen.integrations.isEmpty else {
            return [
                HealthFinding(
                    code: .noIntegration, severity: .notice, subject: "integrations",
                    seen: "There is none yet.",
                    action: "Connect BigPanda: bigpanda-gateway integration connect --help.")
            ]
        }
        return seen.integrations.flatMap { [state($0), held($0), key($0, seen.now)] }
            .compactMap { $0 }
    }

    private static func state(_ integration: Observations.SeenIntegration) -> HealthFinding? {
        let reason = integration.reason ?? "BigPanda does not accept the key."
        switch integration.state {
        case .connected: return nil
        case .keyRejected, .keyForbidden:
            return HealthFinding(
                code: .integrationPaused, severity: .error, subject: integration.name,
                seen: "Its closes wait. \(reason)",
                action: integration.state == .keyRejected
                    ? "Give it a good key: bigpanda-gateway integration replace-key."
                    : "Give the key's role Environments View and Incident Actions.")
        case .unreachable:
            return HealthFinding(
                code: .integrationUnreachable, severity: .warning, subject: integration.name,
                seen: integration.reason ?? "BigPanda gave no answer to the last check.",
                action: "Check base URL, route, proxy and BigPanda's status page; "
                    + "closes go on being tried.")
        }
    }

    private static func held(_ integration: Observations.SeenIntegration) -> HealthFinding? {
        guard integration.isHeld, !integration.state.isPaused else { return nil }
        return HealthFinding(
            code: .breakerOpen, severity: .warning, subject: integration.name,
            seen: "BigPanda does not work; one close now and then is tried.",
            action: "Check route, proxy and BigPanda's status page; "
                + "the gateway goes on by itself within a minute.")
    }

    private static func key(
        _ integration: Observations.SeenIntegration, _ now: Timestamp
    ) -> HealthFinding? {
        guard let end = integration.keyExpiresAt, end - now < keyNotice else { return nil }
        let isOver = end <= now
        return HealthFinding(
            code: isOver ? .keyExpired : .keyExpiring, severity: isOver ? .error : .warning,
            subject: integration.name,
            seen: isOver
                ? "Its key ended at \(end.rfc3339)."
                : "Its key ends in \((end - now).inWords), at \(end.rfc3339).",
            action: "Make a key in BigPanda, then: bigpanda-gateway integration replace-key.")
    }

    static func sources(_ seen: Observations) -> [HealthFinding] {
        guard let sources = seen.sources else { return [] }
        guard !sources.isEmpty || seen.integrations.isEmpty else {
            return [
                HealthFinding(
                    code: .noSource, severity: .notice, subject: "sources",
                    seen: "There is none yet, so no webhook can come in.",
                    action: "Make one: bigpanda-gateway source create --help.")
            ]
        }
        return sources.flatMap { [wrongSecret($0, seen.now), quiet($0, seen.now)] }
            .compactMap { $0 }
    }

    private static func wrongSecret(
        _ source: Observations.SeenSource, _ now: Timestamp
    ) -> HealthFinding? {
        guard source.isEnabled, let wrong = source.wrongSecrets,
            now - wrong.lastAt < wrongSecretFor
        else { return nil }
        return HealthFinding(
            code: .sourceWrongSecret, severity: .warning, subject: source.name,
            seen: "It was shown \(wrong.count) wrong secret(s), the last one "
                + "\((now - wrong.lastAt).inWords) ago.",
            action: "If BigPanda sends them, set its Authorization header anew: "
                + "bigpanda-gateway source rotate.")
    }

    private static func quiet(
        _ source: Observations.SeenSource, _ now: Timestamp
    ) -> HealthFinding? {
        guard source.isEnabled else {
            return HealthFinding(
                code: .sourceDisabled, severity: .notice, subject: source.name,
                seen: "It is disabled; its webhooks are refused.",
                action: "Enable it, or remove it.")
        }
        guard let last = source.lastDeliveryAt else {
            guard now - source.createdAt > unusedAfter else { return nil }
            return HealthFinding(
                code: .sourceNeverUsed, severity: .notice, subject: source.name,
                seen: "No webhook has ever come.",
                action: "Set callback URL, header and AutoShare in BigPanda.")
        }
        guard source.isWatchedForQuiet else { return nil }
        let since = (now - last).inWords
        switch source.traffic?.state {
        case .normal: return nil
        case .quiet:
            return HealthFinding(
                code: .sourceQuiet, severity: .warning, subject: source.name,
                seen: "No webhook has come for \(since). \(missing(source.traffic))",
                action: "\(routeAction) A planned silence needs nothing; to be told no more: "
                    + "bigpanda-gateway source change --quiet-watch off.")
        case .learning, nil:
            guard now - last > quietAfter else { return nil }
            return HealthFinding(
                code: .sourceQuiet, severity: .notice, subject: source.name,
                seen: "No webhook has come for \(since).",
                action: "If incidents should have come, look at AutoShare and the route from "
                    + "BigPanda.")
        }
    }

    private static let routeAction =
        "Look at AutoShare, the callback URL and the header in BigPanda, and the route from there."

    /// What makes a silence one that is out of the ordinary.
    private static func missing(_ traffic: TrafficJudgement?) -> String {
        guard let traffic else { return "" }
        return "At these times of the week \(traffic.missedSpans) of its last "
            + "\(traffic.silentSpans) spans of ten minutes bring one, by the last weeks, and no "
            + "silence that ended by itself was nearly as unlikely."
    }
}
