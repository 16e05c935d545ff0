/// How a database is opened.
package struct SQLiteOptions: Sendable {
    /// What the connection may do with the file.
    package enum Access: Sendable, Equatable {
        /// Read and write; a missing file is made.
        case create
        /// Read and write; a missing file is an error.
        case readWrite
        /// Read only.
        case readOnly
    }

    /// What the connection may do with the file.
    package var access: Access
    /// How long a call waits for another connection's lock.
    package var busyDuration: Duration
    /// Whether each commit goes to the write-ahead log in few pieces; see `GatheredLog`.
    package var gathersLog: Bool

    /// Options with the usual bounds.
    package init(
        access: Access = .create, busyDuration: Duration = SQLiteLimits.busyDuration,
        gathersLog: Bool = false
    ) {
        self.access = access
        self.busyDuration = busyDuration
        self.gathersLog = gathersLog
    }
}
