import Alerts
import EventLoop
import GatewayApp
import JSON

// What the gateway says of itself.
extension DoctorCommand {
    /// What `integrations` finds out by asking BigPanda, and `clock` by looking at its own.
    private static let foundElsewhere: Set<String> = [
        "no_integration", "integration_paused", "integration_unreachable", "clock_wrong",
    ]
    /// Closes and events of different machines are put in order by their times.
    private static let clockDifferenceMax = Duration.seconds(5)

    /// How closes are, and what is not as it should be.
    @LoopActor
    static func status(_ client: GatewayClient) async throws(ClientError) -> [Finding] {
        let status = try await client.send("GET", "/v1/status")
        var findings = [closes(status)] + clockDifference(status)
        for item in status["findings"]?.array ?? [] {
            let code = item.text("code")
            guard !foundElsewhere.contains(code), code != "closes_failed" else { continue }
            let isError = item.text("severity") == "error"
            findings.append(
                Finding(
                    isGood: !isError, isWarning: item.text("severity") == "warning",
                    subject: item.text("subject"),
                    detail: item.text("seen", width: 300) + " " + item.text("action", width: 300)))
        }
        return findings
    }

    /// How many closes failed, and how many wait since when.
    private static func closes(_ status: JSONTree) -> Finding {
        guard let closes = status["closes"], let owed = closes["owed"]?.int64,
            let failed = closes["failed"]?.int64
        else { return .bad("closes", "the store can't say how they are") }
        var waiting = owed == 1 ? "1 waits" : owed == 0 ? "none waits" : "\(owed) wait"
        if let seconds = closes["oldest_owed_seconds"]?.int64 {
            waiting += owed == 1 ? ", for " : ", the oldest for "
            waiting += Duration.seconds(seconds).inWords
        }
        guard failed > 0 else { return .good("closes", "none has failed; \(waiting)") }
        return .bad(
            "closes",
            "\(failed) failed, see: bigpanda-gateway close list --state failed; \(waiting)")
    }

    private static func clockDifference(_ status: JSONTree) -> [Finding] {
        guard let text = status["at"]?.string, let theirs = Timestamp(rfc3339: text) else {
            return []
        }
        let now = WallClock.system.now
        let difference = now > theirs ? now - theirs : theirs - now
        guard difference > clockDifferenceMax else { return [] }
        return [
            .bad(
                "clock",
                "the gateway's is \(difference.inWords) off this machine's; set both by NTP")
        ]
    }
}
