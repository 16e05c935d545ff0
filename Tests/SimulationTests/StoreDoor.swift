import Alerts
import GatewayTesting

/// A fault put into the gateway on purpose, to show that the simulation finds it.
enum Mutant: String, CaseIterable {
    case losesAWebhook, losesAResolve, losesAConclusion
    case ignoresOrder, ignoresEchoes, ignoresReopensWhileClosing, forgetsRepeats
    case skipsRecovery, takesUnknownForAccepted, takesUnknownForDelayed
    case confirmsWhatWasAccepted
    case callsWithoutAsking, callsWithoutBudget
}

/// The way of a simulated gateway to its store, on which calls can fail and mutants sit.
struct StoreDoor {
    typealias Store = StoreContract.Store

    var store: Store
    let mutant: Mutant?
    /// So many of the next calls fail.
    var failuresLeft = 0
    private var webhooksCount = 0

    init(_ store: Store, mutant: Mutant?) {
        self.store = store
        self.mutant = mutant
    }

    private mutating func pass() throws(StoreError) {
        guard failuresLeft > 0 else { return }
        failuresLeft -= 1
        throw StoreError(.busy, "The store is in trouble, by order.")
    }

    mutating func apply(
        _ arrival: WebhookArrival
    ) async throws(StoreError) -> WebhookResult {
        try pass()
        let known = try await store.alert(arrival.newAlertID)
        let altered = WebhookArrival(
            sourceID: arrival.sourceID, secretID: arrival.secretID,
            event: alter(arrival.event, known), newAlertID: arrival.newAlertID,
            receivedAt: arrival.receivedAt)
        webhooksCount += 1
        if let known, mutant == .losesAWebhook, webhooksCount.isMultiple(of: 5) {
            let change = AlertMachine.apply(
                arrival.event, to: known, sourceID: arrival.sourceID,
                newAlertID: arrival.newAlertID, at: arrival.receivedAt)
            return WebhookResult(
                alertID: known.alert.id, outcome: change.outcome,
                status: change.subject.alert.status, wantsReading: change.wantsReading,
                deliveryID: DeliveryID(number: .max))
        }
        guard let result = try await store.apply([altered]).first else {
            throw StoreError(.other, "The store answered a webhook with nothing.")
        }
        return result
    }

    private func alter(_ event: WebhookEvent, _ known: AlertMachine.Subject?) -> WebhookEvent {
        var altered = event
        let isOpen = event.describedState == .open
        switch mutant {
        case .ignoresOrder: altered.times = EventTimes()
        case .ignoresEchoes:
            if isOpen, let resolvedAt = known?.alert.resolvedAt {
                altered.times = EventTimes(changedOn: resolvedAt + .seconds(1))
            }
        case .ignoresReopensWhileClosing:
            if isOpen, known?.close?.state.isEnded == false {
                altered.active = nil
                altered.bigPandaStatus = nil
                altered.name = .other
            }
        case .forgetsRepeats:
            altered.fingerprint = Fingerprint(
                high: event.fingerprint.high, low: event.fingerprint.low &+ UInt64(webhooksCount))
        case _: break
        }
        return altered
    }

    mutating func resolve(
        _ request: AlertMachine.ResolveRequest, at now: Timestamp
    ) async throws(StoreError) -> AlertMachine.Change? {
        try pass()
        if mutant == .losesAResolve {
            guard let subject = try await store.alert(request.alertID) else { return nil }
            return AlertMachine.resolve(subject, by: request, at: now)
        }
        return try await store.resolve(request, at: now)
    }

    mutating func apply(
        _ reading: IncidentReading, to alertID: AlertID, readAt: Timestamp, at now: Timestamp
    ) async throws(StoreError) -> AlertMachine.Change? {
        try pass()
        return try await store.apply(reading, to: alertID, readAt: readAt, at: now)
    }

    mutating func claimDueCloses(_ claim: CloseClaim) async throws(StoreError) -> [ClaimedClose] {
        try pass()
        return try await store.claimDueCloses(claim)
    }

    mutating func nextCloseDueAt() async throws(StoreError) -> Timestamp? {
        try pass()
        return try await store.nextCloseDueAt(excluding: [])
    }

    mutating func conclude(
        _ conclusion: CloseMachine.Conclusion, of alertID: AlertID
    ) async throws(StoreError) {
        try pass()
        if mutant == .losesAConclusion { return }
        var result = conclusion.result
        if case .unknown(let reason) = result {
            if mutant == .takesUnknownForAccepted { result = .accepted(isAlreadyClosed: false) }
            if mutant == .takesUnknownForDelayed {
                result = .delayed(reason: reason, retryAfter: nil)
            }
        }
        _ = try await store.conclude(
            CloseMachine.Conclusion(
                closeID: conclusion.closeID, result: result,
                environmentID: conclusion.environmentID, at: conclusion.at,
                fraction: conclusion.fraction, fence: conclusion.fence))
        if mutant == .confirmsWhatWasAccepted, case .accepted = result {
            _ = try await store.apply(
                IncidentReading(isActive: false), to: alertID, readAt: conclusion.at,
                at: conclusion.at)
        }
    }

    mutating func recoverInterruptedCloses(at now: Timestamp) async throws(StoreError) {
        try pass()
        if mutant == .skipsRecovery { return }
        _ = try await store.recoverInterruptedCloses(at: now)
    }

    mutating func retryClose(
        _ id: CloseID, by actor: Actor, at now: Timestamp
    ) async throws(StoreError) {
        try pass()
        _ = try await store.retryClose(id, by: actor, at: now)
    }

    /// - Returns: Whether the close is cancelled now.
    mutating func cancelClose(
        _ id: CloseID, by actor: Actor, at now: Timestamp
    ) async throws(StoreError) -> Bool {
        try pass()
        switch try await store.cancelClose(id, by: actor, at: now) {
        case .success(let change): return change.subject.close?.state == .cancelled
        case .failure, nil: return false
        }
    }

    mutating func alert(_ id: AlertID) async throws(StoreError) -> AlertMachine.Subject? {
        try pass()
        return try await store.alert(id)
    }

    mutating func setState(_ state: IntegrationState) async throws(StoreError) {
        try pass()
        for var integration in try await store.integrations() {
            integration.state = state
            try await store.update(integration, key: nil)
        }
    }
}
