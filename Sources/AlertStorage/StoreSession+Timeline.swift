import Alerts
import SQLite

extension StoreSession {
    /// Appends an entry to the timeline that ends in `previous`; returns its key.
    func append(
        _ transition: Transition, alertKey: Int64, after previous: Int64?
    ) throws(SQLiteError) -> Int64 {
        try connection.withStatement(
            """
            INSERT INTO transitions(
                alert_key, previous_key, at, outcome, is_firing, cause_kind, cause_name, comment,
                changed_on, delivery_key)
            VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?)
            """
        ) { (insert) throws(SQLiteError) in
            try insert.bind(alertKey)
            try insert.bind(previous)
            try insert.bind(transition.at)
            try insert.bind(transition.outcome.rawValue)
            try insert.bind(transition.status == .firing)
            try insert.bind(transition.cause.kind.rawValue)
            try insert.bind(transition.cause.name)
            try insert.bind(transition.comment)
            try insert.bind(transition.changedOn)
            try insert.bind(transition.deliveryID?.number)
            try insert.run()
        }
        return connection.lastInsertRowID
    }

    /// The newest `limit` entries of an alert's timeline, oldest first.
    func timeline(of id: AlertID, limit: Int) throws(SQLiteError) -> [Transition] {
        try connection.withStatement(
            """
            WITH RECURSIVE chain AS (
                SELECT t.* FROM alerts a JOIN transitions t ON t.key = a.transition_key
                WHERE a.id = ?
                UNION ALL
                SELECT t.* FROM chain JOIN transitions t ON t.key = chain.previous_key
                LIMIT ?
            )
            SELECT at, outcome, is_firing, cause_kind, cause_name, comment, changed_on,
                delivery_key
            FROM chain
            """
        ) { (select) throws(SQLiteError) in
            try select.bind(id.text)
            try select.bind(limit)
            var timeline: [Transition] = []
            while try select.step() == .row {
                let (at, outcome): (Timestamp, Outcome) = (
                    select.readTime(), try select.readCase(of: "transitions.outcome")
                )
                let status: AlertStatus = select.readBool() ? .firing : .resolved
                let kind: Actor.Kind = try select.readCase(of: "transitions.cause_kind")
                let cause = Actor(kind, name: select.readText())
                timeline.append(
                    Transition(
                        at: at, outcome: outcome, status: status, cause: cause,
                        comment: select.readTextIfAny(), changedOn: select.readTimeIfAny(),
                        deliveryID: select.readInt64IfAny().map { DeliveryID(number: $0) }))
            }
            timeline.reverse()
            return timeline
        }
    }

    private static let old = oldAlerts(among: "")
    private static let oldCanaries = oldAlerts(among: "AND a.source_key IN (\(canarySources))")

    private static func oldAlerts(among condition: String) -> SQLText {
        SQLText(
            """
            SELECT a.key, a.transition_key FROM alerts a LEFT JOIN closes c ON c.key = a.close_key
            WHERE a.resolved_at < ? AND a.resolved_at IS NOT NULL
                AND (c.state IS NULL OR c.state NOT IN ('pending', 'sending', 'sent')) \(condition)
            ORDER BY a.resolved_at LIMIT ?
            """)
    }

    /// Removes at most `limit` alerts resolved before `moment` that owe no close, oldest first.
    func prune(
        resolvedBefore moment: Timestamp, limit: Int, canariesOnly: Bool = false
    ) throws(SQLiteError) -> Int {
        let old = try connection.withStatement(canariesOnly ? Self.oldCanaries : Self.old) {
            (select) throws(SQLiteError) in
            try select.bind(moment)
            try select.bind(limit)
            var rows: [(key: Int64, transitionKey: Int64?)] = []
            while try select.step() == .row {
                rows.append((select.readInt64(), select.readInt64IfAny()))
            }
            return rows
        }
        for row in old {
            try removeTimeline(endingIn: row.transitionKey)
            try removeCloses(ofAlert: row.key)
            try connection.withStatement("DELETE FROM alerts WHERE key = ?") {
                (delete) throws(SQLiteError) in
                try delete.bind(row.key)
                try delete.run()
            }
        }
        add(-Int64(old.count), toCount: "alerts.resolved")
        return old.count
    }

    private func removeTimeline(endingIn key: Int64?) throws(SQLiteError) {
        try connection.withStatement(
            """
            WITH RECURSIVE chain(key) AS (
                SELECT ?
                UNION ALL
                SELECT t.previous_key FROM chain JOIN transitions t ON t.key = chain.key
                WHERE t.previous_key IS NOT NULL
            )
            DELETE FROM transitions WHERE key IN (SELECT key FROM chain)
            """
        ) { (delete) throws(SQLiteError) in
            try delete.bind(key)
            try delete.run()
        }
    }
}
