import Alerts

/// What an alert has to be like, by what the gateway was told and by product rules alone.
struct Expectation {
    private(set) var status = AlertStatus.firing
    /// When a person's resolve last took effect.
    private(set) var lastResolvedAt: Timestamp?
    /// Closes that are owed, or were.
    private(set) var owed: [CloseID] = []
    /// How many resolves of persons took effect.
    private(set) var resolutionsCount = 0
    /// How many re-fires the gateway was given a reason for.
    private(set) var refiresCount = 0
    /// When the gateway was shown that the incident is closed.
    private(set) var shownClosedAt: [Timestamp] = []
    /// What was taken in: the webhook, and what it came to.
    private(set) var taken: [(webhook: Webhook, outcome: Outcome)] = []
    private var isResolvedByPerson = false
    /// Whether BigPanda last showed the incident open.
    private var isShownOpen = true
    private var newestChangedOn: Timestamp?
    private var lastFingerprint: Fingerprint?

    init() {}

    mutating func take(_ webhook: Webhook, _ result: WebhookResult, at now: Timestamp) throws {
        let event = webhook.event
        let isFirst = taken.isEmpty
        taken.append((webhook, result.outcome))
        try require(
            (result.outcome == .created) == isFirst, .explained,
            "\(event.incidentID): \(result.outcome) as number \(taken.count)")
        try require(
            (result.outcome == .duplicate) == (event.fingerprint == lastFingerprint), .explained,
            "\(event.incidentID): \(result.outcome), the repeat of another or none")
        guard result.outcome != .duplicate else { return }
        if let mine = event.times.changedOn, let newest = newestChangedOn, mine != newest {
            let isStale = mine < newest && !isReopenThatReadingOvertook(event)
            try require(
                (result.outcome == .ignoredStale) == isStale, .explained,
                "\(event.incidentID): \(result.outcome), changed on \(mine), newest \(newest)")
        }
        guard result.outcome != .ignoredStale else { return }
        newestChangedOn = [newestChangedOn, event.times.changedOn].compactMap { $0 }.max()
        lastFingerprint = event.fingerprint
        switch event.describedState {
        case .closed: becomeClosed(at: now)
        case .open:
            isShownOpen = true
            if status == .resolved, !isEcho(event, result) { fire() }
        case .none: break
        }
        try require(
            result.status == status, .status,
            "\(event.incidentID): \(result.outcome) and \(result.status), not \(status)")
    }

    mutating func take(_ reading: IncidentReading, _ change: AlertMachine.Change, at now: Timestamp)
        throws
    {
        if let mine = reading.times.changedOn, let newest = newestChangedOn, mine < newest {
            try require(
                change.outcome == .ignoredStale, .explained, "an outdated reading was applied")
            return
        }
        newestChangedOn = reading.times.changedOn ?? newestChangedOn
        isShownOpen = reading.isActive
        if !reading.isActive {
            becomeClosed(at: now)
        } else if change.outcome == .refired {
            if isResolvedByPerson, let resolvedAt = lastResolvedAt {
                try require(
                    (reading.times.changedOn?.wholeSeconds ?? 0) > resolvedAt.wholeSeconds, .status,
                    "a reading from before the resolve let the alert fire")
            }
            fire()
        }
        try require(
            change.subject.alert.status == status, .status,
            "reading made it \(change.subject.alert.status), not \(status)")
    }

    mutating func take(
        _ change: AlertMachine.Change, resolvedUnder closeID: CloseID, at now: Timestamp
    ) throws {
        let isEffective = change.outcome == .resolved
        try require(
            isEffective == (status == .firing), .status,
            "a resolve came to \(change.outcome) on an alert that is \(status)")
        if isEffective {
            status = .resolved
            isResolvedByPerson = true
            lastResolvedAt = now
            lastFingerprint = nil
            resolutionsCount += 1
        }
        if isEffective || change.outcome == .closeOwed { owed.append(closeID) }
    }

    /// Whether an event that shows the incident open tells of a time before the resolve.
    private func isEcho(_ event: WebhookEvent, _ result: WebhookResult) -> Bool {
        guard isResolvedByPerson, let resolvedAt = lastResolvedAt else { return false }
        guard let changedOn = event.times.changedOn else { return result.status == .resolved }
        return changedOn.wholeSeconds <= resolvedAt.wholeSeconds
    }

    /// Whether a change after the resolve comes when a reading has shown a later one.
    private func isReopenThatReadingOvertook(_ event: WebhookEvent) -> Bool {
        guard event.describedState == .open, isResolvedByPerson, isShownOpen,
            let resolvedAt = lastResolvedAt, let changedOn = event.times.changedOn
        else { return false }
        return changedOn.wholeSeconds > resolvedAt.wholeSeconds
    }

    private mutating func becomeClosed(at now: Timestamp) {
        isShownOpen = false
        shownClosedAt.append(now)
        guard status == .firing else { return }
        status = .resolved
        isResolvedByPerson = false
    }

    private mutating func fire() {
        status = .firing
        isResolvedByPerson = false
        refiresCount += 1
    }
}
