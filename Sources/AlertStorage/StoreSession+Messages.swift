import AlertJSON
import Alerts
import EventLoop
import SQLite

// What is owed to webhook endpoints, and what came of it.
extension StoreSession {
    private static let columns = OutboundColumns.list(OutboundColumns.message, of: "m")
    private static let due = SQLText(
        """
        SELECT \(columns), m.body FROM webhook_messages m
        WHERE m.endpoint_key = ? AND m.next_attempt_at <= ? AND \(OutboundColumns.isNext)
        ORDER BY m.next_attempt_at, m.key LIMIT ?
        """)
    private static let nextDue = SQLText(
        """
        SELECT e.id, max(e.held_until, (
            SELECT m.next_attempt_at FROM webhook_messages m
            WHERE m.endpoint_key = e.key AND \(OutboundColumns.isNext)
            ORDER BY m.next_attempt_at LIMIT 1))
        FROM webhook_endpoints e WHERE e.is_enabled
        """)
    private static let updateMessage = SQLText(
        "UPDATE webhook_messages SET \(Columns.assignments(OutboundColumns.tried)) WHERE key = ?")
    private static let deleteOrphans = SQLText(
        """
        \(OutboundColumns.known) DELETE FROM webhook_messages WHERE key IN (
            SELECT m.key FROM known k JOIN webhook_messages m ON m.endpoint_key = k.endpoint_key
            WHERE k.endpoint_key NOT IN (SELECT key FROM webhook_endpoints) LIMIT ?1)
        """)
    private static let deleteOld = SQLText(
        """
        DELETE FROM webhook_messages WHERE key IN (
            SELECT key FROM (SELECT key, created_at FROM webhook_messages ORDER BY key LIMIT ?1)
            WHERE created_at < ?2 OR key <= (SELECT max(key) FROM webhook_messages) - ?3)
        """)
    private static let bringForward = SQLText(
        """
        UPDATE webhook_messages SET next_attempt_at = created_at
        WHERE endpoint_key = ? AND state = 'pending' AND next_attempt_at > ?
        """)

