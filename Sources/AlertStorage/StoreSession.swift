import Alerts
import Compression
import JSON
import SQLite

/// One connection to the store's tables, and the way from rows to the domain's values and back.
///
/// Keeps nothing between transactions but compiled statements, and who is told of things until that
/// changes, so that another connection on the same file, or a transaction that was undone, can't
/// make it wrong.
final class StoreSession {
    let connection: SQLiteConnection
    /// When firing alerts are read back.
    let schedule: ReconcileSchedule
    private let documents = StoredDocuments()
    // What the open transaction adds to the counts; written just before its commit.
    private var additions: [String: Int64] = [:]
    private(set) var activity: [Activity.Key: Int64] = [:]
    /// The first number of the sequence that the open transaction took, and how many.
    private var firstSequence: Int64?
    private var sequencesCount: Int64 = 0
    /// Changes of the last transaction.
    var changesCount: Int { Int(sequencesCount) }
    private var nextAlertKey: Int64?
    /// Deliveries that the open transaction added and has not written yet.
    var block = DeliveryBlock()
    /// For the contents of deliveries; made with the first, so that an idle gateway goes without.
    private(set) lazy var compressor = Compressor()

    /// The endpoints that are told of things; `nil` until they are needed, and after a change.
    ///
    /// This connection is the only one that writes them.
    var targets: [OutboundTarget]?
    /// Whether the open transaction made messages owed.
    var hasNewMessages = false
    private let outbox: OutboxHook?

    init(
        _ connection: SQLiteConnection, schedule: ReconcileSchedule, outbox: OutboxHook? = nil
    ) {
        self.connection = connection
        self.schedule = schedule
        self.outbox = outbox
    }

    /// Runs `body` in one transaction, which is durable when this returns.
    func write<Result>(_ body: () throws(SQLiteError) -> Result) throws(SQLiteError) -> Result {
        additions = [:]
        activity = [:]
        firstSequence = nil
        sequencesCount = 0
        nextAlertKey = nil
        block.removeAll()
        hasNewMessages = false
        let result = try connection.withTransaction(.immediate) {
            () throws(SQLiteError) -> Result in
            let result = try body()
            try writeBlock()
            try writeCounts()
            try writeActivity()
            return result
        }
        if hasNewMessages { outbox?.tell() }
        return result
    }

    /// Runs `body` on one state of the tables.
    func read<Result>(_ body: () throws(SQLiteError) -> Result) throws(SQLiteError) -> Result {
        try connection.withTransaction(.deferred, body)
    }

    /// Adds `number` to a count when the open transaction commits.
    func add(_ number: Int64, toCount name: String) {
        additions[name, default: 0] += number
    }

    /// Adds `number` to what is counted of an hour when the open transaction commits.
    func add(_ number: Int64, toActivity key: Activity.Key) {
        guard number != 0 else { return }
        activity[key, default: 0] += number
    }

    /// The next number of the sequence of changes; none comes twice.
    func takeSequence() throws(SQLiteError) -> Int64 {
        let first: Int64
        if let known = firstSequence {
            first = known
        } else {
            first = try count("sequence")
            firstSequence = first
        }
        sequencesCount += 1
        return first + sequencesCount
    }

    /// The key that the next new alert gets.
    func takeAlertKey() throws(SQLiteError) -> Int64 {
        let key: Int64
        if let next = nextAlertKey {
            key = next
        } else {
            key = try number("SELECT coalesce(max(key), 0) + 1 FROM alerts")
        }
        nextAlertKey = key + 1
        return key
    }

    func count(_ name: String) throws(SQLiteError) -> Int64 {
        try connection.withStatement("SELECT value FROM counts WHERE name = ?") {
            (select) throws(SQLiteError) in
            try select.bind(name)
            guard try select.step() == .row else { throw SQLiteError(corrupt: "no count \(name)") }
            return select.int64(at: 0)
        }
    }

    /// The one number that a statement without parameters returns.
    func number(_ sql: StaticString) throws(SQLiteError) -> Int64 {
        try connection.withStatement(sql) { (select) throws(SQLiteError) in
            guard try select.step() == .row else { throw SQLiteError(corrupt: "no row") }
            return select.int64(at: 0)
        }
    }

    /// What `body` makes of the JSON in a column.
    func document<Result>(
        _ body: (StoredDocuments) throws(JSONError) -> Result
    ) throws(SQLiteError) -> Result {
        do throws(JSONError) {
            return try body(documents)
        } catch {
            throw SQLiteError(corrupt: "a column holds no JSON: \(error)")
        }
    }

    private func writeCounts() throws(SQLiteError) {
        add(sequencesCount, toCount: "sequence")
        for (name, number) in additions where number != 0 {
            try connection.withStatement("UPDATE counts SET value = value + ? WHERE name = ?") {
                (update) throws(SQLiteError) in
                try update.bind(number)
                try update.bind(name)
                try update.run()
            }
        }
    }
}

extension SQLiteError {
    /// A value that only this program writes is not one of those that it writes.
    init(unknown value: String, in column: String) {
        self.init(corrupt: "\(column) holds something unknown, \(value.utf8.count) bytes long")
    }
}

extension SQLiteStatement {
    /// Reads the next column as one of an enum's cases.
    mutating func readCase<Value: RawRepresentable<String>>(
        of column: String
    ) throws(SQLiteError) -> Value {
        let text = readText()
        guard let value = Value(rawValue: text) else {
            throw SQLiteError(unknown: text, in: column)
        }
        return value
    }

    mutating func readTime() -> Timestamp { Timestamp(milliseconds: readInt64()) }

    mutating func readTimeIfAny() -> Timestamp? {
        readInt64IfAny().map { Timestamp(milliseconds: $0) }
    }

    mutating func bind(_ time: Timestamp?) throws(SQLiteError) {
        try bind(time?.milliseconds)
    }
}
