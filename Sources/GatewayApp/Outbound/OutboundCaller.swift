import Alerts
import BigPanda
import Curl
import EventLoop

/// Posts webhooks to endpoints, and says what that came to.
@LoopActor
struct OutboundCaller {
    /// Its connections were opened under `policy`; so no other requests may go by it.
    let curl: CurlDriver
    let policy: AddressPolicy
    let clock: WallClock

    /// Posts a message once; `nil` when that was broken off here, whatever the endpoint is like.
    func post(_ kept: KeptMessage, of round: OutboundRound) async -> OutboundMachine.Attempt? {
        let (startedAt, start) = (clock.now, ContinuousClock.now)
        guard let answer = await answer(to: request(kept, round, at: startedAt)) else {
            return nil
        }
        return OutboundMachine.Attempt(
            messageID: kept.message.id, result: answer.result, startedAt: startedAt,
            duration: start.duration(to: .now), fraction: .random(in: 0..<1),
            retryAfter: answer.retryAfter)
    }

    private func request(
        _ kept: KeptMessage, _ round: OutboundRound, at now: Timestamp
    ) -> CurlRequest {
        let (id, seconds) = (kept.message.id.text, now.wholeSeconds)
        var request = CurlRequest(method: "POST", url: round.url)
        request.headers = [
            ("Content-Type", "application/json"), ("webhook-id", id),
            ("webhook-timestamp", "\(seconds)"),
            (
                "webhook-signature",
                OutboundSignature.field(
                    id: id, seconds: seconds, body: kept.body, secrets: round.secrets)
            ),
        ]
        request.body = Array(kept.body.utf8)
        request.connectDeadline = Limits.outboundConnectMax
        request.totalDeadline = Limits.outboundCallMax
        request.responseBodyBytesMax = Limits.outboundAnswerBytesMax
        request.cutsResponseBody = true
        let isPlain = EndpointURL.isPlain(round.url)
        request.allowsPlainHTTP = isPlain
        let policy = policy
        request.admits = { policy.admits($0, isPlain: isPlain) }
        return request
    }

    private struct Answer {
        let result: OutboundMachine.Result
        var retryAfter: Duration?
    }

    private func answer(to request: CurlRequest) async -> Answer? {
        do throws(CurlError) {
            let response = try await curl.perform(request)
            let retryAfter = response.header("retry-after").flatMap { value in
                RetryAfter.duration(value, now: clock.now)
            }
            return Answer(result: Self.result(response.statusCode), retryAfter: retryAfter)
        } catch {
            guard error.kind != .aborted else { return nil }
            guard error.kind == .addressRefused else {
                return Answer(result: .failed(reason: error.message, statusCode: nil))
            }
            let what = request.allowsPlainHTTP ? "an address for plain HTTP" : "a private address"
            let reason =
                "The endpoint's name leads to \(what) that "
                + "\(Setting.webhookAllowPrivate.variable) does not allow."
            return Answer(result: .failed(reason: reason, statusCode: nil))
        }
    }

    private static func result(_ statusCode: Int) -> OutboundMachine.Result {
        switch statusCode {
        case 200...299: return .taken(statusCode: statusCode)
        case 410: return .gone
        case 300...399:
            let reason = "The endpoint answered \(statusCode), which is not followed."
            return .failed(reason: reason, statusCode: statusCode)
        default:
            return .failed(
                reason: "The endpoint answered \(statusCode).", statusCode: statusCode)
        }
    }
}
