import Alerts
import EventLoop

extension DoctorCommand {
    private static let metric = "bigpanda_gateway_previous_admin_token_used_timestamp_seconds "

    /// Whether a previous admin token is accepted, and who still needs it.
    @LoopActor
    static func previousToken(_ client: GatewayClient) async throws(ClientError) -> [Finding] {
        let answer = try await client.exchange("GET", "/metrics")
        guard answer.status == 200,
            let line = answer.text.split(separator: "\n").first(where: { $0.hasPrefix(metric) }),
            let seconds = Int64(line.dropFirst(metric.count))
        else { return [] }
        let used = Timestamp(milliseconds: seconds * 1000)
        return [
            .good(
                "previous admin token",
                seconds == 0
                    ? "it is accepted, and nobody has used it since the start: take it away"
                    : "it is accepted, and was last used at \(used.rfc3339)")
        ]
    }
}
