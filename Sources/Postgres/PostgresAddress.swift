import CPQ

/// Where the server is and who we are there: a connection URI, which may hold a password and so
/// can't be printed.
///
/// Source: <https://www.postgresql.org/docs/15/libpq-connect.html#LIBPQ-CONNSTRING>
package struct PostgresAddress: Sendable, CustomStringConvertible {
    let text: String

    /// Reads a URI that begins with `postgres://` or `postgresql://`, or `keyword=value` pairs.
    ///
    /// - Throws: `unreachable` when libpq can't make sense of it; nothing is contacted.
    package init(_ text: String) throws(PostgresError) {
        guard let options = unsafe PQconninfoParse(text, nil) else {
            // What libpq says about it may quote the password.
            throw PostgresError(.unreachable, "This is not an address that libpq understands.")
        }
        unsafe PQconninfoFree(options)
        self.text = text
    }

    /// Says nothing of what it holds.
    package var description: String { "PostgreSQL server" }

    /// What libpq is told: the last of equal keywords holds, so that the address can change what
    /// stands before it.
    ///
    /// - `client_encoding` is fixed, since texts are sent as Swift has them.
    /// - The rest bounds how long a peer that went away without a word goes unnoticed.
    var options: [(keyword: String, value: String)] {
        let keepAlive = PostgresLimits.keepAliveSeconds
        return [
            ("application_name", "bigpanda-gateway"),
            ("connect_timeout", "\(PostgresLimits.addressSecondsMax)"),
            ("keepalives_idle", "\(keepAlive.idle)"),
            ("keepalives_interval", "\(keepAlive.interval)"),
            ("keepalives_count", "\(keepAlive.count)"),
            ("tcp_user_timeout", "\(PostgresLimits.unconfirmedMillisecondsMax)"),
            ("dbname", text),
            ("client_encoding", "UTF8"),
        ]
    }
}

/// Lends `texts` as the array of C strings, ended by a null, that libpq takes.
@safe
func withCStrings<Result>(
    _ texts: [String], _ body: (UnsafePointer<UnsafePointer<CChar>?>) -> Result
) -> Result {
    var bytes: [UInt8] = []
    var starts: [Int] = []
    for text in texts {
        starts.append(bytes.count)
        bytes += Array(text.utf8) + [0]
    }
    return unsafe bytes.withUnsafeBytes { buffer in
        var pointers: [UnsafePointer<CChar>?] = unsafe starts.map {
            unsafe buffer.baseAddress?.advanced(by: $0).assumingMemoryBound(to: CChar.self)
        }
        unsafe pointers.append(nil)
        return unsafe pointers.withUnsafeBufferPointer { list in
            guard let start = list.baseAddress else { preconditionFailure("it has one at least") }
            return unsafe body(start)
        }
    }
}
