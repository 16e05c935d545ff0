package import Alerts
package import EventLoop

/// Calls to BigPanda for every integration, each through its own gate.
@LoopActor
package final class Connections {
    /// Makes the way to one organisation.
    package typealias Factory = @LoopActor (Integration.Endpoint, APIKey) -> any IncidentAPI

    private let directory: Directory
    private let coordination: any Coordination
    private let factory: Factory
    private let startedAt = ContinuousClock.now
    private var gates: [IntegrationID: CallGate] = [:]
    private var isClosed = false
    /// Calls made so far, for metrics.
    private var counts = [Int](repeating: 0, count: CallResult.allCases.count)
    /// How long calls took, their turn not counted.
    package private(set) var durations = Histogram(.nanoseconds, bounds: Histogram.latencies)

    /// Makes connections for the integrations of `directory`.
    package init(
        directory: Directory, coordination: any Coordination = SoleReplica(),
        factory: @escaping Factory
    ) {
        self.directory = directory
        self.coordination = coordination
        self.factory = factory
    }

    /// Makes one call for an integration that is stored.
    ///
    /// - Returns: The call's result; a failure of kind `delayed` when it could not be made.
    package func call<Success: Sendable>(
        _ id: IntegrationID, _ urgency: CallGate.Urgency,
        _ body: @LoopActor (any IncidentAPI) async -> Result<Success, CallFailure>
    ) async -> Result<Success, CallFailure> {
        guard let integration = directory.integration(id), let key = directory.key(of: id) else {
            return .failure(.refused(reason: "The integration is gone."))
        }
        return await call(id, integration.endpoint, key, urgency, body)
    }

    /// Checks a key, stored or not, within the budget of the integration it is for.
    package func check(
        _ id: IntegrationID, endpoint: Integration.Endpoint, key: APIKey,
        urgency: CallGate.Urgency = .person
    ) async -> KeyCheck {
        KeyCheck(await call(id, endpoint, key, urgency) { await $0.environments() })
    }

    /// Forgets an integration that was never stored, or is gone.
    package func forget(_ id: IntegrationID) {
        gates.removeValue(forKey: id)?.close()
    }

    /// Lets no further call begin.
    package func close() {
        isClosed = true
        for gate in gates.values { gate.close() }
    }

    private func call<Success: Sendable>(
        _ id: IntegrationID, _ endpoint: Integration.Endpoint, _ key: APIKey,
        _ urgency: CallGate.Urgency,
        _ body: @LoopActor (any IncidentAPI) async -> Result<Success, CallFailure>
    ) async -> Result<Success, CallFailure> {
        let api = factory(endpoint, key)
        guard !isClosed,
            let result = await gate(for: id).run(urgency, { await timed(api, body) })
        else {
            return .failure(.delayed(reason: "The gateway is stopping.", retryAfter: nil))
        }
        return result
    }

    private func timed<Success: Sendable>(
        _ api: any IncidentAPI,
        _ body: @LoopActor (any IncidentAPI) async -> Result<Success, CallFailure>
    ) async -> Result<Success, CallFailure> {
        let start = SystemClock.nanoseconds()
        let result = await body(api)
        durations.count(SystemClock.nanoseconds() - start)
        counts[CallResult(result).place] += 1
        return result
    }

    /// Calls made so far by what came of them, in a fixed order; for metrics.
    package var callCounts: [(result: String, count: Int)] {
        CallResult.allCases.map { ($0.rawValue, counts[$0.place]) }
    }

    /// Calls of an integration so far, and those that wait for a turn.
    package func use(of id: IntegrationID) -> (calls: Int, waiting: Int) {
        gates[id].map { ($0.admittedCount, $0.waitingCount) } ?? (0, 0)
    }

    private func gate(for id: IntegrationID) -> CallGate {
        if let gate = gates[id] { return gate }
        // A process before this one may have used the budget up to the moment we started. Only
        // what is stored can have been used by it; a new integration's first call is this one.
        let budget =
            directory.integration(id) == nil ? RateBudget() : RateBudget(resumedAt: startedAt)
        let shared =
            coordination.isShared ? CallGate.SharedPlaces(of: id, by: coordination) : nil
        let gate = CallGate(budget: budget, shared: shared)
        gates[id] = gate
        return gate
    }
}
