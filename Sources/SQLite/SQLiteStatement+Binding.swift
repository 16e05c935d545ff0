import CSQLite

extension SQLiteStatement {
    /// Binds `text` to the parameter `index`; SQLite keeps its own copy.
    package mutating func bind(_ text: String, at index: Int) throws(SQLiteError) {
        isReady = false
        var text = text
        // With an explicit length, so that a text with a NUL in it is kept whole.
        let code = text.withUTF8 { bytes in
            unsafe bytes.withMemoryRebound(to: CChar.self) { bytes in
                guard let start = bytes.baseAddress else {
                    return unsafe sqlite3_bind_text(raw, CInt(index), "", 0, csqlite_static())
                }
                return unsafe sqlite3_bind_text64(
                    raw, CInt(index), start, UInt64(bytes.count), csqlite_transient(),
                    UInt8(SQLITE_UTF8))
            }
        }
        try check(code, "sqlite3_bind_text")
    }

    /// Binds `bytes` to the parameter `index`; SQLite keeps its own copy.
    package mutating func bind(_ bytes: [UInt8], at index: Int) throws(SQLiteError) {
        isReady = false
        let code = unsafe bytes.withUnsafeBufferPointer { buffer in
            guard let start = buffer.baseAddress, !buffer.isEmpty else {
                return unsafe sqlite3_bind_zeroblob(raw, CInt(index), 0)
            }
            return unsafe sqlite3_bind_blob64(
                raw, CInt(index), start, UInt64(buffer.count), csqlite_transient())
        }
        try check(code, "sqlite3_bind_blob")
    }

    /// Binds `number` to the parameter `index`.
    package mutating func bind(_ number: Int64, at index: Int) throws(SQLiteError) {
        isReady = false
        try check(unsafe sqlite3_bind_int64(raw, CInt(index), number), "sqlite3_bind_int64")
    }

    /// Binds `number` to the parameter `index`; NaN becomes null.
    package mutating func bind(_ number: Double, at index: Int) throws(SQLiteError) {
        isReady = false
        try check(unsafe sqlite3_bind_double(raw, CInt(index), number), "sqlite3_bind_double")
    }

    /// Binds null to the parameter `index`.
    package mutating func bindNull(at index: Int) throws(SQLiteError) {
        isReady = false
        try check(unsafe sqlite3_bind_null(raw, CInt(index)), "sqlite3_bind_null")
    }

    /// Binds `text`, or null, to the next parameter.
    package mutating func bind(_ text: String?) throws(SQLiteError) {
        boundCount += 1
        guard let text else { return try bindNull(at: boundCount) }
        try bind(text, at: boundCount)
    }

    /// Binds `bytes`, or null, to the next parameter.
    package mutating func bind(_ bytes: [UInt8]?) throws(SQLiteError) {
        boundCount += 1
        guard let bytes else { return try bindNull(at: boundCount) }
        try bind(bytes, at: boundCount)
    }

    /// Binds `number`, or null, to the next parameter.
    package mutating func bind(_ number: Int64?) throws(SQLiteError) {
        boundCount += 1
        guard let number else { return try bindNull(at: boundCount) }
        try bind(number, at: boundCount)
    }

    /// Binds `number`, or null, to the next parameter.
    package mutating func bind(_ number: Int?) throws(SQLiteError) {
        try bind(number.map(Int64.init))
    }

    /// Binds 1 for `true` and 0 for `false` to the next parameter.
    package mutating func bind(_ flag: Bool) throws(SQLiteError) {
        try bind(Int64(flag ? 1 : 0))
    }
}
