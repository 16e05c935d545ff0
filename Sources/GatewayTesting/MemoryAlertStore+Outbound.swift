package import Alerts
import Synchronization

/// An endpoint with what is not shown of it.
struct EndpointRow {
    var endpoint: OutboundEndpoint
    var secret: SigningSecret
    var previousSecret: SigningSecret?
    var heldUntil = Timestamp(milliseconds: 0)
    var fence: Int64 = 0
}

/// A message and whom it is for.
struct MessageRow {
    let endpointID: EndpointID
    var message: OutboundMessage
    let body: String

    var number: Int64 { message.id.parts?.number ?? 0 }
}

extension MemoryAlertStore: OutboundStore {
    /// All endpoints, by name.
    package func endpoints() throws(StoreError) -> [OutboundEndpoint] {
        try begin()
        return endpointRows.values.map(\.endpoint).sorted { ($0.name, $0.id) < ($1.name, $1.id) }
    }

    /// Adds an endpoint.
    package func insert(
        _ endpoint: OutboundEndpoint, secret: SigningSecret
    ) throws(StoreError) {
        try begin()
        endpointRows[endpoint.id] = EndpointRow(endpoint: endpoint, secret: secret)
        audit(.done)
    }

    /// Changes an endpoint.
    package func change(
        _ id: EndpointID, _ change: EndpointChange, at now: Timestamp
    ) throws(StoreError) -> OutboundEndpoint? {
        try begin()
        guard let before = endpointRows[id]?.endpoint else { return nil }
        let changed = change.applied(to: before, at: now)
        endpointRows[id]?.endpoint = changed
        if changed.failuresCount < before.failuresCount || change.isEnabled == true {
            endpointRows[id]?.heldUntil = Timestamp(milliseconds: 0)
            bringForward(id)
        }
        audit(.done)
        return changed
    }

    /// Gives an endpoint another secret.
    package func rotate(
        _ id: EndpointID, to secret: SigningSecret, overlapEndsAt: Timestamp, at now: Timestamp
    ) throws(StoreError) -> OutboundEndpoint? {
        try begin()
        guard var row = endpointRows[id] else { return nil }
        row.previousSecret = overlapEndsAt > now ? row.secret : nil
        row.endpoint.previousSecretEndsAt = overlapEndsAt > now ? overlapEndsAt : nil
        row.secret = secret
        row.endpoint.secretCreatedAt = now
        row.endpoint.updatedAt = now
        endpointRows[id] = row
        audit(.done)
        return row.endpoint
    }

    /// Removes an endpoint.
    package func removeEndpoint(_ id: EndpointID) throws(StoreError) -> Bool {
        try begin()
        guard endpointRows.removeValue(forKey: id) != nil else { return false }
        audit(.done)
        return true
    }

    /// An endpoint's messages by filter, newest first.
    package func messages(_ query: MessageQuery) throws(StoreError) -> Page<OutboundMessage> {
        try begin()
        guard endpointRows[query.endpointID] != nil else { return Page(items: [], next: nil) }
        let last = query.cursor?.sequence ?? .max
        let found = messageRows.reversed().filter {
            $0.endpointID == query.endpointID && $0.number < last
                && query.state.map { [state = $0.message.state] in $0 == state } ?? true
        }
        let items = found.prefix(query.limit)
        let next = found.count > items.count ? items.last?.number : nil
        return Page(
            items: items.map(\.message), next: next.map { PageCursor(sequence: $0) })
    }

    /// One message of an endpoint.
    package func message(
        _ id: MessageID, of endpointID: EndpointID
    ) throws(StoreError) -> KeptMessage? {
        try begin()
        return index(id, endpointID).map {
            KeptMessage(message: messageRows[$0].message, body: messageRows[$0].body)
        }
    }

    /// Makes a message that is about no alert owed.
    package func sendTest(
        to id: EndpointID, at now: Timestamp
    ) throws(StoreError) -> Result<OutboundMessage, OutboundRefusal>? {
        try begin()
        guard let row = endpointRows[id] else { return nil }
        guard row.endpoint.isEnabled else {
            audit(.refused)
            return .failure(.disabled)
        }
        audit(.done)
        return .success(add(.endpointTest, for: id, about: nil, at: now))
    }

    /// Makes a message owed again.
    package func replay(
        _ id: MessageID, of endpointID: EndpointID, at now: Timestamp
    ) throws(StoreError) -> Result<OutboundMessage, OutboundRefusal>? {
        try begin()
        guard let row = endpointRows[endpointID] else { return nil }
        guard row.endpoint.isEnabled else {
            audit(.refused)
            return .failure(.disabled)
        }
        guard let index = index(id, endpointID) else { return nil }
        messageRows[index].message = OutboundMachine.replay(messageRows[index].message, at: now)
        audit(.done)
        messageHook.withLock { $0 }?()
        return .success(messageRows[index].message)
    }

    /// Takes up what is due.
    package func claimMessages(_ claim: OutboundClaim) throws(StoreError) -> [OutboundRound] {
        try begin()
        var rounds: [OutboundRound] = []
        for (id, row) in endpointRows.sorted(by: { $0.key < $1.key })
        where row.endpoint.isEnabled && !claim.excluded.contains(id)
            && row.heldUntil <= claim.at && rounds.count < claim.roundsMax
        {
            bringForward(id, beyond: claim.at + OutboundMachine.horizon)
            let due = next(of: id).filter { ($0.message.nextAttemptAt ?? claim.at) <= claim.at }
                .prefix(claim.messagesMax)
            guard !due.isEmpty else { continue }
            let fence = row.fence + 1
            endpointRows[id]?.fence = fence
            endpointRows[id]?.heldUntil = claim.at + OutboundMachine.lease
            let isOverlap = (row.endpoint.previousSecretEndsAt ?? claim.at) > claim.at
            rounds.append(
                OutboundRound(
                    endpointID: id, url: row.endpoint.url,
                    secrets: [row.secret]
                        + (isOverlap ? [row.previousSecret] : []).compactMap(\.self),
                    messages: due.map { KeptMessage(message: $0.message, body: $0.body) },
                    fence: fence))
        }
        return rounds
    }

