import CPQ

/// Where the server is and who we are there: a connection URI, which may hold a password and so
/// can't be printed.
///
/// Source: <https://www.postgresql.org/docs/15/libpq-connect.html#LIBPQ-CONNSTRING>
package struct PostgresAddress: Sendable, Equatable, CustomStringConvertible, CustomReflectable {
    let text: String
    /// What people are told: hosts or socket directories, and the database.
    private let name: String
    /// Whether a password stands in it.
    package let hasPassword: Bool
    /// Whether what is sent may leave this machine.
    package let isRemote: Bool

    /// Reads a URI that begins with `postgres://` or `postgresql://`, or `keyword=value` pairs.
    ///
    /// - Throws: `unreachable` when libpq can't make sense of it, or takes a part of the password
    ///   for something else; nothing is contacted.
    package init(_ text: String) throws(PostgresError) {
        guard let options = unsafe PQconninfoParse(text, nil) else {
            // What libpq says about it may quote the password.
            throw PostgresError(.unreachable, "This is not an address that libpq understands.")
        }
        defer { unsafe PQconninfoFree(options) }
        let values = unsafe Self.values(options)
        let hosts = (values["host"] ?? values["hostaddr"] ?? "").split(separator: ",")
        let (port, database) = (values["port"] ?? "", values["dbname"] ?? values["user"] ?? "")
        guard !hosts.contains(where: { $0.contains("@") }),
            port.utf8.allSatisfy({ (0x30...0x39).contains($0) || $0 == UInt8(ascii: ",") }),
            !database.contains("@") || text.contains("%40")
        else {
            throw PostgresError(
                .unreachable, "Characters such as @ : / % in a password must be percent-encoded.")
        }
        self.text = text
        hasPassword = values["password"] != nil || values["sslpassword"] != nil
        isRemote = !hosts.allSatisfy {
            $0.hasPrefix("/") || $0 == "localhost" || $0 == "::1" || $0.hasPrefix("127.")
        }
        let place = hosts.isEmpty ? "this machine" : hosts.joined(separator: ", ")
        name =
            "PostgreSQL on \(place)" + (port.isEmpty ? "" : ", port \(port)")
            + (database.isEmpty ? "" : ", database \(database)")
    }

    /// Where it is, without user, password and the rest.
    package var description: String { name }

    /// Without children, so that `dump` shows no password either.
    package var customMirror: Mirror { Mirror(self, children: []) }

    @unsafe
    private static func values(
        _ options: UnsafeMutablePointer<PQconninfoOption>
    ) -> [String: String] {
        var values: [String: String] = [:]
        var option = unsafe options
        // The list ends with an option without name.
        while let keyword = unsafe option.pointee.keyword {
            if let value = unsafe option.pointee.val {
                values[unsafe String(cString: keyword)] = unsafe String(cString: value)
            }
            unsafe option += 1
        }
        return values
    }

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
