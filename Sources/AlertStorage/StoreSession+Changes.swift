import Alerts
import SQLite

extension StoreSession {
    /// One ordered read of an index for each status, merged by SQLite.
    static let changedAlerts = SQLText(
        AlertStatus.allCases.map { status in
            """
            SELECT \(Columns.record) FROM \(Columns.recordTables)
            WHERE a.is_firing = \(status == .firing ? 1 : 0) AND a.sequence > ?1
            """
        }.joined(separator: " UNION ALL ") + " ORDER BY \(Columns.fixedAlert.count + 1) LIMIT ?2")
    static let changedCloses = SQLText(
        """
        SELECT c.sequence, \(Columns.wholeClose)
        FROM closes c JOIN alerts a ON a.key = c.alert_key
        WHERE c.sequence > ? ORDER BY c.sequence LIMIT ?
        """)

    /// What changed after a number, oldest first; call inside `read`.
    func changes(_ query: ChangeQuery) throws(SQLiteError) -> ChangePage {
        let newest = try count("sequence")
        var found: [[Change]] = []
        for kind in query.kinds where newest > query.after {
            found.append(try changes(of: kind, query))
        }
        return ChangePage(query, settled: newest, newest: newest, found)
    }

    private func changes(
        of kind: Change.Kind, _ query: ChangeQuery
    ) throws(SQLiteError) -> [Change] {
        let (number, limit) = (query.after, query.limit)
        return switch kind {
        case .alert: try changedAlerts(after: number, limit: limit)
        case .close: try changedCloses(after: number, limit: limit)
        case .delivery: try newDeliveries(after: number, limit: limit)
        case .integration: try changedIntegrations(after: number, limit: limit)
        }
    }

    private func changedAlerts(after number: Int64, limit: Int) throws(SQLiteError) -> [Change] {
        try connection.withStatement(Self.changedAlerts) { (select) throws(SQLiteError) in
            try select.bind(number)
            try select.bind(limit)
            var found: [Change] = []
            while try select.step() == .row {
                let record = try readRecord(&select)
                found.append(Change(number: record.sequence, subject: .alert(record.subject)))
            }
            return found
        }
    }

    private func changedCloses(after number: Int64, limit: Int) throws(SQLiteError) -> [Change] {
        try connection.withStatement(Self.changedCloses) { (select) throws(SQLiteError) in
            try select.bind(number)
            try select.bind(limit)
            var found: [Change] = []
            while try select.step() == .row {
                let (number, close) = try readKeyedClose(&select)
                found.append(Change(number: number, subject: .close(close)))
            }
            return found
        }
    }
}
