package import Alerts
import Synchronization

/// Keeps everything in memory, with the same machines and the same promises save durability.
///
/// Plain on purpose: lists are sorted when they are asked for.
package actor MemoryAlertStore {
    struct Row {
        var subject: AlertMachine.Subject
        var timeline: [Transition] = []
        var sequence: Int64
        var plan = ReadingPlan()
    }

    struct EventKey: Hashable {
        let sourceID: SourceID
        let incidentID: String
    }

    var rows: [AlertID: Row] = [:]
    var alertIDs: [EventKey: AlertID] = [:]
    /// Every close ever owed, in the order in which they became owed.
    var allCloses: [Close] = []
    var lastSequence: Int64 = 0
    /// The numbers of the newest changes.
    var closeNumbers: [CloseID: Int64] = [:]
    var integrationNumbers: [IntegrationID: Int64] = [:]
    let hook = Mutex<(@Sendable () -> Void)?>(nil)
    /// The journal, oldest first.
    var keptDeliveries: [KeptDelivery] = []
    var integrationsByID: [IntegrationID: (integration: Integration, key: APIKey)] = [:]
    var sourcesByID: [SourceID: Source] = [:]
    var removedSources: Set<SourceID> = []
    var traffic: [SourceID: TrafficProfile] = [:]
    var allCanaries: [IntegrationID: Canary] = [:]
    var sessionsByHash: [[UInt8]: Session] = [:]
    var tokensByID: [String: AdminToken] = [:]
    var auditEntries: [AuditEntry] = []
    var activityCounts: [Activity.Key: Int64] = [:]
    var endpointRows: [EndpointID: EndpointRow] = [:]
    /// In the order in which they were made.
    var messageRows: [MessageRow] = []
    let messageHook = Mutex<(@Sendable () -> Void)?>(nil)
    var isClosed = false
    var scheduledFailures: [StoreError?] = []

    let schedule: ReconcileSchedule
    /// True, as a store whose calls take turns, unless it was made otherwise.
    package nonisolated let appliesInTurn: Bool
    private var applying: (@Sendable () async -> Void)?

    /// An empty store, whose firing alerts are to be read back by `schedule`.
    package init(schedule: ReconcileSchedule = ReconcileSchedule(), appliesInTurn: Bool = true) {
        self.schedule = schedule
        self.appliesInTurn = appliesInTurn
    }

    /// Has webhooks wait for `body` between being taken and being stored; other calls go on.
    package func whileApplying(_ body: (@Sendable () async -> Void)?) {
        applying = body
    }

    /// Makes the next calls fail, one error each, before they do anything; `nil` lets one through.
    package func fail(with errors: [StoreError?]) {
        scheduledFailures += errors
    }

    func begin() throws(StoreError) {
        guard !isClosed else { throw StoreError(.closed, "The store is closed.") }
        guard !scheduledFailures.isEmpty, let failure = scheduledFailures.removeFirst() else {
            return
        }
        throw failure
    }

    /// Writes what a machine returned.
    func keep(_ change: AlertMachine.Change, isNew: Bool = false) {
        let subject = change.subject
        let id = subject.alert.id
        var row = rows[id] ?? Row(subject: subject, sequence: 0)
        if isNew || row.subject != subject { row.sequence = takeNumber() }
        row.plan = schedule.plan(
            row.plan, storing: subject.alert, over: isNew ? nil : row.subject.alert)
        let before = isNew ? nil : row.subject.alert.status
        activityCounts[Activity.Key(.firing, at: subject.alert.updatedAt), default: 0] +=
            Activity.firingDifference(from: before, to: subject.alert.status)
        tell(of: subject, over: isNew ? nil : row.subject)
        row.subject = subject
        row.timeline += change.transitions
        rows[id] = row
        alertIDs[EventKey(sourceID: subject.alert.sourceID, incidentID: subject.alert.incidentID)] =
            id
        if let close = subject.close { keep(close) }
    }

    func keep(_ close: Close) {
        let index = allCloses.firstIndex { $0.id == close.id }
        guard index.map({ allCloses[$0] }) != close else { return }
        closeNumbers[close.id] = takeNumber()
        if let index { allCloses[index] = close } else { allCloses.append(close) }
        guard let row = rows[close.alertID], row.subject.close?.id == close.id,
            row.subject.close != close
        else { return }
        rows[close.alertID]?.subject.close = close
        rows[close.alertID]?.sequence = takeNumber()
    }

    func takeNumber() -> Int64 {
        lastSequence += 1
        hook.withLock { $0 }?()
        return lastSequence
    }

    /// The integration that an alert's close is made for, unless it is gone.
    func integration(of alertID: AlertID) -> Integration? {
        guard let alert = rows[alertID]?.subject.alert,
            let source = sourcesByID[alert.sourceID]
        else { return nil }
        return integrationsByID[source.integrationID]?.integration
    }
}

