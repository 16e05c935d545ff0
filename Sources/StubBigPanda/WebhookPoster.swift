import Curl
import EventLoop

/// Posts webhooks over the network, each once.
@LoopActor
final class WebhookPoster {
    private let driver: CurlDriver

    init() throws(CurlError) { driver = try CurlDriver(userAgent: "stub-bigpanda") }

    /// Posts one body.
    ///
    /// - Returns: The status answered, or 0 for no answer.
    func post(_ target: WebhookTarget, _ body: [UInt8]) async -> Int {
        var request = CurlRequest(method: "POST", url: target.url)
        request.headers = [("Content-Type", "application/json; charset=utf8")]
        if !target.secret.isEmpty {
            request.headers.append(("Authorization", "Bearer \(target.secret)"))
        }
        request.body = body
        request.totalDeadline = StubLimits.webhookDurationMax
        // Gateways to be tried out listen on the same machine or network.
        request.allowsPlainHTTP = true
        request.allowsProxy = false
        do throws(CurlError) {
            return try await driver.perform(request).statusCode
        } catch {
            return 0  // The control API shows it as no answer, which is all that BigPanda knows.
        }
    }

    /// Ends all connections.
    func close() { driver.close() }
}
