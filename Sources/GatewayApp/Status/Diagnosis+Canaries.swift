import Alerts

// What canaries have found.
extension Diagnosis {
    static func canaries(_ seen: Observations) -> [HealthFinding] {
        seen.canaries.compactMap { (name, canary) -> HealthFinding? in
            switch canary.verdict(at: seen.now) {
            case .waiting, .passed: nil
            case .failed(let failure):
                HealthFinding(
                    code: .canaryFailed, severity: .error, subject: name,
                    seen: "Its last canary got no further than \(failure.hop.rawValue): "
                        + failure.reason,
                    action: action(for: failure.hop))
            case .late:
                HealthFinding(
                    code: .canaryLate, severity: .warning, subject: name,
                    seen: "No canary was sent for \(age(of: canary, at: seen.now).inWords).",
                    action: "Look at the log of the gateway that holds the lease of upkeep.")
            }
        }
    }

    private static func age(of canary: Canary, at now: Timestamp) -> Duration {
        now - (canary.lastRun?.startedAt ?? canary.enabledAt)
    }

    private static func action(for hop: CanaryRun.Hop) -> String {
        switch hop {
        case .webhook:
            "Call the callback URL of a source from this machine (401 means that it is reached); "
                + "look at GATEWAY_PUBLIC_URL, DNS, certificate and balancer."
        case .resolve: "Look at the store."
        case .close, .confirm:
            "Check the key: bigpanda-gateway integration check; then route, proxy and BigPanda's "
                + "status page."
        }
    }
}
