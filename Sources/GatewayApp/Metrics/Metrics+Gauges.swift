import Alerts
import EventLoop

// How integrations, store and process are.
extension Metrics {
    func writeIntegrations(_ around: Surroundings, to text: inout MetricText) {
        let integrations = around.integrations
        func write(
            _ name: String, _ type: String, _ help: String,
            _ value: (IntegrationFigures) -> Int?
        ) {
            text.family(name, type, help)
            for figures in integrations {
                guard let value = value(figures) else { continue }
                text.sample(name, ["integration": figures.id.text], value)
            }
        }
        write(
            "bigpanda_gateway_closes_held", "gauge",
            "Whether closes wait because the integration's BigPanda does not work."
        ) { $0.isHeld ? 1 : 0 }
        write(
            "bigpanda_gateway_integration_paused", "gauge",
            "Whether closes wait for another API key or more permissions."
        ) { $0.state.isPaused ? 1 : 0 }
        write(
            "bigpanda_gateway_key_expiry_seconds", "gauge",
            "Until the API key ends, negative after it; only where somebody said when."
        ) { figures in
            figures.keyExpiresAt.map { Int(($0 - around.now).components.seconds) }
        }
        write(
            "bigpanda_gateway_rate_budget_calls_total", "counter",
            "Calls that took a place in the integration's rate budget."
        ) { $0.calls }
        write(
            "bigpanda_gateway_rate_budget_waiting", "gauge",
            "Calls that wait for a place in the integration's rate budget."
        ) { $0.waiting }
        text.single(
            "bigpanda_gateway_rate_budget_calls_per_second", "gauge",
            "Calls that each integration may make in a second.", RateBudget.callsMax)
    }

    func writeTraffic(_ around: Surroundings, to text: inout MetricText) {
        var name = "bigpanda_gateway_source_quiet"
        text.family(
            name, "gauge",
            "Whether webhooks stay away that usually come; only of sources that are watched.")
        for source in around.traffic {
            guard let isQuiet = source.isQuiet else { continue }
            text.sample(name, ["source": source.id.text], isQuiet ? 1 : 0)
        }
        name = "bigpanda_gateway_source_last_delivery_age_seconds"
        text.family(name, "gauge", "Since the last webhook of each source that had one.")
        for source in around.traffic {
            guard let last = source.lastDeliveryAt else { continue }
            let age = max(0, (around.now - last).components.seconds)
            text.sample(name, ["source": source.id.text], Int(age))
        }
    }

    func writeOutbound(_ around: Surroundings, to text: inout MetricText) {
        let name = "bigpanda_gateway_outbound_posts_total"
        text.family(name, "counter", "Webhooks posted to endpoints, by whether they were taken.")
        text.sample(name, ["outcome": "delivered"], outboundTaken)
        text.sample(name, ["outcome": "failed"], outboundFailed)
        guard let outbound = around.outbound else { return }
        text.single(
            "bigpanda_gateway_outbound_pending", "gauge",
            "Webhooks owed to enabled endpoints.", outbound.pendingCount)
        let age = outbound.oldestPending.map { (around.now - $0).components.seconds } ?? 0
        text.single(
            "bigpanda_gateway_outbound_oldest_pending_age_seconds", "gauge",
            "Age of the oldest webhook owed to an enabled endpoint, 0 without one.",
            Int(max(age, 0)))
    }

    func writeStore(_ around: Surroundings, to text: inout MetricText) {
        text.family("bigpanda_gateway_store_commit_seconds", "histogram", "How long batches took.")
        text.histogram("bigpanda_gateway_store_commit_seconds", "", commits)
        text.family("bigpanda_gateway_store_batch_webhooks", "histogram", "Webhooks in a batch.")
        text.histogram("bigpanda_gateway_store_batch_webhooks", "", batches)
        if let bytes = around.journalBytes {
            text.single(
                "bigpanda_gateway_journal_bytes", "gauge",
                "Bytes that the journal of deliveries counts as stored.", bytes)
        }
        if let bytes = around.diskFreeBytes {
            text.single(
                "bigpanda_gateway_store_free_bytes", "gauge",
                "Bytes free where the SQLite store lies.", bytes)
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

    func writeProcess(_ around: Surroundings, to text: inout MetricText) {
        text.single(
            "bigpanda_gateway_connections", "gauge", "Open inbound connections.",
            around.connections)
        text.single("bigpanda_gateway_streams", "gauge", "Open live streams.", around.streams)
        text.family(
            "bigpanda_gateway_loop_lag_seconds", "histogram",
            "How late the loop came to a timer, looked at once a second.")
        text.histogram("bigpanda_gateway_loop_lag_seconds", "", loopLag)
        let (seconds, attoseconds) = ResourceUsage.processorTime().components
        text.single(
            "process_cpu_seconds_total", "counter",
            "Processor time used, in the program and on its behalf.",
            Double(seconds) + Double(attoseconds) / 1e18)
        text.single(
            "process_start_time_seconds", "gauge", "When the process began to serve.",
            Int(around.startedAt.milliseconds / 1000))
        if let bytes = ResourceUsage.residentBytes() {
            text.single(
                "process_resident_memory_bytes", "gauge", "Resident memory size in bytes.", bytes)
        }
        if let count = ResourceUsage.openDescriptorCount() {
            text.single("process_open_fds", "gauge", "Open file descriptors.", count)
        }
        if let count = ResourceUsage.descriptorMax() {
            text.single(
                "process_max_fds", "gauge", "File descriptors that may be open.", count)
        }
    }
}
