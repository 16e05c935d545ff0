import CPQ

/// A `PGconn`; closed and freed when its owner lets go.
///
/// One thread at a time may use it: the connector's thread makes it and gives it away, whole, to
/// the loop.
@safe
// libpq allows any thread to use a connection, one after the other (section 34.20 of its manual);
// the connector keeps no reference to what it returns.
final class ConnectionMemory: @unchecked Sendable {
    // Set once, in init, and freed in deinit.
    nonisolated(unsafe) let raw: OpaquePointer

    init(_ raw: OpaquePointer) { unsafe self.raw = raw }

    /// Says goodbye to the server as far as the socket takes it, without waiting.
    deinit { unsafe PQfinish(raw) }
}

/// What stops a statement under way, from any thread.
@safe
// PQcancel is made to be called on another thread (section 34.7 of the manual).
final class CancelTicket: @unchecked Sendable {
    // Set once, in init, and freed in deinit.
    private nonisolated(unsafe) let raw: OpaquePointer

    /// - Returns: `nil` when the connection is gone.
    init?(_ connection: ConnectionMemory) {
        guard let raw = unsafe PQgetCancel(connection.raw) else { return nil }
        unsafe self.raw = raw
    }

    deinit { unsafe PQfreeCancel(raw) }

    /// Asks the server, over a connection of its own; blocks.
    func use() {
        unsafe withUnsafeTemporaryAllocation(of: CChar.self, capacity: 256) { buffer in
            // Whether it came in time shows in what the statement comes to.
            _ = unsafe PQcancel(raw, buffer.baseAddress, Int32(buffer.count))
        }
    }
}
