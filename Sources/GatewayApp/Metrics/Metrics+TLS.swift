import Alerts
import TLS

// How the public listener's TLS is.
extension Metrics {
    func writeTLS(_ around: Surroundings, to text: inout MetricText) {
        let name = "bigpanda_gateway_tls_handshakes_total"
        text.family(name, "counter", "TLS handshakes of the public listener, by outcome.")
        for (outcome, count) in zip(HandshakeOutcome.allCases, around.handshakes) {
            text.sample(name, ["outcome": outcome.label], count)
        }
        guard let end = around.certificateEnd else { return }
        text.single(
            "bigpanda_gateway_tls_certificate_expiry_seconds", "gauge",
            "Until the public listener's certificate ends, negative after it.",
            Int((end - around.now).components.seconds))
    }
}