extension MemoryAlertStore: AlertStore {
    /// Takes in webhooks, in order.
    package func apply(
        taking next: @Sendable () -> [WebhookArrival]
    ) async throws(StoreError) -> [WebhookResult] {
        try begin()
        let batch = next()
        await applying?()
        for arrival in batch where sourcesByID[arrival.sourceID] == nil {
            throw StoreError(.conflict, "There is no source \(arrival.sourceID).")
        }
        return batch.map { arrival in
            let key = EventKey(sourceID: arrival.sourceID, incidentID: arrival.event.incidentID)
            let subject = alertIDs[key].flatMap { rows[$0]?.subject }
            var change = AlertMachine.apply(
                arrival.event, to: subject, sourceID: arrival.sourceID,
                newAlertID: arrival.newAlertID, at: arrival.receivedAt)
            let deliveryID = journal(arrival, change)
            change.name(deliveryID)
            keep(change, isNew: subject == nil)
            countUse(by: arrival)
            for entry in arrival.audit { append(entry) }
            return WebhookResult(
                alertID: change.subject.alert.id, outcome: change.outcome,
                status: change.subject.alert.status, wantsReading: change.wantsReading,
                deliveryID: deliveryID)
        }
    }

    private func countUse(by arrival: WebhookArrival) {
        guard arrival.secretID != nil, var source = sourcesByID[arrival.sourceID] else { return }
        source.deliveryCount += 1
        source.lastDeliveryAt = arrival.receivedAt
        if let index = source.secrets.firstIndex(where: { $0.id == arrival.secretID }) {
            source.secrets[index].lastUsedAt = arrival.receivedAt
        }
        sourcesByID[source.id] = source
    }

    /// Resolves an alert and makes its close owed.
    package func resolve(
        _ request: AlertMachine.ResolveRequest, at now: Timestamp
    ) throws(StoreError) -> AlertMachine.Change? {
        try begin()
        guard let row = rows[request.alertID] else { return nil }
        let change = AlertMachine.resolve(row.subject, by: request, at: now)
        keep(change)
        audit(change.auditOutcome(of: row.subject))
        return change
    }

    /// Brings an alert in line with a reading.
    package func apply(
        _ reading: IncidentReading, to alertID: AlertID, readAt: Timestamp, at now: Timestamp
    ) throws(StoreError) -> AlertMachine.Change? {
        let item = AlertReading(alertID: alertID, reading: reading, readAt: readAt)
        return try apply([item], at: now).first ?? nil
    }

    /// One alert with its newest close.
    package func alert(_ id: AlertID) throws(StoreError) -> AlertMachine.Subject? {
        try begin()
        return rows[id]?.subject
    }

    /// An alert's timeline, oldest first, the newest `limit` entries.
    package func timeline(of id: AlertID, limit: Int) throws(StoreError) -> [Transition] {
        try begin()
        return Array((rows[id]?.timeline ?? []).suffix(limit))
    }

    /// Alerts by filter, newest change first.
    package func alerts(
        _ query: AlertQuery
    ) throws(StoreError) -> Page<AlertMachine.Subject> {
        try begin()
        let last = query.cursor?.sequence ?? .max
        let found = rows.values
            .filter { $0.sequence < last && query.letsThrough($0.subject.alert) }
            .sorted { $0.sequence > $1.sequence }
        let items = found.prefix(query.limit)
        let next = found.count > items.count ? items.last.map { $0.sequence } : nil
        return Page(
            items: items.map(\.subject), next: next.map { PageCursor(sequence: $0) })
    }

    /// How many alerts and closes there are in each state.
    package func statistics() throws(StoreError) -> StoreStatistics {
        try begin()
        var statistics = StoreStatistics()
        for row in rows.values { statistics.alerts[row.subject.alert.status, default: 0] += 1 }
        for close in allCloses { statistics.closes[close.state, default: 0] += 1 }
        statistics.oldestOwedClose =
            allCloses.filter { !$0.state.isEnded }.map(\.createdAt).min()
        return statistics
    }

    /// Removes old resolved alerts that owe nothing.
    package func prune(resolvedBefore moment: Timestamp, limit: Int) throws(StoreError) -> Int {
        try begin()
        return remove(resolvedBefore: moment, limit: limit) { _ in true }
    }

    func remove(
        resolvedBefore moment: Timestamp, limit: Int, where isMeant: (Alert) -> Bool
    ) -> Int {
        let old = rows.values.map(\.subject).filter { isMeant($0.alert) }
            .filter { ($0.alert.resolvedAt ?? moment) < moment && $0.close?.state.isEnded != false }
            .sorted { ($0.alert.resolvedAt ?? moment) < ($1.alert.resolvedAt ?? moment) }
            .prefix(limit)
        for alert in old.map(\.alert) {
            rows[alert.id] = nil
            alertIDs[EventKey(sourceID: alert.sourceID, incidentID: alert.incidentID)] = nil
            allCloses.removeAll { $0.alertID == alert.id }
        }
        return old.count
    }

    /// Fails only on order.
    package func checkWritable() throws(StoreError) {
        try begin()
    }

    /// Ends the use of the store.
    package func close() {
        isClosed = true
    }
}

extension AlertQuery {
    fileprivate func letsThrough(_ alert: Alert) -> Bool {
        if let status, alert.status != status { return false }
        if !includesCanaries, alert.sourceID.isCanary { return false }
        if let sourceID, alert.sourceID != sourceID { return false }
        if let severity, alert.severity != severity { return false }
        if let incidentID, alert.incidentID != incidentID { return false }
        guard let text = text?.lowercased(), !text.isEmpty else { return true }
        let texts =
            [alert.title, alert.summary ?? "", alert.incidentID]
            + alert.tags.flatMap { [$0.name, $0.value] }
        return texts.contains { $0.lowercased().contains(text) }
    }
}
