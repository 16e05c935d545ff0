import Alerts
import EventLoop

/// Makes the calls that one step of a close needs, and says what they came to.
@LoopActor
struct CloseCaller {
    private let store: any AlertStore
    private let coordination: any Coordination
    private let clock: WallClock
    private let connections: Connections
    private let finder: IncidentFinder
    /// Who hears later than this that a claim was prolonged makes no call.
    private let renewalMax: Duration

    init(
        store: any AlertStore, coordination: any Coordination, connections: Connections,
        directory: Directory, clock: WallClock, renewalMax: Duration
    ) {
        self.renewalMax = renewalMax
        self.store = store
        self.coordination = coordination
        self.clock = clock
        self.connections = connections
        finder = IncidentFinder(connections: connections, directory: directory)
    }

    /// Closes the incident, or reads it when that is what the close asks for next.
    func carryOut(_ claimed: ClaimedClose) async -> Outcome {
        if CanaryRun.isCanary(incidentID: claimed.incidentID) { return await canary(claimed) }
        return switch (claimed.close.state, claimed.close.nextStep) {
        case (.sent, _), (_, .look): await look(claimed)
        case (_, .close): await close(claimed)
        }
    }

    /// What the calls for one close came to.
    enum Outcome {
        /// A canary can't get any further.
        static func canary(_ reason: String) -> Outcome {
            .concluded(.canary(.refused(reason: reason)), environmentID: nil)
        }

        /// The same for an answer after which a real close would wait for a person: a canary's 403
        /// or 404 says nothing of them, and must not hold them up.
        static func canary(_ result: CloseMachine.Result) -> Outcome {
            switch result {
            case .keyForbidden, .notFound, .refused: canary(result.inWords)
            case .accepted, .keyRejected, .rateLimited, .delayed, .unknown, .canary:
                .concluded(result, environmentID: nil)
            }
        }

        /// The incident was read.
        case read(IncidentReading)
        /// It ended otherwise; the environment is where the incident was found, if it was.
        case concluded(CloseMachine.Result, environmentID: String?)
        /// It was not made: while it waited for its turn, the close ended or was put off.
        case overtaken

        /// Whether BigPanda answered as one that works does.
        var showsBigPandaWorks: Bool {
            switch self {
            case .read: true
            case .concluded(let result, _): result.showsBigPandaWorks
            case .overtaken: false
            }
        }
    }

    private func look(_ claimed: ClaimedClose) async -> Outcome {
        let found = await finder.read(
            claimed.incidentID, hint: claimed.environmentID, for: claimed.integrationID,
            urgency: .close)
        switch found {
        case .success(let reading): return .read(reading)
        case .failure(let failure): return .concluded(failure.asRead, environmentID: nil)
        }
    }

    private func close(_ claimed: ClaimedClose) async -> Outcome {
        let preferred = finder.preferred(claimed.environmentID, for: claimed.integrationID)
        if let preferred {
            let answer = await send(claimed, to: preferred)
            guard answer == .failure(.notFound) else {
                return concluded(answer, in: preferred)
            }
        }
        let found = await finder.search(
            claimed.incidentID, for: claimed.integrationID, urgency: .close,
            except: preferred.map { [$0] } ?? [])
        switch found {
        case .failure(let failure): return .concluded(failure.asRead, environmentID: nil)
        case .success(let reading):
            guard let environmentID = reading.environmentID, reading.isActive else {
                return .read(reading)
            }
            return concluded(await send(claimed, to: environmentID), in: environmentID)
        }
    }

    /// Closes a canary, or reads it back: BigPanda has to answer by this key, and not to know it.
    private func canary(_ claimed: ClaimedClose) async -> Outcome {
        let preferred = finder.preferred(claimed.environmentID, for: claimed.integrationID)
        guard let preferred else { return .canary("The key sees no environment.") }
        guard claimed.close.state != .sent, claimed.close.nextStep == .close else {
            return await lookForCanary(claimed, in: preferred)
        }
        let answer = await send(claimed, to: preferred)
        switch answer {
        case .success: return concluded(answer, in: preferred)
        case .failure(.notFound):
            return .concluded(.canary(.unknown), environmentID: preferred)
        case .failure(let failure): return .canary(CloseMachine.Result(.failure(failure)))
        }
    }

    /// Any server may answer 404: the environment has to be there, and the incident not.
    private func lookForCanary(_ claimed: ClaimedClose, in environmentID: String) async -> Outcome {
        let listed = await connections.call(claimed.integrationID, .close) {
            await $0.environments()
        }
        switch listed {
        case .failure(let failure): return .canary(failure.asRead)
        case .success(let environments):
            guard environments.contains(where: { $0.id == environmentID }) else {
                return .canary("BigPanda does not list the environment \(environmentID).")
            }
        }
        let read = await connections.call(claimed.integrationID, .close) {
            await $0.read(incidentID: claimed.incidentID, environmentID: environmentID)
        }
        switch read {
        case .failure(.notFound):
            return .concluded(.canary(.confirmed), environmentID: environmentID)
        case .failure(let failure): return .canary(failure.asRead)
        case .success: return .canary("BigPanda shows an incident of the canary's id.")
        }
    }

    /// Remembers the environment only once BigPanda has shown that the incident is in it.
    private func concluded(
        _ answer: Result<CloseAcceptance?, CallFailure>, in environmentID: String
    ) -> Outcome {
        switch answer {
        case .success(nil): .overtaken
        case .success(let acceptance?):
            .concluded(CloseMachine.Result(.success(acceptance)), environmentID: environmentID)
        case .failure(let failure):
            .concluded(CloseMachine.Result(.failure(failure)), environmentID: nil)
        }
    }

    /// Closes the incident, unless the close is not owed any more: then the answer is `nil`.
    private func send(
        _ claimed: ClaimedClose, to environmentID: String
    ) async -> Result<CloseAcceptance?, CallFailure> {
        await connections.call(claimed.integrationID, .close) { api in
            // It has waited for its turn, and the alert may have re-fired meanwhile.
            switch await isStillOwed(claimed) {
            case .success(true): break
            case .success(false): return .success(nil)
            case .failure(let failure): return .failure(failure)
            }
            return await api.close(
                incidentID: claimed.incidentID, environmentID: environmentID,
                message: claimed.close.message
            ).map { $0 }
        }
    }

    private func isStillOwed(_ claimed: ClaimedClose) async -> Result<Bool, CallFailure> {
        let askedAt = ContinuousClock.now
        do throws(StoreError) {
            guard !coordination.isShared else {
                let isOwed = try await coordination.renew(claimed, at: clock.now)
                guard ContinuousClock.now - askedAt < renewalMax else {
                    let reason = "The store took too long to say whether the close is still owed"
                    return .failure(.delayed(reason: reason, retryAfter: nil))
                }
                return .success(isOwed)
            }
            let close = try await store.alert(claimed.close.alertID)?.close
            return .success(close?.id == claimed.close.id && close?.state == .sending)
        } catch {
            let reason = "The store could not say whether the close is still owed"
            return .failure(.delayed(reason: reason, retryAfter: nil))
        }
    }
}
