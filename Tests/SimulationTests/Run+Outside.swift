import Alerts
import GatewayTesting

extension Run {
    static func alertID(_ incident: Int) -> AlertID { Sample.alertID("inc-\(incident)") }

    /// Carries out a step of the history.
    func take(_ kind: Step.Kind) async throws {
        switch kind {
        case .incident(let number, let happening, let copies):
            happen(happening, to: number, copies: copies)
        case .resolve(let number): try await resolve(number)
        case .cancel(let number): try await cancel(number)
        case .retry(let number): try await retry(number)
        case .crash(let steps, let downFor):
            guard isUp else { return }
            stepsUntilCrash = steps
            self.downFor = downFor
            if steps == 0 { throw Crash() }
        case .fault(let kind, let calls): fault = (kind, calls)
        case .badKey(let isForbidden, let duration): badKey = (isForbidden, now + duration)
        case .lag(let by, let duration): lag = (by, now + duration)
        case .storeTrouble(let calls): door.failuresLeft = calls
        }
    }

    /// Something happens in BigPanda; without `copies` it draws what becomes of the webhook.
    func happen(_ happening: Step.Happening, to number: Int, copies: [Int]? = nil) {
        guard let told = world.carryOut(happening, to: number, at: now),
            let incident = world.incidents[number]
        else { return }
        serial += 1
        let webhook = Webhook(
            told, number, incident, serial: serial, style: history.style, random: &random)
        for delay in copies ?? drawnCopies() { agenda.add(.deliver(webhook), at: now + delay) }
    }

    private func drawnCopies() -> [Int] {
        guard !isHealed else { return [50] }
        switch random.within(0...7) {
        case 0: return []
        case 1: return [random.within(20...500), random.within(20...5000)]
        case 2: return [random.within(1000...20_000)]
        case _: return [random.within(20...500)]
        }
    }

    /// A webhook reaches the gateway, or is sent again later, or given up.
    func deliver(_ webhook: Webhook) async throws {
        guard isUp else { return deliverAgain(webhook) }
        let arrival = WebhookArrival(
            sourceID: Sample.sourceID, secretID: Sample.secretID, event: webhook.event,
            newAlertID: Self.alertID(webhook.incident), receivedAt: Moment.stamp(now))
        let result: WebhookResult
        do {
            result = try await door.apply(arrival)
        } catch {
            return deliverAgain(webhook)
        }
        try expectations[webhook.incident, default: Expectation()].take(
            webhook, result, at: Moment.stamp(now))
        if webhook.event.describedState == .closed, result.outcome != .ignoredStale,
            result.outcome != .duplicate
        {
            uncertain.remove(webhook.incident)
        }
        if result.outcome == .refired { try await noteRefire(webhook.incident) }
        do {
            try tick()
        } catch {
            deliverAgain(webhook)  // It was stored, and BigPanda never heard so.
            throw error
        }
        kick()
        if result.wantsReading { try await beginReading(of: Self.alertID(webhook.incident)) }
    }

    private func deliverAgain(_ webhook: Webhook) {
        guard isHealed || random.chance(0.8) else { return }
        agenda.add(.deliver(webhook), at: now + random.within(1000...15_000))
    }

    /// The close of an alert that re-fired may end as cancelled.
    func noteRefire(_ incident: Int) async throws {
        if let close = try await door.store.alert(Self.alertID(incident))?.close {
            cancelled.insert(close.id)
        }
    }

    private func resolve(_ number: Int) async throws {
        guard isUp else { return }
        serial += 1
        let closeID = CloseID("cls_\(serial)")
        let request = AlertMachine.ResolveRequest(
            alertID: Self.alertID(number), requestedBy: "ada", comment: nil, newCloseID: closeID)
        let change: AlertMachine.Change?
        do throws(StoreError) {
            change = try await door.resolve(request, at: Moment.stamp(now))
        } catch {
            return  // They are told that it did not work.
        }
        guard let change else { return }
        try expectations[number, default: Expectation()].take(
            change, resolvedUnder: closeID, at: Moment.stamp(now))
        try tick()
        kick()
    }

    private func cancel(_ number: Int) async throws {
        guard isUp, let close = try await door.store.alert(Self.alertID(number))?.close else {
            return
        }
        do throws(StoreError) {
            let actor = Actor(.user, name: "ada")
            if try await door.cancelClose(close.id, by: actor, at: Moment.stamp(now)) {
                cancelled.insert(close.id)
            }
        } catch {
            return  // They are told that it did not work.
        }
        try tick()
        kick()
    }

    private func retry(_ number: Int) async throws {
        guard isUp, let close = try await door.store.alert(Self.alertID(number))?.close else {
            return
        }
        do throws(StoreError) {
            try await door.retryClose(
                close.id, by: Actor(.user, name: "ada"), at: Moment.stamp(now))
        } catch {
            return  // They are told that it did not work.
        }
        try tick()
        kick()
    }
}
