import Alerts
import Postgres

/// The alerts that a transaction has locked, as their rows hold them and as they are to become.
///
/// Each is read once and written once, however many events of a batch are its own.
struct LockedAlerts {
    private struct Item {
        /// What the rows hold; `nil` when there are none yet.
        let before: AlertRecord?
        var record: AlertRecord
    }

    let schedule: ReconcileSchedule
    /// Whether somebody may be told of what changes.
    private let isTold: Bool
    /// What changes, as far as it can be told, in order.
    private(set) var told: [(event: OutboundEvent, subject: AlertMachine.Subject)] = []
    /// Numbers for changes, growing; as many as changes may come.
    var sequences: ArraySlice<Int64> = []
    private var items: [Int64: Item] = [:]
    private var transitions: [PostgresTables.TransitionRow] = []

    init(schedule: ReconcileSchedule, isTold: Bool) {
        self.schedule = schedule
        self.isTold = isTold
    }

    /// The record of an alert as it is to become.
    subscript(key: Int64) -> AlertRecord? { items[key]?.record }

    /// Takes in what the rows hold.
    mutating func load(_ record: AlertRecord) {
        items[record.key] = Item(before: record, record: record)
    }

    /// Adds an alert that has no rows yet.
    mutating func create(_ change: AlertMachine.Change, key: Int64, sourceKey: Int64) {
        var record = AlertRecord(
            key: key, sourceKey: sourceKey, sequence: 0, subject: change.subject, closeKey: nil,
            transitionKey: nil)
        note(change, of: key, over: nil)
        record.sequence = nextSequence()
        record.plan = schedule.plan(record.plan, storing: change.subject.alert, over: nil)
        items[key] = Item(before: nil, record: record)
    }

    /// Takes in what a machine made of an alert; `plan` is when it is read back next, if that was
    /// decided.
    mutating func take(_ change: AlertMachine.Change, of key: Int64, plan: ReadingPlan? = nil) {
        guard var record = items[key]?.record else { return }
        note(change, of: key, over: record.subject)
        if change.subject != record.subject { record.sequence = nextSequence() }
        record.plan =
            plan
            ?? schedule.plan(
                record.plan, storing: change.subject.alert, over: record.subject.alert)
        record.subject = change.subject
        items[key]?.record = record
    }

    /// Changes nothing but when an alert is read back.
    mutating func replan(_ key: Int64, _ plan: ReadingPlan) { items[key]?.record.plan = plan }

    /// Whether a close is owed, or due at another time, that was not before.
    var makesCloseDue: Bool {
        items.values.contains { item in
            let close = item.record.subject.close
            return close?.state == .pending && close != item.before?.subject.close
        }
    }

    /// The statements that write what changed, and what they add to the counts.
    func writes(counting counts: inout [String: Int64]) -> [PostgresQuery] {
        var (inserted, updated, replanned): ([AlertRecord], [AlertRecord], [AlertRecord]) =
            ([], [], [])
        var (newCloses, closes): ([PostgresTables.CloseRow], [PostgresTables.CloseRow]) = ([], [])
        for item in items.values.sorted(by: { $0.record.lockOrder < $1.record.lockOrder }) {
            let (record, before) = (item.record, item.before)
            if let close = record.subject.close, close != before?.subject.close {
                let isNew = close.id != before?.subject.close?.id
                let row = PostgresTables.CloseRow(
                    key: isNew ? nil : record.closeKey, alertKey: record.key,
                    sourceKey: record.sourceKey, close: close)
                if isNew { newCloses.append(row) } else { closes.append(row) }
                let stateBefore = isNew ? nil : before?.subject.close?.state
                counts.move("closes", from: stateBefore?.rawValue, to: close.state.rawValue)
            }
            let (status, statusBefore) = (
                record.subject.alert.status, before?.subject.alert.status
            )
            counts.move("alerts", from: statusBefore?.rawValue, to: status.rawValue)
            if before == nil {
                inserted.append(record)
            } else if record.sequence != before?.sequence {
                updated.append(record)
            } else if record.plan != before?.plan {
                replanned.append(record)
            }
        }
        let queries = [
            PostgresTables.insertAlerts.query(inserted),
            PostgresTables.updateAlerts.query(updated),
            PostgresTables.updatePlans.query(replanned),
            PostgresTables.insertCloses.query(newCloses),
            PostgresTables.updateCloses.query(closes),
            PostgresTables.insertTransitions.query(transitions),
        ]
        return queries.compactMap { $0 }
    }

    /// Adds those that began or ceased to fire.
    func count(into activity: inout [Activity.Key: Int64]) {
        for item in items.values {
            let alert = item.record.subject.alert
            let difference = Activity.firingDifference(
                from: item.before?.subject.alert.status, to: alert.status)
            activity[Activity.Key(.firing, at: alert.updatedAt), default: 0] += difference
        }
    }

    private mutating func note(
        _ change: AlertMachine.Change, of key: Int64, over before: AlertMachine.Subject?
    ) {
        if isTold {
            told += OutboundEvent.events(from: before, to: change.subject).map {
                ($0, change.subject)
            }
        }
        transitions += change.transitions.map {
            PostgresTables.TransitionRow(alertKey: key, transition: $0)
        }
    }

    private mutating func nextSequence() -> Int64 {
        guard let number = sequences.popFirst() else {
            preconditionFailure("more changes than numbers were taken for")
        }
        return number
    }
}

extension AlertRecord {
    /// New alerts are added in this order by every replica, so that two wait for each other never
    /// in a circle.
    fileprivate var lockOrder: (Int64, String) { (sourceKey, subject.alert.incidentID) }
}

extension [String: Int64] {
    /// Counts something out of one state and into another.
    mutating func move(_ what: String, from before: String?, to after: String) {
        guard before != after else { return }
        if let before { self["\(what).\(before)", default: 0] -= 1 }
        self["\(what).\(after)", default: 0] += 1
    }
}
