import Alerts
import EventLoop
import SQLite

/// A store in SQLite that is read from one end to the other, on a thread of its own; its file is
/// not written to.
actor TransferSource {
    nonisolated let thread: WorkerThread
    nonisolated var unownedExecutor: UnownedSerialExecutor { thread.unownedExecutor }

    private let path: String
    private var connection: SQLiteConnection?
    private var cursor: Cursor?

    /// Rows of a table that are being read.
    private final class Cursor {
        let table: TransferTable
        var statement: SQLiteStatement
        /// A statement that is stepped on after its last row begins again.
        var isAtEnd = false

        init(_ table: TransferTable, _ statement: consuming SQLiteStatement) {
            self.table = table
            self.statement = statement
        }
    }

    init(_ path: String, thread: WorkerThread) {
        self.path = path
        self.thread = thread
    }

    /// Opens the file, and holds on to its state at this moment until it is closed.
    ///
    /// - Throws: `foreign`, `newerSchema` or `conflict` when it isn't a store of this version,
    ///   `wrongMasterKey` when `sealer` can't open what is sealed in it.
    func open(_ sealer: KeySealer) throws(StoreError) {
        try StoreBackup.checkIsNotReplaced(path)
        try Schema.checkHeader(of: path)
        let connection = try mappingErrors(while: what) { () throws(SQLiteError) in
            let connection = try SQLiteConnection(path, options: .init(access: .readWrite))
            try connection.setLeavesLogOnClose(true)
            try connection.setPragma("query_only", 1)
            try connection.execute("BEGIN")
            return connection
        }
        try check(connection, sealer)
        self.connection = connection
    }

    /// Lets go of the file.
    func close() {
        cursor = nil
        connection = nil
    }

    /// How many rows each of the tables that move has.
    func rowCounts() throws(StoreError) -> [Int] {
        let connection = try openConnection()
        return try mappingErrors(while: what) { () throws(SQLiteError) in
            var counts: [Int] = []
            for table in TransferTable.all {
                var count = try connection.prepare(table.count)
                _ = try count.step()
                counts.append(Int(count.int64(at: 0)))
            }
            return counts
        }
    }

    /// What is counted in the store, by name.
    func counts() throws(StoreError) -> [String: Int64] {
        let connection = try openConnection()
        return try mappingErrors(while: what) { () throws(SQLiteError) in
            var select = try connection.prepare("SELECT name, value FROM counts")
            var counts: [String: Int64] = [:]
            while try select.step() == .row { counts[select.readText()] = select.readInt64() }
            return counts
        }
    }

    /// Begins with the first row of a table.
    func begin(_ table: TransferTable) throws(StoreError) {
        let connection = try openConnection()
        cursor = try mappingErrors(while: what) { () throws(SQLiteError) in
            Cursor(table, try connection.prepare(table.select))
        }
    }

    /// The next rows; `nil` when there are no more.
    func next() throws(StoreError) -> TransferChunk? {
        guard let cursor else { return nil }
        let chunk = try mappingErrors(while: what) { () throws(SQLiteError) in
            var chunk = TransferChunk(for: cursor.table)
            while !cursor.isAtEnd, chunk.rowsCount < TransferLimits.rowsMax,
                chunk.bytesCount < TransferLimits.chunkBytes
            {
                switch try cursor.statement.step() {
                case .row: chunk.append(&cursor.statement)
                case .done: cursor.isAtEnd = true
                }
            }
            return chunk
        }
        guard chunk.rowsCount > 0 else {
            self.cursor = nil
            return nil
        }
        return chunk
    }

    private var what: String { "Reading the store \(path)" }

    private func openConnection() throws(StoreError) -> SQLiteConnection {
        guard let connection else { throw .closed }
        return connection
    }

    private func check(
        _ connection: SQLiteConnection, _ sealer: KeySealer
    ) throws(StoreError) {
        let (id, found, canary) = try mappingErrors(while: what) { () throws(SQLiteError) in
            (
                try connection.pragma("application_id"), try connection.pragma("user_version"),
                try connection.canary()
            )
        }
        // The header was read without the log, which may hold a newer one.
        let version = Int32(truncatingIfNeeded: found)
        try Schema.check(
            applicationID: Int32(truncatingIfNeeded: id), version: version, of: path)
        guard version == Schema.version else {
            throw StoreError(
                .conflict,
                """
                The store \(path) has schema version \(version), and only version \
                \(Schema.version) can be moved: start this version's gateway on it once, and stop \
                it again.
                """)
        }
        try sealer.check(canary: canary)
        let sealed = try mappingErrors(while: what) { () throws(SQLiteError) in
            try connection.sealedKeys()
        }
        for (id, record) in sealed { _ = try sealer.open(record, for: id) }
    }
}

extension TransferChunk {
    /// Appends the row that a statement stands at.
    fileprivate mutating func append(_ row: inout SQLiteStatement) {
        for index in columns.indices {
            let isNull = row.isNull(at: index)
            switch columns[index] {
            case .ints(var items):
                columns[index] = .ints([])  // So that the array is appended to in place.
                items.append(isNull ? nil : row.int64(at: index))
                columns[index] = .ints(items)
                bytesCount += 8
            case .bools(var items):
                columns[index] = .bools([])
                items.append(isNull ? nil : row.int64(at: index) != 0)
                columns[index] = .bools(items)
                bytesCount += 1
            case .texts(var items):
                columns[index] = .texts([])
                let text = isNull ? nil : row.text(at: index)
                bytesCount += text?.utf8.count ?? 0
                items.append(text)
                columns[index] = .texts(items)
            case .bytes(var items):
                columns[index] = .bytes([])
                let bytes = isNull ? nil : row.blob(at: index)
                bytesCount += bytes?.count ?? 0
                items.append(bytes)
                columns[index] = .bytes(items)
            }
        }
        rowsCount += 1
    }
}