    /// Takes up what is due.
    func claimMessages(_ claim: OutboundClaim) throws(SQLiteError) -> [SealedRound] {
        var rounds: [SealedRound] = []
        for record in try endpointRecords()
        where record.endpoint.isEnabled && !claim.excluded.contains(record.endpoint.id) {
            guard rounds.count < claim.roundsMax else { break }
            let heldUntil = try heldUntil(record.key)
            // Held for longer than anything is: by a clock that has been set back since.
            guard heldUntil <= claim.at || heldUntil > claim.at + OutboundMachine.lease else {
                continue
            }
            try bringForward(record.key, beyond: claim.at + OutboundMachine.horizon)
            let messages = try dueMessages(of: record.key, claim)
            guard !messages.isEmpty else { continue }
            try hold(
                record.key, until: claim.at + OutboundMachine.lease, fence: record.fence + 1)
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
    ) throws(SQLiteError) -> OutboundEndpoint? {
        guard let record = try endpointRecords(conclusion.endpointID).first,
            record.fence == conclusion.fence
        else { return nil }
        var stored: [OutboundMessage] = []
        for attempt in conclusion.attempts {
            if let found = try message(attempt.messageID, ofKey: record.key) {
                stored.append(found.message)
            }
        }
        let concluded = ConcludedRound(record.endpoint, stored, conclusion)
        for message in concluded.messages { try update(message) }
        if concluded.endpoint != record.endpoint {
            try update(concluded.endpoint, key: record.key)
        }
        if let entry = concluded.auditEntry(over: record.endpoint) { try append(entry) }
        if concluded.isBack { try bringForward(record.key) }
        if let last = conclusion.attempts.last {
            let end = last.startedAt + last.duration + concluded.pause
            try hold(record.key, until: end, fence: record.fence)
        } else {
            try release(record.key)
        }
        return concluded.endpoint
    }

    /// When the next message is due.
    func nextMessageDueAt(
        excluding endpoints: Set<EndpointID>
    ) throws(SQLiteError) -> Timestamp? {
        try connection.withStatement(Self.nextDue) { (select) throws(SQLiteError) in
            var next: Timestamp?
            while try select.step() == .row {
                let id = EndpointID(select.readText())
                guard let due = select.readTimeIfAny(), !endpoints.contains(id) else { continue }
                next = min(next ?? due, due)
            }
            return next
        }
    }

    /// Lets every endpoint be worked for at once.
    func recoverRounds() throws(SQLiteError) {
        try connection.withStatement("UPDATE webhook_endpoints SET held_until = 0") {
            (update) throws(SQLiteError) in try update.run()
        }
    }

    /// What is owed to endpoints that are enabled.
    func outboundStatistics() throws(SQLiteError) -> OutboundStatistics {
        try connection.withStatement(
            """
            SELECT count(*), min(m.created_at)
            FROM webhook_endpoints e JOIN webhook_messages m ON m.endpoint_key = e.key
            WHERE e.is_enabled AND m.state = 'pending'
            """
        ) { (select) throws(SQLiteError) in
            var statistics = OutboundStatistics()
            guard try select.step() == .row else { return statistics }
            statistics.pendingCount = Int(select.readInt64())
            statistics.oldestPending = select.readTimeIfAny()
            return statistics
        }
    }

    /// Makes a test owed.
    func sendTest(
        to endpoint: EndpointRecord, at now: Timestamp
    ) throws(SQLiteError) -> OutboundMessage {
        try insert(
            NewMessage(
                endpointKey: endpoint.key, event: .endpointTest, alertID: nil, at: now,
                body: OutboundBody.test(of: endpoint.endpoint, at: now)))
    }

    /// Makes a message owed again.
    func replay(_ message: OutboundMessage, at now: Timestamp) throws(SQLiteError)
        -> OutboundMessage
    {
        let replayed = OutboundMachine.replay(message, at: now)
        try update(replayed)
        hasNewMessages = true
        return replayed
    }

    /// Removes messages of endpoints that are gone, and old ones.
    ///
    /// Numbers grow as times do, so that only the oldest have to be looked at.
    func pruneMessages(
        before moment: Timestamp, beyond countMax: Int, limit: Int
    ) throws(SQLiteError) -> Int {
        let orphans = try delete(Self.deleteOrphans, limit) { (_) throws(SQLiteError) in }
        let old = try delete(Self.deleteOld, limit - orphans) { (delete) throws(SQLiteError) in
            try delete.bind(moment)
            try delete.bind(countMax)
        }
        return orphans + old
    }

    private func delete(
        _ sql: SQLText, _ limit: Int,
        _ bind: (inout SQLiteStatement) throws(SQLiteError) -> Void
    ) throws(SQLiteError) -> Int {
        try connection.withStatement(sql) { (delete) throws(SQLiteError) in
            try delete.bind(limit)
            try bind(&delete)
            try delete.run()
        }
        return connection.changesCount
    }

    /// Lets an endpoint be worked for at once.
    func release(_ key: Int64) throws(SQLiteError) {
        try connection.withStatement("UPDATE webhook_endpoints SET held_until = 0 WHERE key = ?") {
            (update) throws(SQLiteError) in
            try update.bind(key)
            try update.run()
        }
    }

    /// Makes what is owed to an endpoint and planned for after `moment` due, in its order.
    func bringForward(
        _ key: Int64, beyond moment: Timestamp = Timestamp(milliseconds: 0)
    ) throws(SQLiteError) {
        try connection.withStatement(Self.bringForward) { (update) throws(SQLiteError) in
            try update.bind(key)
            try update.bind(moment)
            try update.run()
        }
    }

    private func heldUntil(_ key: Int64) throws(SQLiteError) -> Timestamp {
        try connection.withStatement("SELECT held_until FROM webhook_endpoints WHERE key = ?") {
            (select) throws(SQLiteError) in
            try select.bind(key)
            return try select.step() == .row ? select.readTime() : Timestamp(milliseconds: 0)
        }
    }

    private func hold(
        _ key: Int64, until moment: Timestamp, fence: Int64
    ) throws(SQLiteError) {
        try connection.withStatement(
            "UPDATE webhook_endpoints SET held_until = ?, fence = ? WHERE key = ?"
        ) { (update) throws(SQLiteError) in
            try update.bind(moment)
            try update.bind(fence)
            try update.bind(key)
            try update.run()
        }
    }

    private func dueMessages(
        of key: Int64, _ claim: OutboundClaim
    ) throws(SQLiteError) -> [KeptMessage] {
        try connection.withStatement(Self.due) { (select) throws(SQLiteError) in
            try select.bind(key)
            try select.bind(claim.at)
            try select.bind(claim.messagesMax)
            var found: [KeptMessage] = []
            while try select.step() == .row {
                let message = try readMessage(&select)
                found.append(KeptMessage(message: message, body: select.readText()))
            }
            return found
        }
    }

    private func update(_ message: OutboundMessage) throws(SQLiteError) {
        guard let number = message.id.parts?.number else { return }
        try connection.withStatement(Self.updateMessage) { (update) throws(SQLiteError) in
            try update.bind(message.state.rawValue)
            try update.bind(message.attempts)
            try update.bind(message.nextAttemptAt)
            try update.bind(message.lastAttempt?.at)
            try update.bind(message.lastAttempt.map { Int64($0.duration.milliseconds) })
            try update.bind(message.lastAttempt?.statusCode)
            try update.bind(message.lastAttempt?.error)
            try update.bind(number)
            try update.run()
        }
    }
}
