import Alerts

// What canaries have found; of integrations that have some.
extension Metrics {
    func writeCanaries(_ around: Surroundings, to text: inout MetricText) {
        var name = "bigpanda_gateway_canary_up"
        text.family(
            name, "gauge",
            "Whether the last canary went all the way and the next is not overdue; 1 before it.")
        for (id, canary) in around.canaries {
            let isUp: Bool
            switch canary.verdict(at: around.now) {
            case .waiting, .passed: isUp = true
            case .failed, .late: isUp = false
            }
            text.sample(name, ["integration": id.text], isUp ? 1 : 0)
        }
        name = "bigpanda_gateway_canary_passed_timestamp_seconds"
        text.family(name, "gauge", "When a canary last went all the way, 0 for never.")
        for (id, canary) in around.canaries {
            let seconds = (canary.succeededAt?.milliseconds ?? 0) / 1000
            text.sample(name, ["integration": id.text], Int(seconds))
        }
        name = "bigpanda_gateway_canary_hop_seconds"
        text.family(name, "gauge", "How long the hops took that the last canary got through.")
        for (id, canary) in around.canaries {
            for (hop, duration) in zip(
                CanaryRun.Hop.allCases, canary.lastRun?.durations ?? [])
            {
                text.sample(
                    name, ["integration": id.text, "hop": hop.rawValue], duration.inSeconds)
            }
        }
    }
}
