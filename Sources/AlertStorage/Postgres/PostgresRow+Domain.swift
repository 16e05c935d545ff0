import Alerts
import JSON
import Postgres

extension PostgresRow {
    mutating func readTime() -> Timestamp { Timestamp(milliseconds: readInt64()) }

    mutating func readTimeIfAny() -> Timestamp? {
        readInt64IfAny().map { Timestamp(milliseconds: $0) }
    }

    /// Reads the next column as one of an enum's cases.
    mutating func readCase<Value: RawRepresentable<String>>(
        of column: String
    ) throws(PostgresError) -> Value {
        let text = readText()
        guard let value = Value(rawValue: text) else {
            throw PostgresError(unknown: text, in: column)
        }
        return value
    }

    /// Reads the columns of `PostgresTables.record`.
    mutating func readRecord(_ documents: StoredDocuments) throws(PostgresError) -> AlertRecord {
        let sourceID = SourceID(readText())
        let (key, sourceKey) = (readInt64(), readInt64())
        let (id, incidentID, createdAt) = (AlertID(readText()), readText(), readTime())
        let sequence = readInt64()
        let status: AlertStatus = readBool() ? .firing : .resolved
        var alert = Alert(
            id: id, sourceID: sourceID, incidentID: incidentID, status: status,
            createdAt: createdAt)
        try readDetails(of: &alert, documents)
        let plan = ReadingPlan(dueAt: readTimeIfAny(), missesCount: Int(readInt64()))
        let (closeKey, fence) = (readInt64IfAny(), readInt64())
        let close = closeKey == nil ? nil : try readClose(alertID: id)
        return AlertRecord(
            key: key, sourceKey: sourceKey, sequence: sequence,
            subject: AlertMachine.Subject(alert: alert, close: close), closeKey: closeKey,
            closeFence: fence, transitionKey: nil, plan: plan)
    }

    private mutating func readDetails(
        of alert: inout Alert, _ documents: StoredDocuments
    ) throws(PostgresError) {
        alert.title = readText()
        alert.summary = readTextIfAny()
        alert.severity = readTextIfAny()
        alert.bigPandaStatus = readTextIfAny()
        alert.isOpenInBigPanda = readBool()
        alert.environmentID = readTextIfAny()
        alert.flapping = readBool()
        alert.snoozed = readBool()
        let tags = readBlob()
        alert.tags = try readingJSON { () throws(JSONError) in try documents.tags(tags) }
        alert.sourceURL = readTextIfAny()
        alert.alertCount = readInt64IfAny().map { Int($0) }
        alert.firedAt = readTimeIfAny()
        alert.resolvedAt = readTimeIfAny()
        let (kind, name) = (readTextIfAny(), readText())
        if let kind {
            guard let kind = Actor.Kind(rawValue: kind) else {
                throw PostgresError(unknown: kind, in: "resolved_by_kind")
            }
            alert.resolvedBy = Actor(kind, name: name)
        }
        alert.updatedAt = readTime()
        alert.newestTimes = EventTimes(changedOn: readTimeIfAny(), updatedOn: readTimeIfAny())
        let (high, low) = (readInt64IfAny(), readInt64IfAny())
        if let high, let low {
            alert.lastFingerprint = Fingerprint(
                high: UInt64(bitPattern: high), low: UInt64(bitPattern: low))
        }
    }

    /// Reads the columns of a close, all but its alert's id.
    mutating func readClose(alertID: AlertID) throws(PostgresError) -> Close {
        var close = Close(
            id: CloseID(readText()), alertID: alertID, requestedBy: readText(),
            comment: readTextIfAny(), at: readTime())
        close.state = try readCase(of: "closes.state")
        close.nextStep = try readCase(of: "closes.next_step")
        close.attempts = Int(readInt64())
        close.failures = Int(readInt64())
        close.nextAttemptAt = readTimeIfAny()
        close.lastError = readTextIfAny()
        close.sentAt = readTimeIfAny()
        close.updatedAt = readTime()
        return close
    }

    /// Reads the columns of an entry of a timeline.
    mutating func readTransition() throws(PostgresError) -> Transition {
        let at = readTime()
        let outcome: Outcome = try readCase(of: "transitions.outcome")
        let status: AlertStatus = readBool() ? .firing : .resolved
        let kind: Actor.Kind = try readCase(of: "transitions.cause_kind")
        let cause = Actor(kind, name: readText())
        return Transition(
            at: at, outcome: outcome, status: status, cause: cause, comment: readTextIfAny(),
            changedOn: readTimeIfAny(),
            deliveryID: readInt64IfAny().map { DeliveryID(number: $0) })
    }
}

extension PostgresError {
    /// A value that only this program writes is not one of those that it writes.
    init(unknown value: String, in column: String) {
        self.init(corrupt: "\(column) holds something unknown, \(value.utf8.count) bytes long")
    }
}

/// What `body` makes of the JSON in a column.
func readingJSON<Result>(
    _ body: () throws(JSONError) -> Result
) throws(PostgresError) -> Result {
    do throws(JSONError) {
        return try body()
    } catch {
        throw PostgresError(corrupt: "a column holds no JSON: \(error)")
    }
}
