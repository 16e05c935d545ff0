import AlertJSON
import Alerts
import EventLoop
import Postgres

// What is owed to webhook endpoints, and what came of it.
extension PostgresTransaction {
    static let messageColumns = OutboundColumns.list(OutboundColumns.message, of: "m")
    /// Endpoints that others work for are passed over.
    private static let lockDue = PostgresText(
        """
        SELECT e.key FROM webhook_endpoints e
        WHERE e.is_enabled AND e.id <> ALL($1::text[])
            AND e.held_until <= \(PostgresTables.leaseClock("$2"))
            AND EXISTS (
                SELECT 1 FROM webhook_messages m WHERE m.endpoint_key = e.key
                    AND m.state = 'pending'
                    AND (m.next_attempt_at <= $3::bigint OR m.next_attempt_at > $4::bigint))
        ORDER BY e.key LIMIT $5::bigint FOR UPDATE OF e SKIP LOCKED
        """)
    private static let locked = PostgresText(
        """
        SELECT key, fence, \(OutboundColumns.list(OutboundColumns.endpoint)), sealed_secret,
            previous_sealed_secret
        FROM webhook_endpoints WHERE key = ANY($1::bigint[]) ORDER BY key
        """)
    private static let bringForward = PostgresText(
        """
        UPDATE webhook_messages SET next_attempt_at = created_at
        WHERE endpoint_key = $1::bigint AND state = 'pending' AND next_attempt_at > $2::bigint
        """)
    private static let due = PostgresText(
        """
        SELECT \(messageColumns), m.body FROM webhook_messages m
        WHERE m.endpoint_key = $1::bigint AND m.next_attempt_at <= $2::bigint
            AND \(OutboundColumns.isNext)
        ORDER BY m.next_attempt_at, m.key LIMIT $3::bigint
        """)
    private static let claimed = PostgresText(
        """
        UPDATE webhook_endpoints SET fence = fence + 1,
            held_until = \(PostgresTables.leaseClock("$2")) + $3::bigint
        WHERE key = $1::bigint
        """)
    private static let hold = PostgresText(
        """
        UPDATE webhook_endpoints SET held_until = \(PostgresTables.leaseClock("$2")) + $3::bigint
        WHERE key = $1::bigint
        """)
    static let message = PostgresText(
        """
        SELECT \(messageColumns), m.body FROM webhook_messages m
        WHERE m.key = $1::bigint AND m.endpoint_key = (
            SELECT key FROM webhook_endpoints WHERE id = $2)
        """)
    private static let tried = PostgresText(
        """
        SELECT \(messageColumns) FROM webhook_messages m
        WHERE m.endpoint_key = $1::bigint AND m.key = ANY($2::bigint[]) FOR UPDATE
        """)
    private static let updateMessage = PostgresText(
        """
        UPDATE webhook_messages SET \
        \(OutboundColumns.tried.enumerated().map { "\($1) = $\($0 + 2)" }.joined(separator: ", "))
        WHERE key = $1
        """)
    private static let insertTest = PostgresText(
        """
        INSERT INTO webhook_messages(
            endpoint_key, lot, event, created_at, body, state, attempts, next_attempt_at)
        VALUES ($1, $2, $3, $4, $5, 'pending', 0, $4) RETURNING key
        """)

    /// Takes up what is due.
    func claimMessages(_ claim: OutboundClaim) async throws(PostgresError) -> [SealedRound] {
        let (at, lease) = (claim.at.milliseconds, core.leaseTime(claim.at))
        let horizon = (claim.at + OutboundMachine.horizon).milliseconds
        let keys = try await run([
            PostgresQuery(
                Self.lockDue,
                [
                    .texts(claim.excluded.map(\.text)), lease, .int(at), .int(horizon),
                    .int(Int64(claim.roundsMax)),
                ])
        ])[0].numbers
        guard !keys.isEmpty else { return [] }
        var queries = [PostgresQuery(Self.locked, [.ints(keys)])]
        for key in keys {
            queries += [
                PostgresQuery(Self.bringForward, [.int(key), .int(horizon)]),
                PostgresQuery(Self.due, [.int(key), .int(at), .int(Int64(claim.messagesMax))]),
            ]
        }
        let results = try await run(queries)
        var rounds: [SealedRound] = []
        for (index, row) in results[0].rows.enumerated() {
            var row = row
            let record = row.readEndpointRecord()
            var messages: [KeptMessage] = []
            for var row in results[2 + 2 * index].rows {
                messages.append(
                    KeptMessage(message: try row.readMessage(), body: row.readText()))
            }
            guard !messages.isEmpty else { continue }
            let duration = Int64(OutboundMachine.lease.milliseconds)
            add(PostgresQuery(Self.claimed, [.int(record.key), lease, .int(duration)]))
            rounds.append(
                SealedRound(
                    endpoint: record.endpoint, secrets: record.sealed, messages: messages,
                    fence: record.fence + 1))
        }
        return rounds
    }

