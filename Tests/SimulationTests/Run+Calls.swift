import Alerts

extension Run {
    func enter(_ job: Job) async throws {
        lastJobID += 1
        jobs[lastJobID] = job
        gate.enter(lastJobID, urgency: job.urgency)
        try await admit()
    }

    /// Lets calls begin, as many as the budget allows now.
    func admit() async throws {
        while true {
            switch gate.next(at: now, hasBudget: door.mutant != .callsWithoutBudget) {
            case .start(let id): try await start(id)
            case .wait(let until):
                agenda.add(.admit(life: life), at: until + 1)
                return
            case .nobody: return
            }
        }
    }

    private func start(_ id: Int) async throws {
        guard let job = jobs[id] else { preconditionFailure("a job that nobody knows") }
        if case .close(let claimed) = job.purpose, case .close = job.call {
            guard try await isStillOwed(claimed) else {
                gate.leave(at: now)
                end(id, job)
                return
            }
            try tick()
            let alert = try await door.store.alert(claimed.close.alertID)?.alert
            try require(
                alert?.status == .resolved, .firing, "\(claimed.incidentID) at \(now) ms")
            try require(
                !uncertain.contains(job.incident), .looks, "\(claimed.incidentID) at \(now) ms")
            uncertain.insert(job.incident)
        }
        runningCount += 1
        try require(
            runningCount <= 4, .rate, "\(runningCount) calls at once at \(now) ms")
        let onItsWay = random.within(5...150)
        agenda.add(
            .arrive(jobID: id, life: life, job.call, incident: job.incident), at: now + onItsWay)
    }

    /// Whether the close is still to be made now that its turn has come: the alert may have
    /// re-fired, or an operator thought better of it, since it was taken up.
    private func isStillOwed(_ claimed: ClaimedClose) async throws -> Bool {
        guard door.mutant != .callsWithoutAsking else { return true }
        do {
            let close = try await door.alert(claimed.close.alertID)?.close
            return close?.id == claimed.close.id && close?.state == .sending
        } catch {
            // What can't be known now is owed all the same, and was before.
            let close = try await door.store.alert(claimed.close.alertID)?.close
            return close?.id == claimed.close.id && close?.state == .sending
        }
    }

    /// A call reaches BigPanda, whatever has become of the gateway meanwhile.
    func arrive(_ id: Int, life: Int, _ call: Job.Call, incident: Int) throws {
        arrivals.append(now)
        if arrivals.count > 5 {
            let span = now - arrivals[arrivals.count - 6]
            try require(span >= 1000, .rate, "6 calls within \(span) ms until \(now) ms")
        }
        let (answer, took) = answer(to: call, incident: incident)
        if life == self.life { agenda.add(.answer(jobID: id, life: life, answer), at: now + took) }
    }

    private func answer(to call: Job.Call, incident: Int) -> (Job.Answer, took: Int) {
        if let badKey, now < badKey.until {
            return (.failure(badKey.isForbidden ? .keyForbidden : .keyRejected), took: 60)
        }
        guard let (kind, callsLeft) = fault else {
            return (honest(call, incident), took: random.within(20...400))
        }
        fault = callsLeft > 1 ? (kind, callsLeft - 1) : nil
        return faulty(kind, call, incident)
    }

    private func honest(
        _ call: Job.Call, _ incident: Int, effectAfter: Int? = nil
    ) -> Job.Answer {
        switch call {
        case .environments: return .environments
        case .read(let environment):
            let moment = lag.map { now < $0.until ? now - $0.by : now } ?? now
            let reading = world.reading(of: incident, in: environment, asOf: moment)
            return reading.map { .reading($0) } ?? .failure(.notFound)
        case .close(let environment):
            guard world.holds(incident, in: environment) else { return .failure(.notFound) }
            guard world.incidents[incident]?.isOpen == true else {
                return .accepted(isAlreadyClosed: true)
            }
            let usual = random.chance(0.9) ? 100...3000 : 3000...90_000
            agenda.add(.carryOut(incident), at: now + (effectAfter ?? random.within(usual)))
            return .accepted(isAlreadyClosed: false)
        }
    }

    private func faulty(
        _ kind: CallFault, _ call: Job.Call, _ incident: Int
    ) -> (Job.Answer, took: Int) {
        let unknown = Job.Answer.failure(.unknown(reason: "No answer came"))
        switch kind {
        case .slow: return (honest(call, incident), took: random.within(5000...25_000))
        case .serverError:
            return (.failure(.delayed(reason: "500", retryAfter: nil)), took: 50)
        case .unavailable:
            let wait = Duration.seconds(random.within(1...40))
            return (.failure(.delayed(reason: "503", retryAfter: wait)), took: 50)
        case .rateLimited:
            let wait = random.chance(0.5) ? Duration.seconds(random.within(1...400)) : nil
            return (.failure(.rateLimited(retryAfter: wait)), took: 30)
        case .resetBefore: return (unknown, took: 40)
        case .appliedThenReset:
            _ = honest(call, incident)
            return (unknown, took: 40)
        case .timesOut: return (unknown, took: 30_000)
        case .carriedOutLate:
            _ = honest(call, incident, effectAfter: random.within(30_000...60_000))
            return (unknown, took: 30_000)
        case .lies:
            guard case .close = call else { return (honest(call, incident), took: 100) }
            return (.accepted(isAlreadyClosed: false), took: 100)
        case .garbage: return (.failure(.notBigPanda(reason: "A page")), took: 100)
        case .notFound: return (.failure(.notFound), took: 100)
        case .refused: return (.failure(.refused(reason: "400")), took: 100)
        }
    }

    /// An answer reaches the gateway.
    func take(_ answer: Job.Answer, for id: Int) async throws {
        gate.leave(at: now)
        runningCount -= 1
        try tick()
        guard var job = jobs[id] else { preconditionFailure("an answer for nobody") }
        // Only "not here" lets a job that has closed go on: nothing was done.
        if case .close = job.call, case .failure(.notFound) = answer {
            uncertain.remove(job.incident)
        }
        let next = job.take(answer)
        jobs[id] = job
        if case .call = next {
            gate.enter(id, urgency: job.urgency)
        } else {
            try await finish(id, job, next)
        }
        try await admit()
    }
}
