import Alerts
import JSON
import SQLite

/// An alert as its row holds it, with the names that rows have for each other.
struct AlertRecord {
    let key: Int64
    let sourceKey: Int64
    /// When it last changed, in the order of all changes.
    var sequence: Int64
    var subject: AlertMachine.Subject
    var closeKey: Int64?
    /// The claim that its close is under; of PostgreSQL only.
    var closeFence: Int64 = 0
    /// The newest entry of its timeline; of SQLite only.
    var transitionKey: Int64?
    /// When its incident is read back.
    var plan = ReadingPlan()
}

/// The columns of `alerts`, `closes` and `transitions` in the order in which they are read and
/// written.
enum Columns {
    /// What an alert never changes.
    static let fixedAlert = ["key", "source_key", "id", "incident_id", "created_at"]
    /// What an alert changes.
    static let alert = [
        "sequence", "is_firing", "title", "summary", "severity", "bigpanda_status",
        "is_open_in_bigpanda", "environment_id", "is_flapping", "is_snoozed", "tags", "source_url",
        "alert_count", "fired_at", "resolved_at", "resolved_by_kind", "resolved_by_name",
        "updated_at", "changed_on", "updated_on", "fingerprint_high", "fingerprint_low",
        "close_key", "transition_key", "reading_due_at", "missing_count",
    ]
    /// What a close never changes.
    static let fixedClose = ["id", "requested_by", "comment", "created_at"]
    /// What a close changes.
    static let close = [
        "state", "next_step", "attempts", "failures", "next_attempt_at", "last_error", "sent_at",
        "updated_at",
    ]

    /// All columns that make an `AlertRecord`, from `alerts a`, `sources s` and `closes c`.
    static let record =
        names(fixedAlert + alert, of: "a") + ", s.id, " + names(fixedClose + close, of: "c")
    /// Where they come from.
    static let recordTables = """
        alerts a JOIN sources s ON s.key = a.source_key LEFT JOIN closes c ON c.key = a.close_key
        """
    /// All columns that make a `Close`, from `closes c` and `alerts a`.
    static let wholeClose = names(fixedClose + close, of: "c") + ", a.id"

    static func names(_ columns: [String], of table: String) -> String {
        columns.map { "\(table).\($0)" }.joined(separator: ", ")
    }

    static func assignments(_ columns: [String]) -> String {
        columns.map { "\($0) = ?" }.joined(separator: ", ")
    }

    static func placeholders(_ count: Int) -> String {
        Array(repeating: "?", count: count).joined(separator: ", ")
    }
}

extension StoreSession {
    /// Reads the columns of `Columns.record`.
    func readRecord(_ row: inout SQLiteStatement) throws(SQLiteError) -> AlertRecord {
        let (key, sourceKey) = (row.readInt64(), row.readInt64())
        let (id, incidentID) = (AlertID(row.readText()), row.readText())
        let createdAt = row.readTime()
        let sequence = row.readInt64()
        let status: AlertStatus = row.readBool() ? .firing : .resolved
        // The source's id comes after the alert's own columns.
        let sourceID = SourceID(row.text(at: Columns.fixedAlert.count + Columns.alert.count))
        var alert = Alert(
            id: id, sourceID: sourceID, incidentID: incidentID, status: status,
            createdAt: createdAt)
        try readDetails(of: &alert, from: &row)
        let (closeKey, transitionKey) = (row.readInt64IfAny(), row.readInt64IfAny())
        let plan = ReadingPlan(dueAt: row.readTimeIfAny(), missesCount: Int(row.readInt64()))
        _ = row.readText()
        let close = closeKey == nil ? nil : try readClose(&row, alertID: id)
        return AlertRecord(
            key: key, sourceKey: sourceKey, sequence: sequence,
            subject: AlertMachine.Subject(alert: alert, close: close), closeKey: closeKey,
            transitionKey: transitionKey, plan: plan)
    }

