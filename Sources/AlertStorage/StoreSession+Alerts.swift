import Alerts
import SQLite

extension StoreSession {
    private static let byKey = selectRecord(where: "a.key = ?")
    private static let byID = selectRecord(where: "a.id = ?")
    private static let byIncident = selectRecord(where: "a.incident_id = ? AND a.source_key = ?")
    private static let insertAlert = SQLText(
        """
        INSERT INTO alerts(\((Columns.fixedAlert + Columns.alert).joined(separator: ", ")))
        VALUES (\(Columns.placeholders(Columns.fixedAlert.count + Columns.alert.count)))
        """)
    private static let updateAlert = SQLText(
        "UPDATE alerts SET \(Columns.assignments(Columns.alert)) WHERE key = ?")

    private static func selectRecord(where condition: String) -> SQLText {
        SQLText("SELECT \(Columns.record) FROM \(Columns.recordTables) WHERE \(condition)")
    }

    /// The alert called `id`.
    func record(_ id: AlertID) throws(SQLiteError) -> AlertRecord? {
        try connection.withStatement(Self.byID) { (select) throws(SQLiteError) in
            try select.bind(id.text)
            return try select.step() == .row ? try readRecord(&select) : nil
        }
    }

    /// The alert whose row has the key `key`.
    func record(key: Int64) throws(SQLiteError) -> AlertRecord? {
        try connection.withStatement(Self.byKey) { (select) throws(SQLiteError) in
            try select.bind(key)
            return try select.step() == .row ? try readRecord(&select) : nil
        }
    }

    /// The alert of an incident that came in through a source.
    func record(
        incidentID: String, sourceKey: Int64
    ) throws(SQLiteError) -> AlertRecord? {
        try connection.withStatement(Self.byIncident) { (select) throws(SQLiteError) in
            try select.bind(incidentID)
            try select.bind(sourceKey)
            return try select.step() == .row ? try readRecord(&select) : nil
        }
    }

    /// Writes what a machine made of `record`, its timeline included.
    ///
    /// `plan` is when the alert is read back next, if that was decided.
    func store(
        _ change: AlertMachine.Change, of record: AlertRecord, plan: ReadingPlan? = nil
    ) throws(SQLiteError) {
        var changed = record
        try take(change, into: &changed)
        if let plan { changed.plan = plan }
        try save(changed, before: record)
    }

    /// Appends to the timeline, and lets `record` say what its row is to hold.
    func take(
        _ change: AlertMachine.Change, into record: inout AlertRecord, isNew: Bool = false
    ) throws(SQLiteError) {
        for transition in change.transitions {
            record.transitionKey = try append(
                transition, alertKey: record.key, after: record.transitionKey)
        }
        if isNew || change.subject != record.subject {
            record.sequence = try takeSequence()
        }
        record.plan = schedule.plan(
            record.plan, storing: change.subject.alert, over: isNew ? nil : record.subject.alert)
        if targets?.isEmpty != true {
            try tellTargets(of: change.subject, over: isNew ? nil : record.subject)
        }
        record.subject = change.subject
    }

    /// Writes the rows of an alert and its close as far as they differ from `before`, which is what
    /// the rows hold; `nil` for an alert that has none.
    func save(_ record: AlertRecord, before: AlertRecord?) throws(SQLiteError) {
        var record = record
        let (close, closeBefore) = (record.subject.close, before?.subject.close)
        if let close, close.id != closeBefore?.id {
            record.closeKey = try insert(close, of: record)
        } else if let close, let key = record.closeKey, close != closeBefore {
            try update(close, key: key, before: closeBefore)
        }
        count(record.subject.alert, before: before?.subject.alert.status)
        guard let before else { return try insert(record) }
        if record.sequence != before.sequence || record.closeKey != before.closeKey {
            try update(record)
            return
        }
        if record.plan != before.plan { try updatePlan(of: record) }
        if record.transitionKey != before.transitionKey { try updateTimeline(of: record) }
    }

    private func insert(_ record: AlertRecord) throws(SQLiteError) {
        try connection.withStatement(Self.insertAlert) { (insert) throws(SQLiteError) in
            try insert.bind(record.key)
            try insert.bind(record.sourceKey)
            try insert.bind(record.subject.alert.id.text)
            try insert.bind(record.subject.alert.incidentID)
            try insert.bind(record.subject.alert.createdAt)
            try bind(record, to: &insert)
            try insert.run()
        }
    }

    private func update(_ record: AlertRecord) throws(SQLiteError) {
        try connection.withStatement(Self.updateAlert) { (update) throws(SQLiteError) in
            try bind(record, to: &update)
            try update.bind(record.key)
            try update.run()
        }
    }

    private func updateTimeline(of record: AlertRecord) throws(SQLiteError) {
        try connection.withStatement("UPDATE alerts SET transition_key = ? WHERE key = ?") {
            (update) throws(SQLiteError) in
            try update.bind(record.transitionKey)
            try update.bind(record.key)
            try update.run()
        }
    }

    private func updatePlan(of record: AlertRecord) throws(SQLiteError) {
        try connection.withStatement(
            "UPDATE alerts SET reading_due_at = ?, missing_count = ? WHERE key = ?"
        ) { (update) throws(SQLiteError) in
            try update.bind(record.plan.dueAt)
            try update.bind(record.plan.missesCount)
            try update.bind(record.key)
            try update.run()
        }
    }

    private func count(_ alert: Alert, before: AlertStatus?) {
        guard alert.status != before else { return }
        add(
            Activity.firingDifference(from: before, to: alert.status),
            toActivity: Activity.Key(.firing, at: alert.updatedAt))
        add(1, toCount: "alerts.\(alert.status.rawValue)")
        if let before { add(-1, toCount: "alerts.\(before.rawValue)") }
    }
}
