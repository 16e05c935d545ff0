import CPQ

/// What a statement returned; its memory goes when its owner lets go.
///
/// Rows come in binary form. Columns count from 0.
@safe
package final class PostgresResult {
    private let raw: OpaquePointer

    /// Takes over a `PGresult`.
    init(_ raw: OpaquePointer) { unsafe self.raw = raw }

    deinit { unsafe PQclear(raw) }

    /// How many rows came.
    package var count: Int { Int(unsafe PQntuples(raw)) }

    /// How many rows the statement wrote.
    package var changesCount: Int {
        guard let text = unsafe PQcmdTuples(raw) else { return 0 }
        return Int(unsafe String(cString: text)) ?? 0
    }

    /// The rows, in order.
    package var rows: some Sequence<PostgresRow> {
        (0..<count).lazy.map { PostgresRow(result: self, number: $0) }
    }

    /// The first row, if there is one.
    package var first: PostgresRow? { count > 0 ? PostgresRow(result: self, number: 0) : nil }

    /// Lends a column's bytes; `nil` for NULL.
    fileprivate func withColumn<Value>(
        _ row: Int, _ column: Int, _ body: (Span<UInt8>) -> Value
    ) -> Value? {
        precondition(column < Int(unsafe PQnfields(raw)), "a column that the statement hasn't")
        guard unsafe PQgetisnull(raw, Int32(row), Int32(column)) == 0 else { return nil }
        let start = unsafe UnsafeRawPointer(PQgetvalue(raw, Int32(row), Int32(column)))
        let count = Int(unsafe PQgetlength(raw, Int32(row), Int32(column)))
        let bytes = unsafe UnsafeRawBufferPointer(start: start, count: count)
        return body(unsafe bytes.bindMemory(to: UInt8.self).span)
    }
}

/// A row of a result; `read…` takes the next column.
///
/// A column must be of the type that is asked for; a number that is not `bigint` needs a cast in
/// the statement.
package struct PostgresRow {
    let result: PostgresResult
    let number: Int
    private var readCount = 0

    init(result: PostgresResult, number: Int) {
        self.result = result
        self.number = number
    }

    /// Passes over a column.
    package mutating func skip() { readCount += 1 }

    /// Reads the next column as `bigint`; `nil` when it is NULL.
    package mutating func readInt64IfAny() -> Int64? {
        next { bytes in
            precondition(bytes.count == 8, "a column that is no bigint")
            var number: UInt64 = 0
            for index in bytes.indices { number = number << 8 | UInt64(bytes[index]) }
            return Int64(bitPattern: number)
        }
    }

    /// Reads the next column as `bigint`; 0 when it is NULL.
    package mutating func readInt64() -> Int64 { readInt64IfAny() ?? 0 }

    /// Reads the next column as `boolean`; `false` when it is NULL.
    package mutating func readBool() -> Bool {
        next { bytes in
            precondition(bytes.count == 1, "a column that is no boolean")
            return bytes[0] != 0
        } ?? false
    }

    /// Reads the next column as `text`; `nil` when it is NULL.
    package mutating func readTextIfAny() -> String? {
        guard let bytes = readBlobIfAny() else { return nil }
        return PostgresEscape.unescaped(String(decoding: bytes, as: UTF8.self))
    }

    /// Reads the next column as `text`; empty when it is NULL.
    package mutating func readText() -> String { readTextIfAny() ?? "" }

    /// Reads the next column's bytes; `nil` when it is NULL.
    package mutating func readBlobIfAny() -> [UInt8]? {
        next { bytes in
            [UInt8](unsafe bytes.withUnsafeBufferPointer { unsafe Array($0) })
        }
    }

    /// Reads the next column's bytes; empty when it is NULL.
    package mutating func readBlob() -> [UInt8] { readBlobIfAny() ?? [] }

    private mutating func next<Value>(_ body: (Span<UInt8>) -> Value) -> Value? {
        defer { readCount += 1 }
        return result.withColumn(number, readCount, body)
    }
}
