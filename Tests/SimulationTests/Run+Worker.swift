import Alerts
import GatewayTesting

extension Run {
    /// Has the worker look for due closes.
    func kick() {
        planWork(at: now)
    }

    private func planWork(at moment: Int) {
        if let plannedWork, plannedWork <= moment { return }
        plannedWork = moment
        agenda.add(.work(life: life), at: moment)
    }

    /// Takes up what is due, and plans when to look again.
    func work() async throws {
        guard plannedWork == now else { return }
        plannedWork = nil
        do {
            while true {
                let claimed = try await door.claimDueCloses(
                    CloseClaim(
                        at: Moment.stamp(now), limit: RateBudget.concurrentMax,
                        excludedIntegrations: underWay.count >= RateBudget.concurrentMax
                            ? [Sample.integrationID] : [],
                        excludedAlerts: underWay))
                guard !claimed.isEmpty else { break }
                try tick()
                for close in claimed { try await begin(close) }
            }
            guard let dueAt = try await door.nextCloseDueAt() else { return }
            let wait = Int(dueAt.milliseconds - Moment.stamp(now).milliseconds)
            if wait > 0 || underWay.isEmpty { planWork(at: now + max(wait, 50)) }
        } catch is StoreError {
            planWork(at: now + 5000)
        }
    }

    /// What another life had under way when it ended is nobody's now.
    func recoverInterrupted() async throws {
        do {
            try await door.recoverInterruptedCloses(at: Moment.stamp(now))
        } catch {
            agenda.add(.recover(life: life), at: now + 2000)
            return
        }
        try tick()
        kick()
    }

    private func begin(_ claimed: ClaimedClose) async throws {
        underWay.insert(claimed.close.alertID)
        try await enter(
            Job(close: claimed, incident: Self.number(claimed.incidentID), at: now))
    }

    private static func number(_ incidentID: String) -> Int {
        guard let number = Int(incidentID.dropFirst("inc-".count)) else {
            preconditionFailure("\(incidentID) is no incident of this run")
        }
        return number
    }

    /// Has BigPanda asked about every alert that fires.
    func reconcile() async throws {
        guard !isHealed else { return }
        agenda.add(.reconcile(life: life), at: now + 300_000)
        try await readFiringAlerts()
    }

    func readFiringAlerts() async throws {
        var query = AlertQuery(limit: 500)
        query.status = .firing
        for subject in try await door.store.alerts(query).items {
            try await beginReading(of: subject.alert.id)
        }
    }

    func beginReading(of id: AlertID) async throws {
        let isBeingRead = jobs.values.contains { job in
            if case .reading(id) = job.purpose { true } else { false }
        }
        guard !isBeingRead, let subject = try await door.store.alert(id) else { return }
        try await enter(
            Job(reading: subject.alert, incident: Self.number(subject.alert.incidentID), at: now))
    }

    func planKeyCheck(after wait: Int) {
        guard !isChecking else { return }
        isChecking = true
        agenda.add(.checkKey(life: life), at: now + wait)
    }

    func checkKey() async throws {
        isChecking = false
        guard try await isPaused() else { return }
        try await enter(Job(keyCheckAt: now))
    }

    /// The work for a job has come to an end.
    func finish(_ id: Int, _ job: Job, _ next: Job.Next) async throws {
        do {
            switch (job.purpose, next) {
            case (.close(let claimed), .read(let reading)):
                try await store(reading, job, of: claimed.close.alertID)
            case (.close(let claimed), .concluded(let result, let environment)):
                try await conclude(claimed, job, result, environment)
            case (.reading(let alertID), .read(let reading)):
                try await store(reading, job, of: alertID)
            case (.reading, .concluded): break
            case (.keyCheck, .keyIsGood): try await door.setState(.connected)
            case (.keyCheck, _): planKeyCheck(after: 60_000)
            case (_, .call), (_, .keyIsGood): preconditionFailure("\(next) is no end")
            }
            try tick()
        } catch is StoreError {
            switch job.purpose {
            case .close(let claimed):
                // Taken for under way until the store can be told that nobody knows.
                agenda.add(.concludeAgain(jobID: id, life: life, claimed), at: now + 5000)
                return
            case .reading: break
            case .keyCheck: planKeyCheck(after: 5000)
            }
        }
        end(id, job)
    }

    func end(_ id: Int, _ job: Job) {
        jobs[id] = nil
        if case .close(let claimed) = job.purpose { underWay.remove(claimed.close.alertID) }
        kick()
    }

    private func store(_ reading: IncidentReading, _ job: Job, of alertID: AlertID) async throws {
        let change = try await door.apply(
            reading, to: alertID, readAt: Moment.stamp(job.begunAt), at: Moment.stamp(now))
        guard let change else { throw Violation(.explained, "\(alertID) is gone") }
        try expectations[job.incident]?.take(reading, change, at: Moment.stamp(now))
        if change.outcome != .ignoredStale { uncertain.remove(job.incident) }
        if change.outcome == .refired { try await noteRefire(job.incident) }
    }

    private func conclude(
        _ claimed: ClaimedClose, _ job: Job, _ result: CloseMachine.Result, _ environment: String?
    ) async throws {
        let id = claimed.close.id
        let newest = try await door.store.alert(claimed.close.alertID)?.close?.id
        try await door.conclude(
            CloseMachine.Conclusion(
                closeID: id, result: result, environmentID: environment, at: Moment.stamp(now),
                fraction: random.fraction(), fence: claimed.fence), of: claimed.close.alertID)
        var isKnown = false
        if case .close = job.call { isKnown = true }
        switch result {
        case .accepted:
            if newest == id { acceptedCounts[job.incident, default: 0] += 1 }
        case .notFound, .refused: givenUp.insert(id)
        case .unknown: isKnown = false
        case .keyRejected, .keyForbidden:
            try await door.setState(result == .keyRejected ? .keyRejected : .keyForbidden)
            planKeyCheck(after: 60_000)
        case .rateLimited, .delayed, .canary: break
        }
        if isKnown { uncertain.remove(job.incident) }
    }

    func concludeAgain(_ id: Int, _ claimed: ClaimedClose) async throws {
        guard let job = jobs[id] else { return }
        do {
            try await door.conclude(
                CloseMachine.Conclusion(
                    closeID: claimed.close.id,
                    result: .unknown(reason: "The store failed after the call"),
                    environmentID: nil, at: Moment.stamp(now), fraction: 0,
                    fence: claimed.fence),
                of: claimed.close.alertID)
        } catch {
            agenda.add(.concludeAgain(jobID: id, life: life, claimed), at: now + 5000)
            return
        }
        try tick()
        end(id, job)
    }
}
