package import Alerts
package import EventLoop

/// What happened since the process started, counted on the loop.
@LoopActor
package final class Metrics {
    private var outcomes: [Outcome: Int] = [:]
    private var refusals: [DeliveryRefusal: Int] = [:]
    private var readings: [Reading: Int] = [:]
    private var corrections: [AlertStatus: Int] = [:]

    /// What reading an incident back came to; the names are metric labels.
    package enum Reading: String, Sendable, CaseIterable {
        /// The alert was in line with it.
        case unchanged
        /// The alert's status was brought in line with it.
        case corrected
        /// BigPanda had told of something newer meanwhile.
        case outdated
        /// No environment holds the incident.
        case absent
        /// BigPanda gave no answer that tells.
        case failed
    }

    /// Starts at zero.
    package init() {}

    /// A webhook was taken in.
    package func count(_ outcome: Outcome) {
        outcomes[outcome, default: 0] += 1
    }

    /// A webhook was refused.
    package func count(_ refusal: DeliveryRefusal) {
        refusals[refusal, default: 0] += 1
    }

    /// An incident was read back.
    package func count(_ reading: Reading) {
        readings[reading, default: 0] += 1
    }

    /// An alert's status was brought in line with what was read.
    package func countCorrection(to status: AlertStatus) {
        corrections[status, default: 0] += 1
    }

    /// What the exposition needs from elsewhere.
    package struct Surroundings {
        /// The store's counts; `nil` when the store could not say.
        package var statistics: StoreStatistics?
        /// Webhooks and batches committed.
        package var committed: (arrivals: Int, batches: Int)
        /// Webhooks waiting for the store.
        package var waiting: Int
        /// Calls to BigPanda by what came of them.
        package var calls: [String: Int]
        /// Integrations, and whether their closes wait because their BigPanda does not work.
        package var isHeld: [IntegrationID: Bool]
        /// Connections open.
        package var connections: Int
        /// Live streams open.
        package var streams: Int
        /// Refused webhooks that were counted and not kept.
        package var refusalsDropped: Int
        /// Bytes in the journal; `nil` when the store could not say.
        package var journalBytes: Int?
        /// When the previous admin token was last used; `nil` when none is accepted, 1970 when it
        /// was not used.
        package var previousTokenUsedAt: Timestamp?
        /// The time of day.
        package var now: Timestamp
    }

    /// Writes everything in the Prometheus text format.
    ///
    /// Source: <https://prometheus.io/docs/instrumenting/exposition_formats/>, version 0.0.4.
    package func exposition(_ around: Surroundings) -> String {
        var text = MetricText()
        text.family("bigpanda_gateway_build_info", "gauge", "Version of the running gateway.")
        text.sample("bigpanda_gateway_build_info", ["version": Version.current], 1)
        text.family("bigpanda_gateway_webhooks_total", "counter", "Webhooks taken in, by outcome.")
        for outcome in Outcome.ofWebhooks {
            text.sample(
                "bigpanda_gateway_webhooks_total", ["outcome": outcome.rawValue],
                outcomes[outcome] ?? 0)
        }
        text.family(
            "bigpanda_gateway_webhooks_refused_total", "counter", "Webhooks refused, by reason.")
        for refusal in DeliveryRefusal.allCases {
            text.sample(
                "bigpanda_gateway_webhooks_refused_total", ["reason": refusal.rawValue],
                refusals[refusal] ?? 0)
        }
        text.family(
            "bigpanda_gateway_bigpanda_calls_total", "counter", "Calls to BigPanda, by result.")
        for (result, count) in around.calls.sorted(by: { $0.key < $1.key }) {
            text.sample("bigpanda_gateway_bigpanda_calls_total", ["result": result], count)
        }
        text.family(
            "bigpanda_gateway_closes_held", "gauge",
            "Whether closes wait because the integration's BigPanda does not work.")
        for (id, isHeld) in around.isHeld.sorted(by: { $0.key.text < $1.key.text }) {
            text.sample(
                "bigpanda_gateway_closes_held", ["integration": id.text], isHeld ? 1 : 0)
        }
        writeReadings(to: &text)
        if let usedAt = around.previousTokenUsedAt {
            text.single(
                "bigpanda_gateway_previous_admin_token_used_timestamp_seconds", "gauge",
                "When GATEWAY_ADMIN_TOKEN_PREVIOUS was last used, 0 for not since the start.",
                Int(usedAt.milliseconds / 1000))
        }
        write(around, to: &text)
        return text.text
    }

    private func writeReadings(to text: inout MetricText) {
        text.family(
            "bigpanda_gateway_readings_total", "counter", "Incidents read back, by result.")
        for reading in Reading.allCases {
            text.sample(
                "bigpanda_gateway_readings_total", ["result": reading.rawValue],
                readings[reading] ?? 0)
        }
        text.family(
            "bigpanda_gateway_reconcile_corrections_total", "counter",
            "Alerts brought in line with an incident that was read back, by their new status.")
        for status in AlertStatus.allCases {
            text.sample(
                "bigpanda_gateway_reconcile_corrections_total", ["status": status.rawValue],
                corrections[status] ?? 0)
        }
    }

    private func write(_ around: Surroundings, to text: inout MetricText) {
        text.single(
            "bigpanda_gateway_store_batches_total", "counter",
            "Transactions that took webhooks in.", around.committed.batches)
        text.single(
            "bigpanda_gateway_store_batched_webhooks_total", "counter",
            "Webhooks in these transactions.", around.committed.arrivals)
        text.single(
            "bigpanda_gateway_webhooks_waiting", "gauge", "Webhooks waiting for the store.",
            around.waiting)
        text.single(
            "bigpanda_gateway_connections", "gauge", "Open inbound connections.",
            around.connections)
        text.single(
            "bigpanda_gateway_streams", "gauge", "Open live streams.", around.streams)
        text.single(
            "bigpanda_gateway_refused_deliveries_dropped_total", "counter",
            "Refused webhooks that were counted and not kept in the journal.",
            around.refusalsDropped)
        if let bytes = around.journalBytes {
            text.single(
                "bigpanda_gateway_journal_bytes", "gauge",
                "Bytes that the journal of deliveries counts as stored.", bytes)
        }
        if let bytes = ResourceUsage.residentBytes() {
            text.single(
                "process_resident_memory_bytes", "gauge", "Resident memory size in bytes.", bytes)
        }
        text.single(
            "bigpanda_gateway_store_up", "gauge", "Whether the store answered just now.",
            around.statistics == nil ? 0 : 1)
        guard let statistics = around.statistics else { return }
        text.family("bigpanda_gateway_alerts", "gauge", "Alerts kept, by status.")
        for status in AlertStatus.allCases {
            text.sample(
                "bigpanda_gateway_alerts", ["status": status.rawValue],
                statistics.alerts[status] ?? 0)
        }
        text.family("bigpanda_gateway_closes", "gauge", "Closes kept, by state.")
        for state in CloseState.allCases {
            text.sample(
                "bigpanda_gateway_closes", ["state": state.rawValue],
                statistics.closes[state] ?? 0)
        }
        let age = statistics.oldestOwedClose.map { (around.now - $0).components.seconds } ?? 0
        text.single(
            "bigpanda_gateway_oldest_owed_close_age_seconds", "gauge",
            "Age of the oldest close that has not ended, 0 without one.", Int(max(age, 0)))
    }
}

/// Lines of the Prometheus text format.
private struct MetricText {
    var text = ""

    mutating func family(_ name: String, _ type: String, _ help: String) {
        text += "# HELP \(name) \(help)\n# TYPE \(name) \(type)\n"
    }

    mutating func sample(_ name: String, _ labels: [String: String], _ value: Int) {
        let pairs = labels.sorted { $0.key < $1.key }.map { "\($0.key)=\"\($0.value)\"" }
        text += "\(name){\(pairs.joined(separator: ","))} \(value)\n"
    }

    mutating func single(_ name: String, _ type: String, _ help: String, _ value: Int) {
        family(name, type, help)
        text += "\(name) \(value)\n"
    }
}
