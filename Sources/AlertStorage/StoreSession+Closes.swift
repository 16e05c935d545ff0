import Alerts
import SQLite

extension StoreSession {
    private static let insertClose = SQLText(
        """
        INSERT INTO closes(
            alert_key, integration_key, \(Columns.fixedClose.joined(separator: ", ")),
            \(Columns.close.joined(separator: ", ")), sequence)
        SELECT ?, integration_key, \(Columns.placeholders(Columns.fixedClose.count)),
            \(Columns.placeholders(Columns.close.count)), ?
        FROM sources WHERE key = ?
        """)
    private static let updateClose = SQLText(
        "UPDATE closes SET \(Columns.assignments(Columns.close)), sequence = ? WHERE key = ?")
    private static let due = SQLText(
        """
        SELECT c.key, \(Columns.wholeClose), a.incident_id, a.environment_id
        FROM closes c JOIN alerts a ON a.key = c.alert_key
        WHERE c.integration_key = ? AND c.next_attempt_at <= ?
            AND c.state IN ('pending', 'sending', 'sent')
        ORDER BY c.next_attempt_at, c.key LIMIT ?
        """)
    private static let inState = SQLText(
        """
        SELECT c.key, \(Columns.wholeClose) FROM closes c JOIN alerts a ON a.key = c.alert_key
        WHERE c.state = ? AND c.key < ? ORDER BY c.key DESC LIMIT ?
        """)
    private static let newest = SQLText(
        """
        SELECT c.key, \(Columns.wholeClose) FROM closes c JOIN alerts a ON a.key = c.alert_key
        WHERE c.key < ? ORDER BY c.key DESC LIMIT ?
        """)

    /// Adds a close that became owed; returns its key.
    func insert(_ close: Close, of record: AlertRecord) throws(SQLiteError) -> Int64 {
        let sequence = try takeSequence()
        try connection.withStatement(Self.insertClose) { (insert) throws(SQLiteError) in
            try insert.bind(record.key)
            try insert.bind(close.id.text)
            try insert.bind(close.requestedBy)
            try insert.bind(close.comment)
            try insert.bind(close.createdAt)
            try bind(close, to: &insert)
            try insert.bind(sequence)
            try insert.bind(record.sourceKey)
            try insert.run()
        }
        add(1, toCount: "closes.\(close.state.rawValue)")
        return connection.lastInsertRowID
    }

    /// Writes a close over.
    func update(_ close: Close, key: Int64, before: Close?) throws(SQLiteError) {
        let sequence = try takeSequence()
        try connection.withStatement(Self.updateClose) { (update) throws(SQLiteError) in
            try bind(close, to: &update)
            try update.bind(sequence)
            try update.bind(key)
            try update.run()
        }
        guard let before, before.state != close.state else { return }
        add(1, toCount: "closes.\(close.state.rawValue)")
        add(-1, toCount: "closes.\(before.state.rawValue)")
    }

    /// Writes a close over, and that its alert changed with it.
    private func updateAlone(
        _ close: Close, key: Int64, before: Close
    ) throws(SQLiteError) {
        try update(close, key: key, before: before)
        let sequence = try takeSequence()
        try connection.withStatement("UPDATE alerts SET sequence = ? WHERE id = ?") {
            (update) throws(SQLiteError) in
            try update.bind(sequence)
            try update.bind(close.alertID.text)
            try update.run()
        }
    }

    /// The alert that the close called `id` is for.
    func record(owing id: CloseID) throws(SQLiteError) -> AlertRecord? {
        let key = try connection.withStatement("SELECT alert_key FROM closes WHERE id = ?") {
            (select) throws(SQLiteError) -> Int64? in
            try select.bind(id.text)
            return try select.step() == .row ? select.int64(at: 0) : nil
        }
        guard let key else { return nil }
        return try record(key: key)
    }

    /// Takes up due closes, those longest due first.
    func claimDueCloses(_ claim: CloseClaim) throws(SQLiteError) -> [ClaimedClose] {
        var due: [DueClose] = []
        for integration in try integrationsAtWork()
        where !claim.excludedIntegrations.contains(integration.id) {
            try bringForward(integration.key, at: claim.at)
            // Room for those that are left out below.
            let limit = claim.limit + claim.excludedAlerts.count
            due += try dueCloses(of: integration, at: claim.at, limit: limit)
        }
        due.removeAll { claim.excludedAlerts.contains($0.claimed.close.alertID) }
        due.sort { ($0.dueAt, $0.key) < ($1.dueAt, $1.key) }
        var claimed: [ClaimedClose] = []
        for item in due where claimed.count < claim.limit {
            let before = item.claimed
            guard let close = CloseMachine.claim(before.close, at: claim.at) else { continue }
            try updateAlone(close, key: item.key, before: before.close)
            claimed.append(
                ClaimedClose(
                    close: close, integrationID: before.integrationID,
                    incidentID: before.incidentID, environmentID: before.environmentID))
        }
        return claimed
    }

