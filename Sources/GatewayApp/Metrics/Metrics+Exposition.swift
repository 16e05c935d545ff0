package import Alerts
import EventLoop

extension Metrics {
    /// What the exposition needs from elsewhere.
    package struct Surroundings {
        /// The store's counts; `nil` when the store could not say.
        package var statistics: StoreStatistics?
        /// Webhooks waiting for the store.
        package var waiting = 0
        /// Calls to BigPanda by what came of them.
        package var calls: [(result: String, count: Int)] = []
        /// How long they took.
        package var callDurations = Histogram(.nanoseconds, bounds: Histogram.latencies)
        /// What is known of each integration, in their order.
        package var integrations: [IntegrationFigures] = []
        /// Sources that exist, for those that a wrong secret was shown to.
        package var sources: Set<SourceID> = []
        /// Webhooks of each source, in their order.
        package var traffic: [SourceTraffic] = []
        /// The canaries of integrations, in their order.
        package var canaries: [(id: IntegrationID, canary: Canary)] = []
        /// Connections open.
        package var connections = 0
        /// TLS handshakes, each `HandshakeOutcome` at its own place.
        package var handshakes: [Int] = []
        /// When the certificate of the public listener ends; `nil` where it has none.
        package var certificateEnd: Timestamp?
        /// Live streams open.
        package var streams = 0
        /// Refused webhooks that were counted and not kept.
        package var refusalsDropped = 0
        /// Bytes in the journal; `nil` when the store could not say.
        package var journalBytes: Int?
        /// What is owed to webhook endpoints; `nil` when the store could not say.
        package var outbound: OutboundStatistics?
        /// Bytes free where the store lies; `nil` when nobody can say.
        package var diskFreeBytes: Int?
        /// When the previous admin token was last used; `nil` when none is accepted, 1970 when it
        /// was not used.
        package var previousTokenUsedAt: Timestamp?
        /// Which store it is.
        package var storeKind = ""
        /// When the process began to serve.
        package var startedAt = Timestamp(milliseconds: 0)
        /// The time of day.
        package var now = Timestamp(milliseconds: 0)
    }

    /// One integration, for its gauges.
    package struct IntegrationFigures: Sendable {
        /// Its label.
        package var id: IntegrationID
        /// Whether its key works.
        package var state: IntegrationState
        /// When its key ends.
        package var keyExpiresAt: Timestamp?
        /// Whether its closes wait because its BigPanda does not work.
        package var isHeld: Bool
        /// Calls since the start.
        package var calls: Int
        /// Callers that wait for a turn.
        package var waiting: Int
    }

    /// One source's webhooks, for its gauges.
    package struct SourceTraffic: Sendable {
        /// Its label.
        package var id: SourceID
        /// When the last one was taken in.
        package var lastDeliveryAt: Timestamp?
        /// Whether they are missing; `nil` where that is not watched.
        package var isQuiet: Bool?
    }

    /// Writes everything in the Prometheus text format.
    package func exposition(_ around: Surroundings) -> String {
        var text = MetricText()
        text.family("bigpanda_gateway_build_info", "gauge", "Version of the running gateway.")
        text.sample(
            "bigpanda_gateway_build_info",
            ["version": Version.current, "store": around.storeKind], 1)
        writeWebhooks(around, to: &text)
        writeTraffic(around, to: &text)
        writeCalls(around, to: &text)
        writeIntegrations(around, to: &text)
        writeCanaries(around, to: &text)
        writeReadings(to: &text)
        writeOutbound(around, to: &text)
        writeTokens(around, to: &text)
        writeTLS(around, to: &text)
        writeStore(around, to: &text)
        writeProcess(around, to: &text)
        return text.text
    }

