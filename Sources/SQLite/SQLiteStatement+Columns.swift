import CSQLite

extension SQLiteStatement {
    /// Whether the column is null.
    package func isNull(at index: Int) -> Bool {
        unsafe sqlite3_column_type(raw, CInt(index)) == SQLITE_NULL
    }

    /// The column as a number; 0 when it is null.
    package func int64(at index: Int) -> Int64 { unsafe sqlite3_column_int64(raw, CInt(index)) }

    /// The column as a floating-point number; 0 when it is null.
    package func double(at index: Int) -> Double { unsafe sqlite3_column_double(raw, CInt(index)) }

    /// The column as text; empty when it is null.
    package func text(at index: Int) -> String {
        // The text first, its length second: the order that SQLite asks for
        // (sqlite.org/c3ref/column_blob.html).
        guard let start = unsafe sqlite3_column_text(raw, CInt(index)) else { return "" }
        let count = Int(unsafe sqlite3_column_bytes(raw, CInt(index)))
        let bytes = unsafe UnsafeBufferPointer(start: start, count: count)
        return unsafe String(decoding: bytes, as: UTF8.self)
    }

    /// The column's bytes; empty when it is null.
    package func blob(at index: Int) -> [UInt8] {
        withBlob(at: index) { bytes in
            [UInt8](unsafe bytes.withUnsafeBufferPointer { unsafe Array($0) })
        }
    }

    /// Lends the column's bytes, which SQLite keeps until the next step, to `body`.
    package func withBlob<Result, Failure: Error>(
        at index: Int, _ body: (Span<UInt8>) throws(Failure) -> Result
    ) throws(Failure) -> Result {
        let start = unsafe sqlite3_column_blob(raw, CInt(index))
        let count = unsafe start == nil ? 0 : Int(sqlite3_column_bytes(raw, CInt(index)))
        let bytes = unsafe UnsafeRawBufferPointer(start: start, count: count)
        return try body(unsafe bytes.bindMemory(to: UInt8.self).span)
    }

    /// Reads the next column as text; empty when it is null.
    package mutating func readText() -> String {
        defer { readCount += 1 }
        return text(at: readCount)
    }

    /// Reads the next column as text; `nil` when it is null.
    package mutating func readTextIfAny() -> String? {
        defer { readCount += 1 }
        return isNull(at: readCount) ? nil : text(at: readCount)
    }

    /// Reads the next column as a number; 0 when it is null.
    package mutating func readInt64() -> Int64 {
        defer { readCount += 1 }
        return int64(at: readCount)
    }

    /// Reads the next column as a number; `nil` when it is null.
    package mutating func readInt64IfAny() -> Int64? {
        defer { readCount += 1 }
        return isNull(at: readCount) ? nil : int64(at: readCount)
    }

    /// Reads the next column as a truth value; `false` when it is null or 0.
    package mutating func readBool() -> Bool { readInt64() != 0 }

    /// Reads the next column's bytes; empty when it is null.
    package mutating func readBlob() -> [UInt8] {
        defer { readCount += 1 }
        return blob(at: readCount)
    }

    /// Reads the next column's bytes; `nil` when it is null.
    package mutating func readBlobIfAny() -> [UInt8]? {
        defer { readCount += 1 }
        return isNull(at: readCount) ? nil : blob(at: readCount)
    }
}