    /// When the next close is due, but for those of paused and of excluded integrations.
    func nextCloseDueAt(
        excluding integrations: Set<IntegrationID>
    ) throws(SQLiteError) -> Timestamp? {
        var next: Timestamp?
        for integration in try integrationsAtWork() where !integrations.contains(integration.id) {
            let due = try connection.withStatement(
                """
                SELECT min(next_attempt_at) FROM closes
                WHERE integration_key = ? AND state IN ('pending', 'sending', 'sent')
                """
            ) { (select) throws(SQLiteError) -> Timestamp? in
                try select.bind(integration.key)
                return try select.step() == .row ? select.readTimeIfAny() : nil
            }
            guard let due else { continue }
            next = min(next ?? due, due)
        }
        return next
    }

    /// Makes closes that were under way due again.
    func recoverInterruptedCloses(at now: Timestamp) throws(SQLiteError) -> Int {
        var query = CloseQuery(limit: .max)
        query.state = .sending
        let interrupted = try keyedCloses(query)
        for (key, close) in interrupted {
            guard let recovered = CloseMachine.recover(close, at: now) else { continue }
            try updateAlone(recovered, key: key, before: close)
        }
        return interrupted.count
    }

    /// Closes by state, newest first.
    func closes(_ query: CloseQuery) throws(SQLiteError) -> Page<Close> {
        var longer = query
        longer.limit += 1
        let found = try keyedCloses(longer)
        let items = found.prefix(query.limit)
        let next = found.count > items.count ? items.last.map { $0.key } : nil
        return Page(items: items.map(\.close), next: next.map { PageCursor(sequence: $0) })
    }

    /// When the oldest close that has not ended became owed.
    func oldestOwedClose() throws(SQLiteError) -> Timestamp? {
        var oldest: Timestamp?
        for state in CloseState.allCases where !state.isEnded {
            let createdAt = try connection.withStatement(
                "SELECT created_at FROM closes WHERE state = ? ORDER BY key LIMIT 1"
            ) { (select) throws(SQLiteError) -> Timestamp? in
                try select.bind(state.rawValue)
                return try select.step() == .row ? select.readTime() : nil
            }
            guard let createdAt else { continue }
            oldest = min(oldest ?? createdAt, createdAt)
        }
        return oldest
    }

    /// Removes the closes of an alert that goes.
    func removeCloses(ofAlert key: Int64) throws(SQLiteError) {
        let states = try connection.withStatement("SELECT state FROM closes WHERE alert_key = ?") {
            (select) throws(SQLiteError) in
            try select.bind(key)
            var states: [String] = []
            while try select.step() == .row { states.append(select.text(at: 0)) }
            return states
        }
        guard !states.isEmpty else { return }
        for state in states { add(-1, toCount: "closes.\(state)") }
        try connection.withStatement("DELETE FROM closes WHERE alert_key = ?") {
            (delete) throws(SQLiteError) in
            try delete.bind(key)
            try delete.run()
        }
    }

    private struct DueClose {
        let key: Int64
        let dueAt: Timestamp
        let claimed: ClaimedClose
    }

    /// Makes closes due that a clock which was set back since has planned too far ahead.
    private func bringForward(_ integrationKey: Int64, at now: Timestamp) throws(SQLiteError) {
        try connection.withStatement(
            """
            UPDATE closes SET next_attempt_at = ?1
            WHERE integration_key = ?2 AND next_attempt_at > ?3
                AND state IN ('pending', 'sending', 'sent')
            """
        ) { (update) throws(SQLiteError) in
            try update.bind(now)
            try update.bind(integrationKey)
            try update.bind(now + CloseMachine.horizon)
            try update.run()
        }
    }

    private func dueCloses(
        of integration: (key: Int64, id: IntegrationID), at moment: Timestamp, limit: Int
    ) throws(SQLiteError) -> [DueClose] {
        try connection.withStatement(Self.due) { (select) throws(SQLiteError) in
            try select.bind(integration.key)
            try select.bind(moment)
            try select.bind(limit)
            var due: [DueClose] = []
            while try select.step() == .row {
                let (key, close) = try readKeyedClose(&select)
                let claimed = ClaimedClose(
                    close: close, integrationID: integration.id, incidentID: select.readText(),
                    environmentID: select.readTextIfAny())
                due.append(
                    DueClose(key: key, dueAt: close.nextAttemptAt ?? moment, claimed: claimed))
            }
            return due
        }
    }

    private func keyedCloses(
        _ query: CloseQuery
    ) throws(SQLiteError) -> [(key: Int64, close: Close)] {
        let sql = query.state == nil ? Self.newest : Self.inState
        return try connection.withStatement(sql) { (select) throws(SQLiteError) in
            if let state = query.state { try select.bind(state.rawValue) }
            try select.bind(query.cursor?.sequence ?? .max)
            try select.bind(query.limit)
            var found: [(key: Int64, close: Close)] = []
            while try select.step() == .row { found.append(try readKeyedClose(&select)) }
            return found
        }
    }

    /// Reads a number, then the columns of `Columns.wholeClose`.
    func readKeyedClose(
        _ row: inout SQLiteStatement
    ) throws(SQLiteError) -> (key: Int64, close: Close) {
        let key = row.readInt64()
        let alertID = AlertID(row.text(at: 1 + Columns.fixedClose.count + Columns.close.count))
        let close = try readClose(&row, alertID: alertID)
        _ = row.readText()
        return (key, close)
    }
}
