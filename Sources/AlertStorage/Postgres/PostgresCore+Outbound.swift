import Alerts
import EventLoop
import Postgres

// What is read of webhook endpoints and of what they are told.
extension PostgresCore {
    private static let nextDue = PostgresText(
        """
        SELECT min(greatest(e.held_until, (
            SELECT m.next_attempt_at FROM webhook_messages m
            WHERE m.endpoint_key = e.key AND \(OutboundColumns.isNext)
            ORDER BY m.next_attempt_at LIMIT 1)))
        FROM webhook_endpoints e
        WHERE e.is_enabled AND e.id <> ALL($1::text[]) AND EXISTS (
            SELECT 1 FROM webhook_messages m
            WHERE m.endpoint_key = e.key AND m.state = 'pending')
        """)
    private static let owed = PostgresText(
        """
        SELECT count(*), min(m.created_at)
        FROM webhook_endpoints e JOIN webhook_messages m ON m.endpoint_key = e.key
        WHERE e.is_enabled AND m.state = 'pending'
        """)
    private static let listed = PostgresText(
        """
        SELECT \(PostgresTransaction.messageColumns) FROM webhook_messages m
        WHERE m.endpoint_key = (SELECT key FROM webhook_endpoints WHERE id = $1)
            AND m.key < $2::bigint AND (m.state = $3::text OR $3::text IS NULL)
        ORDER BY m.key DESC LIMIT $4::bigint
        """)

    /// All endpoints.
    func endpoints() async throws(StoreError) -> [OutboundEndpoint] {
        let what = "Reading webhook endpoints"
        let result = try await read(what, [PostgresQuery(PostgresTransaction.endpoints)])[0]
        return try rows(result, what) { (row) throws(PostgresError) in
            row.readEndpointRecord().endpoint
        }
    }

    /// The secrets of all endpoints.
    func sealedSecrets() async throws(StoreError) -> [SealedSecrets] {
        let what = "Reading signing secrets"
        let result = try await read(what, [PostgresQuery(PostgresTransaction.endpoints)])[0]
        return try rows(result, what) { (row) throws(PostgresError) in
            row.readEndpointRecord().sealed
        }
    }

    /// An endpoint's messages by filter, newest first.
    func messages(_ query: MessageQuery) async throws(StoreError) -> Page<OutboundMessage> {
        let what = "Listing webhooks to endpoints"
        let values: [PostgresValue] = [
            .text(query.endpointID.text), .int(query.cursor?.sequence ?? .max),
            .text(ifAny: query.state?.rawValue), .int(Int64(query.limit) + 1),
        ]
        let result = try await read(what, [PostgresQuery(Self.listed, values)])[0]
        let found = try rows(result, what) { (row) throws(PostgresError) in try row.readMessage() }
        return Page(messages: found, limit: query.limit)
    }

    /// One message of an endpoint with what is posted.
    func message(
        _ id: MessageID, of endpointID: EndpointID
    ) async throws(StoreError) -> KeptMessage? {
        guard let number = id.parts?.number else { return nil }
        let what = "Reading a webhook to an endpoint"
        let values: [PostgresValue] = [.int(number), .text(endpointID.text)]
        let result = try await read(
            what, [PostgresQuery(PostgresTransaction.message, values)])[0]
        let found = try rows(result, what) { (row) throws(PostgresError) in
            KeptMessage(message: try row.readMessage(), body: row.readText())
        }
        return found.first { $0.message.id == id }
    }

    /// When the next message is due.
    func nextMessageDueAt(
        excluding endpoints: Set<EndpointID>
    ) async throws(StoreError) -> Timestamp? {
        let results = try await read(
            "Looking for due webhooks",
            [PostgresQuery(Self.nextDue, [.texts(endpoints.map(\.text))])])
        guard var row = results[0].first else { return nil }
        return row.readTimeIfAny()
    }

    /// What is owed to endpoints that are enabled.
    func outboundStatistics() async throws(StoreError) -> OutboundStatistics {
        var statistics = OutboundStatistics()
        let result = try await read("Counting webhooks", [PostgresQuery(Self.owed)])[0]
        guard var row = result.first else { return statistics }
        statistics.pendingCount = Int(row.readInt64())
        statistics.oldestPending = row.readTimeIfAny()
        return statistics
    }
}
