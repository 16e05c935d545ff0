import Alerts
import EventLoop
import TLS

/// One canary on its way.
@LoopActor
struct CanaryFlight {
    /// What canaries need.
    @LoopActor
    struct Parts {
        let store: any AlertStore & CanaryStore
        let directory: Directory
        let identifiers = IdentifierSource()
        let clock: WallClock
        let perform: CanaryCall.Perform
        /// Is told that a close is owed.
        var onCloseOwed: @LoopActor () -> Void = {}
    }

    private let parts: Parts
    private let integration: Integration
    private let publicURL: String

    /// Who resolves it.
    static let actor = Actor(.gateway, name: "canary")
    /// Between two looks at how far the close is; other gateways make closes, too.
    private static let pollInterval = Duration.milliseconds(100)

    init(_ parts: Parts, _ integration: Integration, under publicURL: String) {
        self.parts = parts
        self.integration = integration
        self.publicURL = publicURL
    }

    /// Goes the whole way, or as far as it gets within the deadline.
    func fly(while isWanted: @LoopActor () -> Bool) async -> CanaryRun {
        var run = CanaryRun(startedAt: parts.clock.now)
        do throws(CanaryRun.Failure) {
            try await fly(&run, while: isWanted)
        } catch {
            run.failure = error
        }
        run.endedAt = parts.clock.now
        return run
    }

    private func fly(
        _ run: inout CanaryRun, while isWanted: @LoopActor () -> Bool
    ) async throws(CanaryRun.Failure) {
        let deadline = ContinuousClock.now + Canary.deadline
        let environmentID = integration.environmentID ?? integration.environments.first?.id
        guard let environmentID else {
            throw CanaryRun.Failure(.close, "The API key sees no environment.")
        }
        try await stored(.resolve) { () async throws(StoreError) in try await resolveLeftOvers() }
        let (source, secret) = try await openSource()
        var start = ContinuousClock.now
        let call = CanaryCall(
            url: SourceRoutes.callbackURL(of: source, under: publicURL), secret: secret,
            incidentID: incidentID, environmentID: environmentID, at: parts.clock.now)
        let alertID: AlertID
        switch await parts.perform(call) {
        case .success(let id): alertID = id
        case .failure(let failure): throw CanaryRun.Failure(.webhook, failure.reason)
        }
        let subject = try await stored(.webhook) { () async throws(StoreError) in
            try await parts.store.alert(alertID)
        }
        guard let subject, subject.alert.sourceID == source, subject.alert.status == .firing else {
            throw CanaryRun.Failure(
                .webhook, "The callback URL leads to a gateway with another store.")
        }
        run.alertID = alertID
        run.durations.append(ContinuousClock.now - start)
        start = .now
        try await stored(.resolve) { () async throws(StoreError) in try await resolve(alertID) }
        run.durations.append(ContinuousClock.now - start)
        try await waitForClose(of: &run, alertID, until: deadline, while: isWanted)
    }

    private var incidentID: String {
        CanaryRun.incidentPrefix + String(UInt64.random(in: 0 ... .max), radix: 16)
    }

    /// Gives the canary's source, which is made with the first, a secret for this one.
    private func openSource() async throws(CanaryRun.Failure) -> (SourceID, secret: Secret) {
        let now = parts.clock.now
        guard let (text, made) = parts.identifiers.makeSecret(at: now) else {
            throw CanaryRun.Failure(.webhook, "The system gave no randomness.")
        }
        var fresh = made
        fresh.expiresAt = now + Canary.deadline
        let (secret, name) = (fresh, "Canary of \(integration.name)")
        guard let known = parts.directory.canarySource(of: integration.id) else {
            let id = SourceID(canaryFrom: parts.identifiers.make(.source))
            let source = Source(
                id: id, integrationID: integration.id, name: name, secret: secret, at: now)
            try await stored(.webhook) { () async throws(StoreError) in
                try await parts.directory.insert(source)
            }
            return (id, Secret(text))
        }
        let changed = try await stored(.webhook) { () async throws(StoreError) in
            try await parts.directory.change(known) { source in
                source.name = name
                source.secrets = [secret]
                source.updatedAt = now
            }
        }
        guard changed != nil else {
            throw CanaryRun.Failure(.webhook, "Its source was removed meanwhile.")
        }
        return (known, Secret(text))
    }

    private func resolve(_ id: AlertID) async throws(StoreError) {
        let wish = AlertMachine.ResolveRequest(
            alertID: id, requestedBy: Self.actor.name, comment: CanaryCall.text,
            newCloseID: CloseID(parts.identifiers.make(.close)))
        _ = try await parts.store.resolve(wish, at: parts.clock.now)
        parts.onCloseOwed()
    }

    /// Resolves what one before has left firing, whose gateway died on the way.
    private func resolveLeftOvers() async throws(StoreError) {
        guard let source = parts.directory.canarySource(of: integration.id) else { return }
        var query = AlertQuery(limit: 20)
        (query.sourceID, query.status) = (source, .firing)
        for subject in try await parts.store.alerts(query).items {
            try await resolve(subject.alert.id)
        }
    }

    private func waitForClose(
        of run: inout CanaryRun, _ id: AlertID, until deadline: ContinuousClock.Instant,
        while isWanted: @LoopActor () -> Bool
    ) async throws(CanaryRun.Failure) {
        while true {
            let found = try await stored(.close) { () async throws(StoreError) in
                try await parts.store.alert(id)?.close
            }
            guard let close = found else { throw CanaryRun.Failure(.close, "Its alert is gone.") }
            if let sentAt = close.sentAt, run.durations.count == 2 {
                run.durations.append(max(.zero, sentAt - close.createdAt))
            }
            let hop: CanaryRun.Hop = run.durations.count > 2 ? .confirm : .close
            switch close.state {
            case .confirmed:
                run.durations.append(
                    max(.zero, close.updatedAt - (close.sentAt ?? close.updatedAt)))
                return
            case .failed, .cancelled:
                throw CanaryRun.Failure(hop, close.lastError ?? "Somebody cancelled its close.")
            case .pending, .sending, .sent: break
            }
            let known = parts.directory.integration(integration.id)
            let isPaused = known?.state.isPaused ?? true
            guard isWanted(), !isPaused, ContinuousClock.now < deadline else {
                await giveUp(close)
                let reason = isPaused ? known?.stateReason : close.lastError
                throw CanaryRun.Failure(
                    hop, reason ?? "BigPanda had not answered after \(Canary.deadline.inWords).")
            }
            await Timer.wait(Self.pollInterval)
        }
    }

    /// Nobody is to try this one for ever.
    private func giveUp(_ close: Close) async {
        do throws(StoreError) {
            _ = try await parts.store.cancelClose(close.id, by: Self.actor, at: parts.clock.now)
        } catch {
            // Then it goes on, and its alert is pruned once it has ended.
        }
    }

    private func stored<Success>(
        _ hop: CanaryRun.Hop, _ body: @LoopActor () async throws(StoreError) -> Success
    ) async throws(CanaryRun.Failure) -> Success {
        do throws(StoreError) {
            return try await body()
        } catch {
            throw CanaryRun.Failure(hop, "The store: \(error)")
        }
    }
}