    /// Records what a round came to.
    package func conclude(
        _ conclusion: OutboundConclusion
    ) throws(StoreError) -> OutboundEndpoint? {
        try begin()
        let id = conclusion.endpointID
        guard var row = endpointRows[id], row.fence == conclusion.fence else { return nil }
        row.heldUntil = Timestamp(milliseconds: 0)
        for attempt in conclusion.attempts {
            let before = row.endpoint
            row.endpoint = OutboundMachine.conclude(before, with: attempt)
            row.heldUntil =
                attempt.startedAt + attempt.duration
                + OutboundMachine.pause(after: row.endpoint, fraction: attempt.fraction)
            if let index = index(attempt.messageID, id) {
                messageRows[index].message = OutboundMachine.conclude(
                    messageRows[index].message, with: attempt)
            }
            if before.isEnabled, !row.endpoint.isEnabled {
                append(
                    AuditEntry(
                        at: row.endpoint.updatedAt, .system, .endpointUpdate, id.text,
                        fields: ["enabled"]))
            }
            if OutboundMachine.isBack(from: before, to: row.endpoint) { bringForward(id) }
        }
        endpointRows[id] = row
        return row.endpoint
    }

    /// When the next message is due.
    package func nextMessageDueAt(
        excluding endpoints: Set<EndpointID>
    ) throws(StoreError) -> Timestamp? {
        try begin()
        return endpointRows.filter { $0.value.endpoint.isEnabled && !endpoints.contains($0.key) }
            .compactMap { id, row in
                next(of: id).first?.message.nextAttemptAt.map { max($0, row.heldUntil) }
            }
            .min()
    }

    /// Lets every endpoint be worked for at once.
    package func recoverRounds() throws(StoreError) {
        try begin()
        for id in endpointRows.keys {
            endpointRows[id]?.heldUntil = Timestamp(milliseconds: 0)
        }
    }

    /// What is owed to endpoints that are enabled.
    package func outboundStatistics() throws(StoreError) -> OutboundStatistics {
        try begin()
        let owed = messageRows.filter {
            $0.message.state == .pending
                && endpointRows[$0.endpointID]?.endpoint.isEnabled == true
        }
        var statistics = OutboundStatistics()
        statistics.pendingCount = owed.count
        statistics.oldestPending = owed.map(\.message.createdAt).min()
        return statistics
    }

    /// Removes messages of endpoints that are gone, and old ones.
    package func pruneMessages(
        before moment: Timestamp, beyond countMax: Int, limit: Int
    ) throws(StoreError) -> Int {
        try begin()
        let numberMax = (messageRows.last?.number ?? 0) - Int64(countMax)
        let gone = messageRows.filter {
            $0.message.createdAt < moment || $0.number <= numberMax
                || endpointRows[$0.endpointID] == nil
        }.prefix(limit).map(\.message.id)
        messageRows.removeAll { gone.contains($0.message.id) }
        return gone.count
    }

    /// Has `body` called after each change that made messages owed.
    package nonisolated func onMessages(_ body: (@Sendable () -> Void)?) {
        messageHook.withLock { $0 = body }
    }

    /// Makes owed what the endpoints are to hear of a change.
    func tell(of subject: AlertMachine.Subject, over before: AlertMachine.Subject?) {
        for event in OutboundEvent.events(from: before, to: subject) {
            let ids = endpointRows.values.map(\.endpoint)
                .filter { $0.isEnabled && $0.events.contains(event) }.map(\.id)
            for id in ids.sorted() {
                _ = add(event, for: id, about: subject.alert.id, at: subject.alert.updatedAt)
            }
        }
    }

    private func add(
        _ event: OutboundEvent, for id: EndpointID, about alertID: AlertID?, at now: Timestamp
    ) -> OutboundMessage {
        let number = (messageRows.last?.number ?? 0) + 1
        let message = OutboundMessage(
            id: MessageID(number: number, lot: number * 7), event: event, alertID: alertID,
            at: now)
        messageRows.append(
            MessageRow(
                endpointID: id, message: message, body: "{\"type\":\"\(event.rawValue)\"}"))
        messageHook.withLock { $0 }?()
        return message
    }

    private func index(_ id: MessageID, _ endpointID: EndpointID) -> Int? {
        guard endpointRows[endpointID] != nil else { return nil }
        return messageRows.firstIndex { $0.message.id == id && $0.endpointID == endpointID }
    }

    /// What may be posted, in order.
    private func next(of id: EndpointID) -> [MessageRow] {
        var alerts: Set<AlertID> = []
        return messageRows.filter { row in
            guard row.endpointID == id, row.message.state == .pending else { return false }
            return row.message.alertID.map { alerts.insert($0).inserted } ?? true
        }.sorted {
            ($0.message.nextAttemptAt ?? $0.message.createdAt, $0.number)
                < ($1.message.nextAttemptAt ?? $1.message.createdAt, $1.number)
        }
    }

    private func bringForward(
        _ id: EndpointID, beyond moment: Timestamp = Timestamp(milliseconds: 0)
    ) {
        for index in messageRows.indices where messageRows[index].endpointID == id {
            let message = messageRows[index].message
            guard let next = message.nextAttemptAt, next > moment else { continue }
            messageRows[index].message.nextAttemptAt = message.createdAt
        }
    }
}
