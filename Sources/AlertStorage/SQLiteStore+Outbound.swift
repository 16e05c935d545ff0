package import Alerts
import SQLite

extension SQLiteStore: OutboundStore {
    /// All endpoints, by name.
    package func endpoints() async throws(StoreError) -> [OutboundEndpoint] {
        try await read("Reading webhook endpoints") { (session) throws(SQLiteError) in
            try session.endpointRecords().map(\.endpoint)
        }.sorted { ($0.name, $0.id) < ($1.name, $1.id) }
    }

    /// Adds an endpoint and seals its secret.
    package func insert(
        _ endpoint: OutboundEndpoint, secret: SigningSecret
    ) async throws(StoreError) {
        let sealed = try sealer.seal(secret, for: endpoint.id)
        try await write("Adding a webhook endpoint") { (session) throws(SQLiteError) in
            try session.insert(endpoint, sealedSecret: sealed)
            try session.audit(.done)
        }
    }

    /// Changes an endpoint as it is now.
    package func change(
        _ id: EndpointID, _ change: EndpointChange, at now: Timestamp
    ) async throws(StoreError) -> OutboundEndpoint? {
        try await write("Changing a webhook endpoint") { (session) throws(SQLiteError) in
            let changed = try session.change(id, change, at: now)
            if changed != nil { try session.audit(.done) }
            return changed
        }
    }

    /// Gives an endpoint another secret.
    package func rotate(
        _ id: EndpointID, to secret: SigningSecret, overlapEndsAt: Timestamp, at now: Timestamp
    ) async throws(StoreError) -> OutboundEndpoint? {
        let sealed = try sealer.seal(secret, for: id)
        return try await write("Changing a webhook endpoint") { (session) throws(SQLiteError) in
            let changed = try session.rotate(
                id, to: sealed, overlapEndsAt: overlapEndsAt, at: now)
            if changed != nil { try session.audit(.done) }
            return changed
        }
    }

    /// Removes an endpoint.
    package func removeEndpoint(_ id: EndpointID) async throws(StoreError) -> Bool {
        try await write("Removing a webhook endpoint") { (session) throws(SQLiteError) in
            let isRemoved = try session.removeEndpoint(id)
            if isRemoved { try session.audit(.done) }
            return isRemoved
        }
    }

    /// An endpoint's messages by filter, newest first.
    package func messages(
        _ query: MessageQuery
    ) async throws(StoreError) -> Page<OutboundMessage> {
        try await read("Listing webhooks to endpoints") { (session) throws(SQLiteError) in
            try session.messages(query)
        }
    }

    /// One message of an endpoint with what is posted.
    package func message(
        _ id: MessageID, of endpointID: EndpointID
    ) async throws(StoreError) -> KeptMessage? {
        try await read("Reading a webhook to an endpoint") { (session) throws(SQLiteError) in
            try session.message(id, of: endpointID)
        }
    }

    /// Makes a message that is about no alert owed.
    package func sendTest(
        to id: EndpointID, at now: Timestamp
    ) async throws(StoreError) -> Result<OutboundMessage, OutboundRefusal>? {
        try await change(id) { (session, record) throws(SQLiteError) in
            try session.sendTest(to: record, at: now)
        }
    }

    /// Makes a message owed again.
    package func replay(
        _ id: MessageID, of endpointID: EndpointID, at now: Timestamp
    ) async throws(StoreError) -> Result<OutboundMessage, OutboundRefusal>? {
        try await change(endpointID) { (session, _) throws(SQLiteError) in
            guard let found = try session.message(id, of: endpointID) else { return nil }
            return try session.replay(found.message, at: now)
        }
    }

    /// Takes up what is due.
    package func claimMessages(
        _ claim: OutboundClaim
    ) async throws(StoreError) -> [OutboundRound] {
        let rounds = try await write("Taking up webhooks") { (session) throws(SQLiteError) in
            try session.claimMessages(claim)
        }
        var opened: [OutboundRound] = []
        for round in rounds { opened.append(try round.opened(by: sealer, at: claim.at)) }
        return opened
    }

    /// Records what a round came to.
    package func conclude(
        _ conclusion: OutboundConclusion
    ) async throws(StoreError) -> OutboundEndpoint? {
        try await write("Storing what webhooks came to") { (session) throws(SQLiteError) in
            try session.conclude(conclusion)
        }
    }

    /// When the next message is due.
    package func nextMessageDueAt(
        excluding endpoints: Set<EndpointID>
    ) async throws(StoreError) -> Timestamp? {
        try await read("Looking for due webhooks") { (session) throws(SQLiteError) in
            try session.nextMessageDueAt(excluding: endpoints)
        }
    }

    /// Makes what a gateway that ended had taken up due again.
    package func recoverRounds() async throws(StoreError) {
        try await write("Recovering webhooks") { (session) throws(SQLiteError) in
            try session.recoverRounds()
        }
    }

    /// What is owed to endpoints that are enabled.
    package func outboundStatistics() async throws(StoreError) -> OutboundStatistics {
        try await read("Counting webhooks") { (session) throws(SQLiteError) in
            try session.outboundStatistics()
        }
    }

    /// Removes messages of endpoints that are gone, and old ones.
    package func pruneMessages(
        before moment: Timestamp, beyond countMax: Int, limit: Int
    ) async throws(StoreError) -> Int {
        try await write("Pruning webhooks") { (session) throws(SQLiteError) in
            try session.pruneMessages(before: moment, beyond: countMax, limit: limit)
        }
    }

    /// Has `body` called after each commit that made messages owed.
    package func onMessages(_ body: (@Sendable () -> Void)?) { outbox.set(body) }

    /// Makes something owed to an endpoint, if it is enabled.
    private func change(
        _ id: EndpointID,
        _ body: @Sendable (StoreSession, EndpointRecord) throws(SQLiteError) -> OutboundMessage?
    ) async throws(StoreError) -> Result<OutboundMessage, OutboundRefusal>? {
        try await write("Making a webhook owed") { (session) throws(SQLiteError) in
            guard let record = try session.endpointRecords(id).first else { return nil }
            guard record.endpoint.isEnabled else {
                try session.audit(.refused)
                return .failure(.disabled)
            }
            guard let message = try body(session, record) else { return nil }
            try session.audit(.done)
            return .success(message)
        }
    }
}