    /// Records what a round came to.
    func conclude(
        _ conclusion: OutboundConclusion
    ) async throws(PostgresError) -> OutboundEndpoint? {
        guard let record = try await lock(conclusion.endpointID),
            record.fence == conclusion.fence
        else { return nil }
        let numbers = conclusion.attempts.compactMap(\.messageID.parts?.number)
        let found = try await run([
            PostgresQuery(Self.tried, [.int(record.key), .ints(numbers)])
        ])[0]
        var stored: [OutboundMessage] = []
        for var row in found.rows { stored.append(try row.readMessage()) }
        let concluded = ConcludedRound(record.endpoint, stored, conclusion)
        for message in concluded.messages { update(message) }
        update(concluded.endpoint, over: record.endpoint)
        if let entry = concluded.auditEntry(over: record.endpoint) { append(entry) }
        if concluded.isBack { bringForward(record.key, beyond: Timestamp(milliseconds: 0)) }
        let end = conclusion.attempts.last.map { $0.startedAt + $0.duration }
        add(
            PostgresQuery(
                Self.hold,
                [
                    .int(record.key), core.leaseTime(end ?? Timestamp(milliseconds: 0)),
                    .int(Int64(concluded.pause.milliseconds)),
                ]))
        return concluded.endpoint
    }

    /// Makes what is owed to an endpoint and planned for after `moment` due, in its order.
    func bringForward(_ key: Int64, beyond moment: Timestamp) {
        add(PostgresQuery(Self.bringForward, [.int(key), .int(moment.milliseconds)]))
    }

    /// Makes a test owed.
    func sendTest(
        to record: EndpointRecord, at now: Timestamp
    ) async throws(PostgresError) -> OutboundMessage {
        let new = NewMessage(
            endpointKey: record.key, event: .endpointTest, alertID: nil, at: now,
            body: OutboundBody.test(of: record.endpoint, at: now))
        let values: [PostgresValue] = [
            .int(new.endpointKey), .int(new.lot), .text(new.event.rawValue),
            .int(now.milliseconds), .text(new.body),
        ]
        let numbers = try await run([PostgresQuery(Self.insertTest, values)])[0].numbers
        guard let number = numbers.first else { throw PostgresError(corrupt: "no key") }
        hasNewMessages = true
        return OutboundMessage(
            id: MessageID(number: number, lot: new.lot), event: new.event, alertID: nil, at: now)
    }

    /// Makes a message owed again; `nil` when the endpoint, which is locked, has no such message.
    func replay(
        _ id: MessageID, of record: EndpointRecord, at now: Timestamp
    ) async throws(PostgresError) -> OutboundMessage? {
        guard let number = id.parts?.number else { return nil }
        let found = try await run([
            PostgresQuery(Self.tried, [.int(record.key), .ints([number])])
        ])[0]
        guard var row = found.first else { return nil }
        let message = try row.readMessage()
        guard message.id == id else { return nil }
        let replayed = OutboundMachine.replay(message, at: now)
        update(replayed)
        hasNewMessages = true
        return replayed
    }

    private func update(_ message: OutboundMessage) {
        guard let number = message.id.parts?.number else { return }
        let attempt = message.lastAttempt
        add(
            PostgresQuery(
                Self.updateMessage,
                [
                    .int(number), .text(message.state.rawValue), .int(Int64(message.attempts)),
                    .int(ifAny: message.nextAttemptAt?.milliseconds),
                    .int(ifAny: attempt?.at.milliseconds),
                    .int(ifAny: attempt.map { Int64($0.duration.milliseconds) }),
                    .int(ifAny: attempt?.statusCode.map { Int64($0) }),
                    .text(ifAny: attempt?.error),
                ]))
    }
}

extension PostgresRow {
    /// Reads the columns of a message.
    mutating func readMessage() throws(PostgresError) -> OutboundMessage {
        let id = MessageID(number: readInt64(), lot: readInt64())
        let event: OutboundEvent = try readCase(of: "webhook_messages.event")
        let alertID = readTextIfAny().map { AlertID($0) }
        var message = OutboundMessage(id: id, event: event, alertID: alertID, at: readTime())
        message.state = try readCase(of: "webhook_messages.state")
        message.attempts = Int(readInt64())
        message.nextAttemptAt = readTimeIfAny()
        let (at, duration) = (readTimeIfAny(), readInt64IfAny())
        let (code, error) = (readInt64IfAny(), readTextIfAny())
        if let at {
            message.lastAttempt = OutboundMessage.LastAttempt(
                at: at, duration: .milliseconds(duration ?? 0), statusCode: code.map { Int($0) },
                error: error)
        }
        return message
    }
}