    private func writeWebhooks(_ around: Surroundings, to text: inout MetricText) {
        text.family("bigpanda_gateway_webhooks_total", "counter", "Webhooks taken in, by outcome.")
        for outcome in Outcome.ofWebhooks {
            text.sample(
                "bigpanda_gateway_webhooks_total", ["outcome": outcome.rawValue], total(outcome))
        }
        text.family(
            "bigpanda_gateway_webhooks_refused_total", "counter", "Webhooks refused, by reason.")
        for refusal in DeliveryRefusal.allCases {
            text.sample(
                "bigpanda_gateway_webhooks_refused_total", ["reason": refusal.rawValue],
                total(refusal))
        }
        text.family(
            "bigpanda_gateway_wrong_secrets_total", "counter",
            "Wrong secrets shown to sources that exist; only sources that were shown one.")
        let wrong = wrongSecrets.filter { around.sources.contains($0.key) }
        for (source, shown) in wrong.sorted(by: { $0.key.text < $1.key.text }) {
            text.sample(
                "bigpanda_gateway_wrong_secrets_total", ["source": source.text], shown.count)
        }
        let name = "bigpanda_gateway_webhook_duration_seconds"
        text.family(
            name, "histogram",
            "From a whole webhook until it was durable, and until it was answered.")
        text.histogram(name, "stage=\"committed\"", committed)
        text.histogram(name, "stage=\"answered\"", answered)
        text.single(
            "bigpanda_gateway_webhooks_waiting", "gauge", "Webhooks waiting for the store.",
            around.waiting)
        text.single(
            "bigpanda_gateway_refused_deliveries_dropped_total", "counter",
            "Refused webhooks that were counted and not kept in the journal.",
            around.refusalsDropped)
    }

    private func writeCalls(_ around: Surroundings, to text: inout MetricText) {
        text.family(
            "bigpanda_gateway_bigpanda_calls_total", "counter", "Calls to BigPanda, by result.")
        for (result, count) in around.calls {
            text.sample("bigpanda_gateway_bigpanda_calls_total", ["result": result], count)
        }
        let name = "bigpanda_gateway_bigpanda_call_duration_seconds"
        text.family(name, "histogram", "How long calls to BigPanda took, their turn not counted.")
        text.histogram(name, "", around.callDurations)
        text.family(
            "bigpanda_gateway_close_steps_total", "counter",
            "Calls for closes, by what they came to and the close's state afterwards.")
        for reason in CloseReason.allCases {
            for state in CloseState.allCases {
                let count = total(reason, state)
                guard count > 0 || state == reason.usualState else { continue }
                text.sample(
                    "bigpanda_gateway_close_steps_total",
                    ["reason": reason.rawValue, "state": state.rawValue], count)
            }
        }
    }

    private func writeReadings(to text: inout MetricText) {
        text.family(
            "bigpanda_gateway_readings_total", "counter", "Incidents read back, by result.")
        for reading in Reading.allCases {
            text.sample(
                "bigpanda_gateway_readings_total", ["result": reading.rawValue], total(reading))
        }
        text.family(
            "bigpanda_gateway_reconcile_corrections_total", "counter",
            "Alerts brought in line with an incident that was read back, by their new status.")
        for status in AlertStatus.allCases {
            text.sample(
                "bigpanda_gateway_reconcile_corrections_total", ["status": status.rawValue],
                corrections(to: status))
        }
    }

    private func writeTokens(_ around: Surroundings, to text: inout MetricText) {
        text.family(
            "bigpanda_gateway_admin_refused_total", "counter",
            "Requests with a wrong admin token, and those turned away for too many of them.")
        text.sample(
            "bigpanda_gateway_admin_refused_total", ["reason": "wrong_token"], wrongTokens)
        text.sample(
            "bigpanda_gateway_admin_refused_total", ["reason": "too_many_attempts"], limitedTokens)
        if let usedAt = around.previousTokenUsedAt {
            text.single(
                "bigpanda_gateway_previous_admin_token_used_timestamp_seconds", "gauge",
                "When GATEWAY_ADMIN_TOKEN_PREVIOUS was last used, 0 for not since the start.",
                Int(usedAt.milliseconds / 1000))
        }
    }
}
