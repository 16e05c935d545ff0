package import Alerts
import EventLoop
import Postgres

extension PostgresStore: OutboundStore {
    private static let pruneOrphans = PostgresText(
        """
        \(OutboundColumns.known) DELETE FROM webhook_messages WHERE key IN (
            SELECT m.key FROM known k JOIN webhook_messages m ON m.endpoint_key = k.endpoint_key
            WHERE NOT EXISTS (SELECT 1 FROM webhook_endpoints e WHERE e.key = k.endpoint_key)
            LIMIT $1::bigint)
        """)
    private static let pruneOld = PostgresText(
        """
        DELETE FROM webhook_messages WHERE key IN (
            SELECT key FROM (
                SELECT key, created_at FROM webhook_messages ORDER BY key LIMIT $1::bigint) o
            WHERE created_at < $2::bigint
                OR key <= (SELECT max(key) FROM webhook_messages) - $3::bigint)
        """)

    /// All endpoints, by name.
    package func endpoints() async throws(StoreError) -> [OutboundEndpoint] {
        try await core.endpoints().sorted { ($0.name, $0.id) < ($1.name, $1.id) }
    }

    /// Adds an endpoint and seals its secret.
    package func insert(
        _ endpoint: OutboundEndpoint, secret: SigningSecret
    ) async throws(StoreError) {
        let sealed = try sealer.seal(secret, for: endpoint.id)
        try await core.write("Adding a webhook endpoint") {
            (transaction) async throws(PostgresError) in
            transaction.insert(endpoint, sealedSecret: sealed)
            transaction.audit(.done)
        }
    }

    /// Changes an endpoint as it is now.
    package func change(
        _ id: EndpointID, _ change: EndpointChange, at now: Timestamp
    ) async throws(StoreError) -> OutboundEndpoint? {
        try await core.write("Changing a webhook endpoint") {
            (transaction) async throws(PostgresError) in
            let changed = try await transaction.change(id, change, at: now)
            if changed != nil { transaction.audit(.done) }
            return changed
        }
    }

    /// Gives an endpoint another secret.
    package func rotate(
        _ id: EndpointID, to secret: SigningSecret, overlapEndsAt: Timestamp, at now: Timestamp
    ) async throws(StoreError) -> OutboundEndpoint? {
        let sealed = try sealer.seal(secret, for: id)
        return try await core.write("Changing a webhook endpoint") {
            (transaction) async throws(PostgresError) in
            let changed = try await transaction.rotate(
                id, to: sealed, overlapEndsAt: overlapEndsAt, at: now)
            if changed != nil { transaction.audit(.done) }
            return changed
        }
    }

    /// Removes an endpoint.
    package func removeEndpoint(_ id: EndpointID) async throws(StoreError) -> Bool {
        try await core.write("Removing a webhook endpoint") {
            (transaction) async throws(PostgresError) in
            let isRemoved = try await transaction.removeEndpoint(id)
            if isRemoved { transaction.audit(.done) }
            return isRemoved
        }
    }

    /// An endpoint's messages by filter, newest first.
    package func messages(
        _ query: MessageQuery
    ) async throws(StoreError) -> Page<OutboundMessage> {
        try await core.messages(query)
    }

    /// One message of an endpoint with what is posted.
    package func message(
        _ id: MessageID, of endpointID: EndpointID
    ) async throws(StoreError) -> KeptMessage? {
        try await core.message(id, of: endpointID)
    }

    /// Makes a message that is about no alert owed.
    package func sendTest(
        to id: EndpointID, at now: Timestamp
    ) async throws(StoreError) -> Result<OutboundMessage, OutboundRefusal>? {
        try await change(id) { (transaction, record) async throws(PostgresError) in
            try await transaction.sendTest(to: record, at: now)
        }
    }

    /// Makes a message owed again.
    package func replay(
        _ id: MessageID, of endpointID: EndpointID, at now: Timestamp
    ) async throws(StoreError) -> Result<OutboundMessage, OutboundRefusal>? {
        try await change(endpointID) { (transaction, record) async throws(PostgresError) in
            try await transaction.replay(id, of: record, at: now)
        }
    }

    /// Takes up what is due.
    package func claimMessages(
        _ claim: OutboundClaim
    ) async throws(StoreError) -> [OutboundRound] {
        let rounds = try await core.write("Taking up webhooks") {
            (transaction) async throws(PostgresError) in
            try await transaction.claimMessages(claim)
        }
        var opened: [OutboundRound] = []
        for round in rounds { opened.append(try round.opened(by: sealer, at: claim.at)) }
        return opened
    }

    /// Records what a round came to.
    package func conclude(
        _ conclusion: OutboundConclusion
    ) async throws(StoreError) -> OutboundEndpoint? {
        try await core.write("Storing what webhooks came to") {
            (transaction) async throws(PostgresError) in
            try await transaction.conclude(conclusion)
        }
    }

    /// When the next message is due.
    package func nextMessageDueAt(
        excluding endpoints: Set<EndpointID>
    ) async throws(StoreError) -> Timestamp? {
        try await core.nextMessageDueAt(excluding: endpoints)
    }

    /// Others may work: what a gateway that ended had taken up is due when its lease ends.
    package func recoverRounds() async throws(StoreError) {}

    /// What is owed to endpoints that are enabled.
    package func outboundStatistics() async throws(StoreError) -> OutboundStatistics {
        try await core.outboundStatistics()
    }

    /// Removes messages of endpoints that are gone, and old ones.
    package func pruneMessages(
        before moment: Timestamp, beyond countMax: Int, limit: Int
    ) async throws(StoreError) -> Int {
        try await core.write("Pruning webhooks") { (transaction) async throws(PostgresError) in
            let orphans = PostgresQuery(Self.pruneOrphans, [.int(Int64(limit))])
            let count = try await transaction.run([orphans])[0].changesCount
            let old = PostgresQuery(
                Self.pruneOld,
                [.int(Int64(limit - count)), .int(moment.milliseconds), .int(Int64(countMax))])
            return count + (try await transaction.run([old])[0].changesCount)
        }
    }

    /// Has `body` called after each commit of this replica that made messages owed.
    package func onMessages(_ body: (@Sendable () -> Void)?) { core.outbox.set(body) }

    /// Makes something owed to an endpoint, if it is enabled.
    private func change(
        _ id: EndpointID,
        _ body:
            @LoopActor @Sendable (PostgresTransaction, EndpointRecord)
            async throws(PostgresError) -> OutboundMessage?
    ) async throws(StoreError) -> Result<OutboundMessage, OutboundRefusal>? {
        try await core.write("Making a webhook owed") {
            (transaction) async throws(PostgresError) in
            guard let record = try await transaction.lock(id) else { return nil }
            guard record.endpoint.isEnabled else {
                transaction.audit(.refused)
                return .failure(.disabled)
            }
            guard let message = try await body(transaction, record) else { return nil }
            transaction.audit(.done)
            return .success(message)
        }
    }
}