    private func readDetails(
        of alert: inout Alert, from row: inout SQLiteStatement
    ) throws(SQLiteError) {
        alert.title = row.readText()
        alert.summary = row.readTextIfAny()
        alert.severity = row.readTextIfAny()
        alert.bigPandaStatus = row.readTextIfAny()
        alert.isOpenInBigPanda = row.readBool()
        alert.environmentID = row.readTextIfAny()
        alert.flapping = row.readBool()
        alert.snoozed = row.readBool()
        let tags = row.readBlob()
        alert.tags = try document { (documents) throws(JSONError) in try documents.tags(tags) }
        alert.sourceURL = row.readTextIfAny()
        alert.alertCount = row.readInt64IfAny().map { Int($0) }
        alert.firedAt = row.readTimeIfAny()
        alert.resolvedAt = row.readTimeIfAny()
        if let kind = row.readTextIfAny() {
            guard let kind = Actor.Kind(rawValue: kind) else {
                throw SQLiteError(unknown: kind, in: "resolved_by_kind")
            }
            alert.resolvedBy = Actor(kind, name: row.readText())
        } else {
            _ = row.readText()
        }
        alert.updatedAt = row.readTime()
        alert.newestTimes = EventTimes(
            changedOn: row.readTimeIfAny(), updatedOn: row.readTimeIfAny())
        let (high, low) = (row.readInt64IfAny(), row.readInt64IfAny())
        if let high, let low {
            alert.lastFingerprint = Fingerprint(
                high: UInt64(bitPattern: high), low: UInt64(bitPattern: low))
        }
    }

    /// Reads the columns of a close, all but its alert's id.
    func readClose(
        _ row: inout SQLiteStatement, alertID: AlertID
    ) throws(SQLiteError) -> Close {
        var close = Close(
            id: CloseID(row.readText()), alertID: alertID, requestedBy: row.readText(),
            comment: row.readTextIfAny(), at: row.readTime())
        close.state = try row.readCase(of: "closes.state")
        close.nextStep = try row.readCase(of: "closes.next_step")
        close.attempts = Int(row.readInt64())
        close.failures = Int(row.readInt64())
        close.nextAttemptAt = row.readTimeIfAny()
        close.lastError = row.readTextIfAny()
        close.sentAt = row.readTimeIfAny()
        close.updatedAt = row.readTime()
        return close
    }

    /// Binds the columns of `Columns.alert`.
    func bind(_ record: AlertRecord, to statement: inout SQLiteStatement) throws(SQLiteError) {
        let alert = record.subject.alert
        try statement.bind(record.sequence)
        try statement.bind(alert.status == .firing)
        try statement.bind(alert.title)
        try statement.bind(alert.summary)
        try statement.bind(alert.severity)
        try statement.bind(alert.bigPandaStatus)
        try statement.bind(alert.isOpenInBigPanda)
        try statement.bind(alert.environmentID)
        try statement.bind(alert.flapping)
        try statement.bind(alert.snoozed)
        try statement.bind(StoredDocuments.tagsText(alert.tags))
        try statement.bind(alert.sourceURL)
        try statement.bind(alert.alertCount)
        try statement.bind(alert.firedAt)
        try statement.bind(alert.resolvedAt)
        try statement.bind(alert.resolvedBy?.kind.rawValue)
        try statement.bind(alert.resolvedBy?.name)
        try statement.bind(alert.updatedAt)
        try statement.bind(alert.newestTimes.changedOn)
        try statement.bind(alert.newestTimes.updatedOn)
        try statement.bind(alert.lastFingerprint.map { Int64(bitPattern: $0.high) })
        try statement.bind(alert.lastFingerprint.map { Int64(bitPattern: $0.low) })
        try statement.bind(record.closeKey)
        try statement.bind(record.transitionKey)
        try statement.bind(record.plan.dueAt)
        try statement.bind(record.plan.missesCount)
    }

    /// Binds the columns of `Columns.close`.
    func bind(_ close: Close, to statement: inout SQLiteStatement) throws(SQLiteError) {
        try statement.bind(close.state.rawValue)
        try statement.bind(close.nextStep.rawValue)
        try statement.bind(close.attempts)
        try statement.bind(close.failures)
        try statement.bind(close.nextAttemptAt)
        try statement.bind(close.lastError)
        try statement.bind(close.sentAt)
        try statement.bind(close.updatedAt)
    }
}
