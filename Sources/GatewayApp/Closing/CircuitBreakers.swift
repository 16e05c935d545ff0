package import Alerts
package import EventLoop

/// The circuit breakers of all integrations that failed lately.
@LoopActor
package final class CircuitBreakers {
    private var breakers: [IntegrationID: CircuitBreaker] = [:]

    /// Makes one that holds nothing back.
    package init() {}

    /// Integrations whose closes are held back; for metrics.
    package var heldIntegrations: Set<IntegrationID> {
        Set(breakers.filter { $0.value.isOpen }.keys)
    }

    /// Integrations of which one close may be taken up, to see whether BigPanda works again.
    func dueForProbe(at now: ContinuousClock.Instant) -> Set<IntegrationID> {
        Set(breakers.filter { $0.value.passage(at: now) == .probe }.keys)
    }

    /// Whether the integration's closes are held back.
    func isOpen(_ id: IntegrationID) -> Bool { breakers[id]?.isOpen ?? false }

    /// When the first of the waits before a probe is over; `nil` without one.
    var nextProbeAt: ContinuousClock.Instant? {
        breakers.values.compactMap { breaker in
            switch breaker.passage(at: .now) {
            case .held(let until): until
            case .free, .probe, .heldByProbe: nil
            }
        }.min()
    }

    /// A close of the integration was taken up as a probe.
    func probeBegan(_ id: IntegrationID) {
        breakers[id]?.probeBegan()
    }

    /// BigPanda answered a call of the integration.
    ///
    /// - Returns: Whether its closes had been held back.
    func answered(_ id: IntegrationID) -> Bool {
        breakers.removeValue(forKey: id)?.isOpen ?? false
    }

    /// A call of the integration came to nothing.
    ///
    /// - Returns: Whether its closes are held back by this.
    func failed(_ id: IntegrationID, isProbe: Bool) -> Bool {
        var breaker = breakers[id] ?? CircuitBreaker()
        let wasOpen = breaker.isOpen
        breaker.failed(isProbe: isProbe, at: .now, fraction: .random(in: 0..<1))
        breakers[id] = breaker
        return breaker.isOpen && !wasOpen
    }

    /// Forgets an integration whose key was found good, or that is gone.
    func forget(_ id: IntegrationID) {
        breakers[id] = nil
    }
}
