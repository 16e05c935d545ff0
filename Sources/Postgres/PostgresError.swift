import CPQ

/// A failed call to PostgreSQL.
///
/// Never holds a value that was sent: the server's detail, which may, is left out.
/// Source: <https://www.postgresql.org/docs/15/errcodes-appendix.html>
package struct PostgresError: Error, Equatable, Sendable, CustomStringConvertible {
    /// What became of the connection and of what was asked.
    package enum Kind: Sendable, Equatable {
        /// The server refused a statement; the connection is as good as before.
        case refused
        /// There is no connection, or none any more; nobody knows whether what was asked was done.
        case lost
        /// The server did not answer in time; otherwise as `lost`.
        case timedOut
        /// No connection was made.
        case unreachable
        /// A row holds a value that this program never writes.
        case corrupt
    }

    /// What became of the connection and of what was asked.
    package let kind: Kind
    /// The server's five characters for it; empty when the server said nothing.
    package let state: String
    /// What the server or libpq says.
    package let message: String
    /// The constraint that was violated, if that is what it is about.
    package let constraint: String?

    /// Makes an error.
    package init(_ kind: Kind, _ message: String, state: String = "", constraint: String? = nil) {
        self.kind = kind
        self.state = state
        self.message = message
        self.constraint = constraint
    }

    /// An error found in what a row holds: a value that this program never writes.
    package init(corrupt what: String) { self.init(.corrupt, what) }

    /// An error for a row that something refers to and that isn't there.
    package init(missing what: String) { self.init(.refused, what, state: "23503") }

    /// Whether the connection can't be used any more.
    package var isConnectionLost: Bool {
        switch kind {
        case .lost, .timedOut, .unreachable: true
        // Class 57P: the server ends the session.
        case .refused: state.hasPrefix("57P")
        case .corrupt: false
        }
    }

    /// Whether the transaction lost against another, and succeeds when it is done again:
    /// serialization failure, deadlock.
    package var isConflictOfTransactions: Bool { state == "40001" || state == "40P01" }

    /// Whether a value that has to be unique was there already.
    package var isUniqueViolation: Bool { state == "23505" }

    /// Whether a constraint was violated (class 23).
    package var isConstraint: Bool { state.hasPrefix("23") }

    /// Whether there is no room left on the server's disk.
    package var isDiskFull: Bool { state == "53100" }

    /// Whether the server takes no writes: a standby, or one that is set so.
    package var isReadOnly: Bool { state == "25006" }

    /// Whether the stored data is damaged (class XX, 58P01) or not what this program writes.
    package var isCorrupt: Bool {
        kind == .corrupt || ["XX001", "XX002", "58P01"].contains(state)
    }

    /// Whether the same call can succeed later without anybody changing the call.
    ///
    /// Connections that are lost; transactions that lost; resources that ran out (53); locks that
    /// took too long and statements that were stopped (55, 57); the system around the server (58).
    package var isRetryable: Bool {
        if kind == .lost || kind == .timedOut || kind == .unreachable { return true }
        if isConflictOfTransactions || isReadOnly { return true }
        return ["08", "53", "55", "57", "58"].contains { state.hasPrefix($0) } && !isCorrupt
    }

    /// Message and code in one line.
    package var description: String {
        state.isEmpty ? message : "\(message) (SQLSTATE \(state))"
    }
}

extension PostgresError {
    /// What a result says that is an error.
    @safe
    init(_ result: OpaquePointer?, isConnected: Bool) {
        let state = unsafe Self.text(cpq_error_state(result)) ?? ""
        let message =
            unsafe Self.text(cpq_error_message(result)) ?? Self.text(PQresultErrorMessage(result))
        self.init(
            isConnected ? .refused : .lost, Self.oneLine(message ?? ""), state: state,
            constraint: unsafe Self.text(cpq_error_constraint(result)))
    }

    /// What a connection says about the last call.
    @safe
    init(_ kind: Kind, of connection: OpaquePointer?) {
        self.init(kind, Self.oneLine(unsafe Self.text(PQerrorMessage(connection)) ?? ""))
    }

    @unsafe
    private static func text(_ start: UnsafePointer<CChar>?) -> String? {
        guard let start = unsafe start else { return nil }
        return unsafe String(cString: start)
    }

    /// libpq ends its messages with a line break, and some have several lines.
    private static func oneLine(_ text: String) -> String {
        text.split(whereSeparator: \.isNewline).joined(separator: "; ")
    }
}
