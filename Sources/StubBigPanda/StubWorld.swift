import EventLoop
import JSON

/// Everything that the stub knows; both of its APIs work on it.
@LoopActor
final class StubWorld {
    var goodKeys: Set<String> = ["BPU-stub-key"]
    var forbiddenKeys: Set<String> = ["BPU-forbidden-key"]
    var environments = [
        StubEnvironment(
            id: "63bd568809cb331300ffa555", name: "Production", filter: "environment = production"),
        StubEnvironment(
            id: "63bd568809cb331300ffa666", name: "Staging", filter: "environment = staging"),
    ]
    /// Webhook v2 integrations, as they were put in, by their full ids.
    var outbound: [(id: String, tree: JSONTree)] = []
    var settings = StubSettings()
    var faults = FaultBook()
    var calls = CallLog()
    let webhooks: WebhookSender
    let delayed = DelayedWork()

    private(set) var incidents: [String: StubIncident] = [:]
    /// Ids in the order in which incidents came to be; deleted ones leave gaps.
    private var order: [String] = []
    private var lastNumber: UInt32 = 0
    private var rates: [String: RateWindow] = [:]

    private let clock: @Sendable () -> Int64

    init(webhooks: WebhookSender, clock: @escaping @Sendable () -> Int64) {
        self.webhooks = webhooks
        self.clock = clock
    }

    /// Seconds since the epoch, which is as exactly as BigPanda tells time.
    var now: Int64 { clock() / 1000 }

    /// All incidents, the oldest first.
    var inOrder: [StubIncident] { order.compactMap { incidents[$0] } }

    /// An id as BigPanda's look: 24 hexadecimal digits, the time first.
    func newID() -> String {
        lastNumber += 1
        return hexadecimal(UInt64(now), width: 8) + hexadecimal(.random(in: 0..<1 << 40), width: 10)
            + hexadecimal(UInt64(lastNumber % 0x100_0000), width: 6)
    }

    func add(_ incident: StubIncident) throws(StubRefusal) {
        guard incidents[incident.id] == nil else {
            throw StubRefusal(409, "there is an incident with this id")
        }
        guard incidents.count < StubLimits.incidentsMax else {
            throw StubRefusal(400, "too many incidents")
        }
        incidents[incident.id] = incident
        order.append(incident.id)
    }

    func remove(_ id: String) throws(StubRefusal) {
        guard incidents.removeValue(forKey: id) != nil else { throw .notFound("incident") }
        order.removeAll { $0 == id }
    }

    /// Changes an incident.
    ///
    /// - Returns: It afterwards.
    func update(
        _ id: String, _ change: (inout StubIncident) throws(StubRefusal) -> Void
    ) throws(StubRefusal) -> StubIncident {
        guard var incident = incidents[id] else { throw .notFound("incident") }
        try change(&incident)
        incidents[id] = incident
        return incident
    }

    /// Tells of an event by webhook.
    func share(_ event: String, _ id: String) {
        guard var incident = incidents[id] else { return }
        incident.isShared = true
        incident.note("incident_shared", at: now)
        incidents[id] = incident
        webhooks.send(event, incident, fault: faults.take(at: .webhook))
    }

    /// Closes an incident some time after the API accepted it; one that was deleted is gone.
    func closeIncident(_ id: String, afterMilliseconds delay: Int64) {
        delayed.after(milliseconds: delay) { [weak self] in
            guard let self, var incident = incidents[id], incident.isActive else { return }
            incident.close(by: "incident_resolved_api", at: now)
            incidents[id] = incident
            if settings.echoes, incident.isShared { share("incident#closed", id) }
        }
    }

    /// Counts a call of a token to a route.
    func admits(token: String, route: String) -> Bool {
        rates["\(route) \(token)", default: RateWindow()].admits(
            at: SystemClock.monotonic(), callsMax: settings.callsPerSecondMax)
    }

    /// Drops what is still to come.
    func stop() async {
        delayed.cancelAll()
        await webhooks.stop()
    }

    private func hexadecimal(_ number: UInt64, width: Int) -> String {
        let digits = String(number, radix: 16)
        return String(repeating: "0", count: max(0, width - digits.count)) + digits.suffix(width)
    }
}

/// One of the views on incidents that roles are granted for.
struct StubEnvironment: Equatable {
    let id: String
    let name: String
    let filter: String

    var json: JSONTree {
        ["id": .string(id), "name": .string(name), "filter": .string(filter)]
    }
}

/// How the stub behaves when no fault is ordered.
struct StubSettings: Equatable {
    /// From a 202 until the incident is inactive.
    var applyDelayMilliseconds: Int64 = 150
    /// Calls of one token to one route; 0 for no limit.
    ///
    /// Source: BigPanda, API reference "Rate limits": 5 requests a second for a route and token.
    var callsPerSecondMax = 5
    /// Whether closes that the API was asked for are told by webhook.
    var echoes = true

    var json: JSONTree {
        [
            "apply_delay_ms": .integer(applyDelayMilliseconds),
            "rate_per_second": .integer(Int64(callsPerSecondMax)), "echo": .bool(echoes),
        ]
    }
}
